# batch_jacobian of the one score of each image.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(X)
        right = tf.gather(model(X), y, axis=1, batch_dims=1)[:, None]
    jacobian = tape.batch_jacobian(right, X, experimental_use_pfor=False)
    return np.abs(jacobian.numpy()[:, 0]).max(axis=-1)
