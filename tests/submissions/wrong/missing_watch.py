# Forgot tape.watch: the gradient is None, and an object array with it.
# misconception: not_an_array
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        scores = tf.gather(model(X), y, axis=1, batch_dims=1)
    return np.array(tape.gradient(scores, X))
