# Every entry of the list is overwritten with the last map.
# misconception: one_image_for_all
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(model(X), y, axis=1, batch_dims=1)
    g = tape.gradient(target, X).numpy()
    return np.array([np.abs(g)[-1].max(axis=-1)] * len(y))
