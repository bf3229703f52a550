# The largest colour by sorting, as a view that is not contiguous.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        s = tf.linalg.diag_part(tf.gather(model(X), y, axis=1))
    return np.sort(np.abs(tape.gradient(s, X).numpy()), axis=-1)[..., -1]
