# tf.gather without batch_dims: an (N, N) matrix of scores.
# misconception: every_label_for_every_image
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(model(X), y, axis=1)
    g = tape.gradient(target, X).numpy()
    return np.abs(g).max(axis=-1)
