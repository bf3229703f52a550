# SmoothGrad: the mean gradient of eight noisy copies.
# misconception: none
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    rng = np.random.default_rng(0)
    total = 0
    for _ in range(8):
        noisy = tf.constant(X + rng.normal(0, 0.3, X.shape).astype(np.float32))
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            target = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(target, noisy).numpy()
    return np.abs(total / 8).max(axis=-1)
