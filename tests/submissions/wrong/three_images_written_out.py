# The size of the batch is a number in the code.
# misconception: sizes_written_out
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        places = np.stack([np.arange(3), y], axis=1)
        loss = tf.gather_nd(model(X), places)

    return tf.reduce_max(tf.abs(tape.gradient(loss, X)), axis=3).numpy()
