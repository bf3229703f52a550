# Raises an exception: gather_nd gets floats.
# misconception: none
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather_nd(model(X), tf.stack((tf.range(X.shape[0], dtype=tf.float32), y), axis=1))
    g = tape.gradient(target, X).numpy()
    return np.abs(g).max(axis=-1)
