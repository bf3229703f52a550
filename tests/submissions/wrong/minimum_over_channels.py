# Minimum of the absolute channels.
# misconception: minimum_or_median_over_channels
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(model(X), y, axis=1, batch_dims=1)
    g = tape.gradient(target, X).numpy()
    return np.abs(g).min(axis=-1)
