# Returns the maps and the scores together, as return a, b does.
# misconception: not_an_array
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        target = tf.gather(scores, y, axis=1, batch_dims=1)
    g = tape.gradient(target, X).numpy()
    return np.abs(g).max(axis=-1), scores.numpy()
