# A loop over the images, a tape for each, and the maps stacked in the end.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    saliency = []
    for image, label in zip(X, y):
        image = tf.convert_to_tensor(image[None])
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, int(label)]
        saliency.append(np.max(np.abs(tape.gradient(score, image)[0]), axis=-1))
    return np.stack(saliency)
