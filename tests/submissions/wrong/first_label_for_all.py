# The first label for every image.
# misconception: labels_mixed_up
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = model(X)[:, y[0]]
    g = tape.gradient(target, X).numpy()
    return np.abs(g).max(axis=-1)
