# return stands inside the loop, so only the first map comes back.
# misconception: not_one_map_each
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    for image, label in zip(X, y):
        image = tf.convert_to_tensor(image[None])
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, label]
        return np.abs(tape.gradient(score, image)[0]).max(axis=-1)
