# A loop that stops one image early.
# misconception: not_one_map_each
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(model(X), y, axis=1, batch_dims=1)
    g = tape.gradient(target, X).numpy()
    maps = []
    for n in range(len(y) - 1):
        maps.append(np.abs(g[n]).max(axis=-1))
    return maps
