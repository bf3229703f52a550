# Absolute value of the sum of channels.
# misconception: absolute_value_after_maximum
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(model(X), y, axis=1, batch_dims=1)
    g = tape.gradient(target, X).numpy()
    return np.abs(g.sum(axis=-1))
