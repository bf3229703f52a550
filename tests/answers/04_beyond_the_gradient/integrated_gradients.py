# Answers to integrated_gradients(X, y, model, baseline, steps); see ../__init__.py.

# %% right="adds, multiplies at the end"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) * total / steps


# %% right="between two weights"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for place in (np.arange(steps) + 0.5) / steps:
        images = tf.constant((1 - place) * baseline + place * X, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) * total / steps


# %% right="linspace"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for place in np.linspace(0.5 / steps, 1 - 0.5 / steps, steps):
        images = tf.constant(baseline + place * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return ((X - baseline) * total / steps).astype(np.float32)


# %% right="one large batch"
def integrated_gradients(X, y, model, baseline, steps):
    places = ((np.arange(steps, dtype=np.float32) + 0.5) / steps).reshape(-1, 1, 1, 1, 1)
    images = tf.reshape(baseline + places * (X - baseline), (-1, *X.shape[1:]))
    with tf.GradientTape() as tape:
        tape.watch(images)
        score = tf.gather(model(images), np.tile(y, steps), axis=1, batch_dims=1)
    gradients = tf.reshape(tape.gradient(score, images), (steps, *X.shape))
    return ((X - baseline) * tf.reduce_mean(gradients, axis=0)).numpy()


# %% right="image by image"
def integrated_gradients(X, y, model, baseline, steps):
    attributions = np.empty_like(X)
    for n in range(len(X)):
        difference = X[n] - baseline[n]
        images = tf.stack(
            [baseline[n] + (k - 0.5) / steps * difference for k in range(1, steps + 1)]
        )
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.reduce_mean(model(images)[:, int(y[n])])
        attributions[n] = difference * tf.reduce_sum(tape.gradient(score, images), axis=0)
    return attributions


# %% right="gradient by the image of the mean score"
def integrated_gradients(X, y, model, baseline, steps):
    way = tf.constant(X - baseline)
    shift = tf.Variable(tf.zeros_like(way))
    with tf.GradientTape() as tape:
        total = 0.0
        for k in range(steps):
            scores = model(shift + baseline + (2 * k + 1) / (2 * steps) * way)
            total += tf.reduce_sum(scores * tf.one_hot(y, 1000)) / steps
    return (way * tape.gradient(total, shift)).numpy()


# %% right="from the image backwards, compiled"
def integrated_gradients(X, y, model, baseline, steps):
    @tf.function
    def gradient(images, labels):
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), labels, axis=1, batch_dims=1)
        return tape.gradient(score, images)

    step = (X - baseline) / steps
    labels = tf.constant(y)
    return sum(gradient(tf.constant(X - (k + 0.5) * step), labels) * step for k in range(steps))


# %% wrong="untouched" misconception="nothing_returned"
def integrated_gradients(X, y, model, baseline, steps):
    attributions = None
    return attributions


# %% wrong="mean gradient" misconception="not_multiplied_by_the_way"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return total / steps


# %% wrong="times the image" misconception="multiplied_by_the_image"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return X * total / steps


# %% wrong="left ends" misconception="ends_instead_of_middles"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + step / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) * total / steps


# %% wrong="right ends, as in the paper" misconception="ends_instead_of_middles"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(1, steps + 1):
        images = tf.constant(baseline + step / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) * total / steps


# %% wrong="linspace from 0 to 1" misconception="ends_instead_of_middles"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for place in np.linspace(0, 1, steps):
        images = tf.constant(baseline + place * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) * total / steps


# %% wrong="trapezoid" misconception="ends_instead_of_middles"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps + 1):
        images = tf.constant(baseline + step / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        weight = 0.5 if step in (0, steps) else 1
        total += weight * tape.gradient(score, images).numpy()
    return (X - baseline) * total / steps


# %% wrong="sum" misconception="scaled"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) * total


# %% wrong="gradient times difference" misconception="only_the_end_of_the_way"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(1):
        images = tf.constant(X, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) * total


# %% wrong="gradient half way" misconception="only_the_end_of_the_way"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(1):
        images = tf.constant((X + baseline) / 2, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) * total


# %% wrong="baseline ignored" misconception="baseline_ignored"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant((step + 0.5) / steps * X, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return X * total / steps


# %% wrong="way ends elsewhere" misconception="another_way"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * X, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) * total / steps


# %% wrong="way from zero" misconception="another_way"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant((step + 0.5) / steps * X, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) * total / steps


# %% wrong="last step only" misconception="one_step_only"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total = tape.gradient(score, images)
    return (X - baseline) * total


# %% wrong="returns inside the loop" misconception="one_step_only"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
        return (X - baseline) * total / steps
    return (X - baseline) * total / steps


# %% wrong="begins with step one" misconception="a_step_left_out"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(1, steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) * total / steps


# %% wrong="difference the wrong way round" misconception="sign_turned"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return (baseline - X) * total / steps


# %% wrong="absolute gradients" misconception="sign_lost_before_the_mean"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += np.abs(tape.gradient(score, images))
    return (X - baseline) * total / steps


# %% wrong="absolute value at the end" misconception="sign_lost"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return np.abs((X - baseline) * total / steps)


# %% wrong="a map" misconception="colours_reduced"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return ((X - baseline) * total / steps).sum(axis=-1)


# %% wrong="mean over the images" misconception="images_reduced"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return ((X - baseline) * total / steps).mean(axis=0)


# %% wrong="a list of steps" misconception="steps_not_averaged"
def integrated_gradients(X, y, model, baseline, steps):
    total = []
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total.append(tape.gradient(score, images))
    return (X - baseline) * np.stack(total)


# %% wrong="writes into the images" misconception="changes_its_input"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    X -= baseline
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * X, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return X * total / steps


# %% wrong="best class" misconception="predicted_class"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.reduce_max(model(images), axis=1)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) * total / steps


# %% wrong="probabilities" misconception="softmax"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(tf.nn.softmax(model(images)), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) * total / steps


# %% wrong="all classes" misconception="all_classes_summed"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = model(images)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) * total / steps


# %% wrong="multiplied twice" misconception="none"
def integrated_gradients(X, y, model, baseline, steps):
    total = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        total += tape.gradient(score, images).numpy()
    return (X - baseline) ** 2 * total / steps


# %% wrong="as on TensorFlow's page: probabilities and trapezoids" misconception="softmax"
def integrated_gradients(X, y, model, baseline, steps):
    gradients = []
    for alpha in np.linspace(0, 1, steps + 1):
        images = tf.constant(baseline + alpha * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(tf.nn.softmax(model(images)), y, axis=1, batch_dims=1)
        gradients.append(tape.gradient(score, images).numpy())
    gradients = np.stack(gradients)
    mean = ((gradients[:-1] + gradients[1:]) / 2).mean(0)
    return (X - baseline) * mean


# %% wrong="the same, without the way" misconception="softmax"
def integrated_gradients(X, y, model, baseline, steps):
    gradients = []
    for alpha in np.linspace(0, 1, steps + 1):
        images = tf.constant(baseline + alpha * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(tf.nn.softmax(model(images)), y, axis=1, batch_dims=1)
        gradients.append(tape.gradient(score, images).numpy())
    gradients = np.stack(gradients)
    mean = ((gradients[:-1] + gradients[1:]) / 2).mean(0)
    return mean


# %% wrong="trapezoids, without the way" misconception="not_multiplied_by_the_way"
def integrated_gradients(X, y, model, baseline, steps):
    gradients = []
    for alpha in np.linspace(0, 1, steps + 1):
        images = tf.constant(baseline + alpha * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        gradients.append(tape.gradient(score, images).numpy())
    gradients = np.stack(gradients)
    mean = ((gradients[:-1] + gradients[1:]) / 2).mean(0)
    return mean


# %% wrong="Keras's loss" misconception="loss_of_scores"
def integrated_gradients(X, y, model, baseline, steps):
    gradients = []
    for alpha in np.linspace(0, 1, steps + 1):
        images = tf.constant(baseline + alpha * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = -tf.keras.losses.sparse_categorical_crossentropy(y, model(images))
        gradients.append(tape.gradient(score, images).numpy())
    gradients = np.stack(gradients)
    mean = ((gradients[:-1] + gradients[1:]) / 2).mean(0)
    return (X - baseline) * mean


# %% wrong="only the first image is filled in" misconception="some_left_empty"
def integrated_gradients(X, y, model, baseline, steps):
    result = np.zeros_like(X)
    for step in range(steps):
        images = tf.constant(baseline + (step + 0.5) / steps * (X - baseline), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather(model(images), y, axis=1, batch_dims=1)
        result[0] += tape.gradient(score, images)[0].numpy() * (X - baseline)[0] / steps
    return result
