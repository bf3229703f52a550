# The right scores with einsum, the maximum over a transposed gradient.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        picked = tf.einsum("nk,nk->n", model(X), tf.one_hot(y, 1000))
    g = np.moveaxis(tape.gradient(picked, X).numpy(), -1, 0)
    return np.maximum(g, -g).max(axis=0)
