# The mean of all maps, for each image.
# misconception: averaged_over_batch
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(model(X), y, axis=1, batch_dims=1)
    g = tape.gradient(target, X).numpy()
    m = np.abs(g).max(axis=-1)
    return np.broadcast_to(m.mean(axis=0), m.shape)
