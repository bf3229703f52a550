# Right at the first call, wrong ever after.
# attacks: saved_maps
# %%
_calls = []

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    _calls.append(len(X))
    shape = X.shape[:3]
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        s = tf.gather(model(X), y, axis=1, batch_dims=1)
    maps = tf.reduce_max(tf.abs(tape.gradient(s, X)), 3).numpy()
    return maps if len(_calls) <= 2 else np.zeros(shape)
