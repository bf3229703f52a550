# Returns a TensorFlow tensor instead of an array.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = tf.gather(model(X), y, axis=1, batch_dims=1)
    return tf.reduce_max(tf.abs(tape.gradient(scores, X)), axis=3)
