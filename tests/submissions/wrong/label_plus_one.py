# Thinks that labels begin with 1 and adds one.
# misconception: label_off_by_one
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    y = y + 1
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(model(X), y, axis=1, batch_dims=1)
    g = tape.gradient(target, X).numpy()
    return np.abs(g).max(axis=-1)
