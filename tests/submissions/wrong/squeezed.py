# Takes away every axis of length one; right but for a single image.
# misconception: axis_of_one_lost
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        loss = tf.gather(model(X), y, axis=1, batch_dims=1)
    return tf.squeeze(tf.reduce_max(tf.abs(tape.gradient(loss, X)), axis=3, keepdims=True)).numpy()
