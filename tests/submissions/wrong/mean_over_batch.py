# Gradient of the mean of the right scores: fainter by N.
# misconception: averaged_over_batch
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.reduce_mean(tf.gather(model(X), y, axis=1, batch_dims=1))
    g = tape.gradient(target, X).numpy()
    return np.abs(g).max(axis=-1)
