# The tape gives the signed gradient; the rest is NumPy, with sqrt of squares as absolute value.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X, dtype=tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(X)
        s = model(X)
        s = tf.gather_nd(s, [[i, c] for i, c in enumerate(y)])
    g = np.array(tape.gradient(s, X), dtype=np.float64)
    return np.sqrt(g * g).max(-1)
