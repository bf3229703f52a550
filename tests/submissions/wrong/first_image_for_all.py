# Takes the first image in every turn of the loop.
# misconception: one_image_for_all
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    maps = []
    for n in range(len(y)):
        x = tf.convert_to_tensor(X[0:1])
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = model(x)[0, y[0]]
        maps.append(np.abs(tape.gradient(score, x)[0]).max(axis=-1))
    return np.array(maps)
