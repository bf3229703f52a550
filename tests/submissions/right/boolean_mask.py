# The right scores with a boolean mask.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    mask = np.zeros((len(y), 1000), dtype=bool)
    mask[np.arange(len(y)), y] = True
    with tf.GradientTape() as tape:
        tape.watch(X)
        correct = tf.boolean_mask(model(X), mask)
    g = tape.gradient(correct, X).numpy()
    g[g < 0] *= -1
    return g.max(axis=3)
