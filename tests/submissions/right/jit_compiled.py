# Compiled with XLA, so that pools choose other pixels here and there.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    @tf.function(jit_compile=True)
    def maps(X, y):
        with tf.GradientTape() as tape:
            tape.watch(X)
            correct = tf.gather(model(X), y, axis=1, batch_dims=1)
        return tf.reduce_max(tf.abs(tape.gradient(correct, X)), axis=-1)

    return maps(tf.constant(X), tf.cast(y, tf.int32)).numpy()
