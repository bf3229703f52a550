# Gradient of the cross-entropy of each image.
# misconception: log_softmax_or_cross_entropy
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(X))
    g = tape.gradient(target, X).numpy()
    return np.abs(g).max(axis=-1)
