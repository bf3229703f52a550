# Gradient of the mean of all scores.
# misconception: all_classes_summed
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.reduce_mean(model(X))
    g = tape.gradient(target, X).numpy()
    return np.abs(g).max(axis=-1)
