# Softmax along the first axis.
# misconception: softmax_over_the_images
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        p = tf.nn.softmax(model(X), axis=0)
        loss = tf.gather(p, y, axis=1, batch_dims=1)
    return tf.reduce_max(tf.abs(tape.gradient(loss, X)), axis=3).numpy()
