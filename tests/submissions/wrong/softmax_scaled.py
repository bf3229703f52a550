# Gradient of the probability, scaled to 0..1 to see something.
# misconception: softmax
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(tf.nn.softmax(model(X)), y, axis=1, batch_dims=1)
    g = tape.gradient(target, X).numpy()
    m = np.abs(g).max(axis=-1)
    return m / m.max(axis=(1, 2), keepdims=True)
