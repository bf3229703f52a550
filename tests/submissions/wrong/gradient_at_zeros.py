# The gradient at a black image, with one class for all.
# misconception: ignores_the_image
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = np.zeros_like(X)
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = model(X)[:, 243]
    g = tape.gradient(target, X).numpy()
    return np.abs(g).max(axis=-1)
