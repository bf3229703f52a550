# Takes the logarithm of a map that has zeros.
# misconception: nan_or_infinity
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(model(X), y, axis=1, batch_dims=1)
    g = tape.gradient(target, X).numpy()
    m = np.abs(g).max(axis=-1)
    m[m < np.quantile(m, 0.1)] = 0
    return np.log(m)
