# Gradient of all scores, not only of the right one.
# misconception: all_classes_summed
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = model(X)
    g = tape.gradient(target, X).numpy()
    return np.abs(g).max(axis=-1)
