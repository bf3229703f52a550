# Gradient of the highest score.
# misconception: predicted_class
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.reduce_max(model(X), axis=1)
    g = tape.gradient(target, X).numpy()
    return np.abs(g).max(axis=-1)
