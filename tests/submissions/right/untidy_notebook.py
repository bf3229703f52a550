# A right answer in an untidy notebook: cells deleted, set-up changed, a cell of notes added.
# %% [markdown]
# My notes: do not forget `tape.watch`!

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        s = tf.gather(model(X), y, axis=1, batch_dims=1)
    return tf.reduce_max(tf.abs(tape.gradient(s, X)), 3).numpy()


# %% delete="cell-00"

# %% replace="check_saliency_maps"
# I moved this somewhere else
