# An array of zeros and a loop over two images.
# misconception: some_left_empty
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        loss = tf.gather(model(X), y, axis=1, batch_dims=1)
    gradient = tape.gradient(loss, X).numpy()
    maps = np.zeros(X.shape[:3])
    for n in range(min(2, len(maps))):
        maps[n] = np.abs(gradient[n]).max(-1)
    return maps
