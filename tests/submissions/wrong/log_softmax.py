# Gradient of the log-probability.
# misconception: log_softmax_or_cross_entropy
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(tf.nn.log_softmax(model(X)), y, axis=1, batch_dims=1)
    g = tape.gradient(target, X).numpy()
    return np.abs(g).max(axis=-1)
