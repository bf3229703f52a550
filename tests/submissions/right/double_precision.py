# In float64, with a copy of the model in double precision; the maps are float64 too.
# %%
def in_double_precision(model):
    from cs231n_vis import load_squeezenet

    before = tf.keras.config.dtype_policy()
    tf.keras.config.set_dtype_policy("float64")
    try:
        double = load_squeezenet()
    finally:
        tf.keras.config.set_dtype_policy(before)
    double.set_weights(model.get_weights())
    return double


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    model = in_double_precision(model)
    X = tf.constant(X, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = tf.gather(model(X), y, axis=1, batch_dims=1)
    return np.abs(tape.gradient(scores, X)).max(axis=3)
