# The work is spread over helper functions, in cells before and after the answer.
# %%
def forward(X, y, model):
    scores = model(X)
    return tf.reduce_sum(tf.one_hot(y, 1000) * scores, axis=1)


# %%
def backward(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = forward(X, y, model)
    return tape.gradient(target, X)


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return biggest_colour(backward(X, y, model))


# %%
def biggest_colour(gradient):
    return tf.reduce_max(tf.abs(gradient), axis=-1).numpy()
