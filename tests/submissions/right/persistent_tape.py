# One persistent tape, asked for the gradient of each image's score in turn.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(X)
        scores = model(X)
        wanted = [scores[n, y[n]] for n in range(len(y))]
    maps = [tf.reduce_max(tf.abs(tape.gradient(s, X)[n]), -1) for n, s in enumerate(wanted)]
    del tape
    return tf.stack(maps).numpy()
