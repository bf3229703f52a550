# The solution of the assignment: one eager tape for the batch, gather_nd.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    y = tf.cast(y, tf.int32)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        correct_scores = tf.gather_nd(scores, tf.stack((tf.range(X.shape[0]), y), axis=1))
    gradient = tape.gradient(correct_scores, X)
    saliency = tf.reduce_max(tf.abs(gradient), axis=3).numpy()
    return saliency
