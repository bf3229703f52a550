# The result is allocated first and filled image by image, indices by hand.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    N, H, W, C = X.shape
    saliency = np.zeros((N, H, W))
    for n in range(N):
        image = tf.constant(X[n : n + 1])
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[:, y[n]]
        g = tape.gradient(score, image).numpy()[0]
        for c in range(C):
            saliency[n] = np.maximum(saliency[n], np.absolute(g[:, :, c]))
    return saliency
