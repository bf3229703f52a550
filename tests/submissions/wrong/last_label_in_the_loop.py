# A variable of an earlier loop: the last label for all.
# misconception: labels_mixed_up
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    for label in y:
        pass
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = model(X)[:, label]
    g = tape.gradient(target, X).numpy()
    return np.abs(g).max(axis=-1)
