# The tape is given an array of NumPy's.
# misconception: array_watched
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    with tf.GradientTape() as tape:
        tape.watch(X)
        loss = tf.gather(model(X), y, axis=1, batch_dims=1)
    return np.abs(tape.gradient(loss, X)).max(-1)
