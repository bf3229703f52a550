# Indices for gather_nd given to gather.
# misconception: every_label_for_every_image
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        rows = tf.range(X.shape[0])
        loss = tf.gather(model(X), tf.stack([rows, tf.cast(y, tf.int32)]), axis=1)
    return tf.reduce_max(tf.abs(tape.gradient(loss, X)), axis=3).numpy()
