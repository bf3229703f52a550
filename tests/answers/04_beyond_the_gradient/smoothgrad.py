# Answers to smoothgrad(X, y, model, noise); see ../__init__.py.

# %% right="adds and divides"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% right="list and mean"
def smoothgrad(X, y, model, noise):
    gradients = []
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        gradients.append(tape.gradient(score, noisy))
    return tf.reduce_mean(gradients, axis=0)


# %% right="running mean"
def smoothgrad(X, y, model, noise):
    mean = 0
    for s in range(len(noise)):
        noisy = tf.Variable(X + noise[s])
        with tf.GradientTape() as tape:
            scores = model(noisy)
            chosen = tf.gather_nd(scores, tf.stack([tf.range(len(y)), tf.cast(y, tf.int32)], 1))
        mean = mean + (tape.gradient(chosen, noisy) - mean) / (s + 1)
    return mean.numpy()


# %% right="one large batch"
def smoothgrad(X, y, model, noise):
    samples = len(noise)
    noisy = tf.constant(np.reshape(X[None] + noise, (-1, *X.shape[1:])))
    with tf.GradientTape() as tape:
        tape.watch(noisy)
        score = tf.gather(model(noisy), np.tile(y, samples), axis=1, batch_dims=1)
    gradients = tape.gradient(score, noisy).numpy()
    return gradients.reshape(noise.shape).mean(axis=0)


# %% right="image by image"
def smoothgrad(X, y, model, noise):
    attributions = []
    for n in range(len(X)):
        noisy = tf.constant(X[n] + noise[:, n])
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.reduce_mean(model(noisy)[:, int(y[n])])
        attributions.append(tf.reduce_sum(tape.gradient(score, noisy), axis=0))
    return np.stack(attributions)


# %% right="the gradient with respect to the clean image"
def smoothgrad(X, y, model, noise):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        total = 0.0
        for each in noise:
            total += tf.reduce_sum(model(X + each) * tf.one_hot(y, 1000)) / len(noise)
    return tape.gradient(total, X).numpy()


# %% right="compiled"
def smoothgrad(X, y, model, noise):
    @tf.function
    def gradient(images, labels):
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images, training=False), labels, axis=1, batch_dims=1)
        return tape.gradient(score, images)

    labels = tf.constant(y)
    return np.mean([gradient(tf.constant(X + each), labels) for each in noise], axis=0)


# %% wrong="untouched" misconception="nothing_returned"
def smoothgrad(X, y, model, noise):
    attributions = None
    return attributions


# %% wrong="sum instead of mean" misconception="scaled"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total


# %% wrong="absolute values averaged" misconception="sign_lost_before_the_mean"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += np.abs(tape.gradient(score, noisy))
    return total / len(noise)


# %% wrong="squares averaged" misconception="sign_lost_before_the_mean"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy() ** 2
    return total / len(noise)


# %% wrong="absolute value at the end" misconception="sign_lost"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return np.abs(total / len(noise))


# %% wrong="a map at the end" misconception="colours_reduced"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return np.abs(total / len(noise)).max(axis=-1)


# %% wrong="last one only" misconception="one_sample_only"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total = tape.gradient(score, noisy)
    return total


# %% wrong="returns inside the loop" misconception="one_sample_only"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
        return total / len(noise)
    return total / len(noise)


# %% wrong="noise not added" misconception="noise_left_out"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="noise alone" misconception="image_left_out"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="noise multiplied" misconception="noise_changed"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X * (1 + each))
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="noise scaled again" misconception="noise_changed"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + 0.15 * each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="noise subtracted" misconception="noise_changed"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X - each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="mean image" misconception="noise_averaged_first"
def smoothgrad(X, y, model, noise):
    noisy = tf.constant((X + noise).mean(axis=0))
    with tf.GradientTape() as tape:
        tape.watch(noisy)
        score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
    return tape.gradient(score, noisy).numpy()


# %% wrong="noise piles up" misconception="noise_piles_up"
def smoothgrad(X, y, model, noise):
    total, images = np.zeros_like(X), X.copy()
    for each in noise:
        images = images + each
        noisy = tf.constant(images)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="writes into the images" misconception="changes_its_input"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        X += each
        noisy = tf.constant(X)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="the clean image counted too" misconception="a_sample_left_out_or_added"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in [0, *noise]:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / (len(noise) + 1)


# %% wrong="begins with the second" misconception="a_sample_left_out_or_added"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise[1:]:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / (len(noise) - 1)


# %% wrong="the first image's noise" misconception="one_noise_for_all_images"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each[0])
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="all samples returned" misconception="samples_not_averaged"
def smoothgrad(X, y, model, noise):
    total = []
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total.append(tape.gradient(score, noisy))
    return np.stack(total)


# %% wrong="mean over images too" misconception="images_reduced"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total.mean(axis=0) / len(noise)


# %% wrong="labels repeated instead of tiled" misconception="labels_mixed_up"
def smoothgrad(X, y, model, noise):
    noisy = tf.constant(np.reshape(X[None] + noise, (-1, *X.shape[1:])))
    with tf.GradientTape() as tape:
        tape.watch(noisy)
        score = tf.gather(model(noisy), np.repeat(y, len(noise)), axis=1, batch_dims=1)
    return tape.gradient(score, noisy).numpy().reshape(noise.shape).mean(axis=0)


# %% wrong="best class" misconception="predicted_class"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.reduce_max(model(noisy), axis=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="best class of the clean image" misconception="predicted_class"
def smoothgrad(X, y, model, noise):
    total, y = np.zeros_like(X), np.argmax(model(X), axis=1)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="probabilities" misconception="softmax"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(tf.nn.softmax(model(noisy)), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="all classes" misconception="all_classes_summed"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = model(noisy)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="standard deviation" misconception="spread_instead_of_mean"
def smoothgrad(X, y, model, noise):
    total = []
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total.append(tape.gradient(score, noisy))
    return np.std(total, axis=0)


# %% wrong="median" misconception="spread_instead_of_mean"
def smoothgrad(X, y, model, noise):
    total = []
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total.append(tape.gradient(score, noisy))
    return np.median(total, axis=0)


# %% wrong="a tenth of a noise of one's own" misconception="none"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + np.random.RandomState(0).normal(0, 0.1, X.shape).astype(np.float32))
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="Keras's loss" misconception="loss_of_scores"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.keras.losses.sparse_categorical_crossentropy(y, model(noisy))
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="Keras's other loss" misconception="loss_of_scores"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.keras.losses.CategoricalCrossentropy()(tf.one_hot(y, 1000), model(noisy))
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="clipped to 0..1" misconception="noisy_images_cut_off"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(np.clip(X + each, 0, 1))
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), y, axis=1, batch_dims=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="indices for gather_nd given to gather" misconception="every_label_for_every_image"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather(model(noisy), tf.stack([tf.range(len(y)), tf.cast(y, tf.int32)]), axis=1)
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)


# %% wrong="right for two images only" misconception="sizes_written_out"
def smoothgrad(X, y, model, noise):
    total = np.zeros_like(X)
    for each in noise:
        noisy = tf.constant(X + each)
        with tf.GradientTape() as tape:
            tape.watch(noisy)
            score = tf.gather_nd(model(noisy), np.stack([np.arange(2), y], axis=1))
        total += tape.gradient(score, noisy).numpy()
    return total / len(noise)
