# A right answer, in a notebook that has lost its metadata and its cells' ids on the way.
# notebook: lose-metadata
# notebook: lose-ids
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        s = tf.gather(model(X), y, axis=1, batch_dims=1)
    return tf.reduce_max(tf.abs(tape.gradient(s, X)), 3).numpy()
