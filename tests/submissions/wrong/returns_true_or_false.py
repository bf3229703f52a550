# Returns whether each pixel is above the mean.
# misconception: not_an_array
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(model(X), y, axis=1, batch_dims=1)
    g = tape.gradient(target, X).numpy()
    m = np.abs(g).max(axis=-1)
    return m > m.mean()
