# tf.gradients inside a tf.function with an input signature.
# %%
@tf.function(
    input_signature=[tf.TensorSpec((None, None, None, 3)), tf.TensorSpec((None,), tf.int64)],
    autograph=False,
)
def gradients_of_scores(X, y):
    scores = tf.gather(model(X), y, axis=1, batch_dims=1)
    return tf.gradients(scores, X)[0]


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.abs(gradients_of_scores(X, np.asarray(y, np.int64)).numpy()).max(axis=3)
