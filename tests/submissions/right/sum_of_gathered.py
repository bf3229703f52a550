# The scores gathered with batch_dims and summed before the gradient is taken.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    Xt = tf.identity(X)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(Xt)
        total = tf.math.reduce_sum(tf.gather(model(Xt, training=False), y, axis=1, batch_dims=1))
    dX = tape.gradient(total, Xt)
    return tf.math.reduce_max(tf.math.abs(dX), axis=[3]).numpy()
