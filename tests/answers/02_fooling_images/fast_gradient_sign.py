# Answers to fast_gradient_sign(X, y, model, epsilon); see ../__init__.py.

# %% right="as the solution"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return (X + epsilon * tf.sign(g)).numpy()


# %% right="Keras, mean over the batch"
def fast_gradient_sign(X, y, model, epsilon):
    loss_of = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    image = tf.Variable(X)
    with tf.GradientTape() as tape:
        loss = loss_of(y, model(image))
    return X + epsilon * np.sign(tape.gradient(loss, image).numpy())


# %% right="written out"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        scores = model(image)
        loss = tf.reduce_logsumexp(scores, axis=1) - tf.gather(scores, y, batch_dims=1)
    return image + epsilon * tf.sign(tape.gradient(loss, image))


# %% right="one image at a time"
def fast_gradient_sign(X, y, model, epsilon):
    changed = np.empty_like(X)
    for n in range(len(X)):
        image = tf.constant(X[n : n + 1])
        with tf.GradientTape() as tape:
            tape.watch(image)
            log_p = tf.nn.log_softmax(model(image))[0, int(y[n])]
        changed[n] = X[n] - epsilon * np.sign(tape.gradient(log_p, image)[0])
    return changed


# %% right="away from the probability"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        p = tf.nn.softmax(model(image))
        of_label = tf.reduce_sum(p * tf.one_hot(y, 1000), axis=1)
    return X - epsilon * np.sign(tape.gradient(of_label, image))


# %% right="compiled"
def fast_gradient_sign(X, y, model, epsilon):
    @tf.function
    def gradient(image, label):
        with tf.GradientTape() as tape:
            tape.watch(image)
            scores = model(image, training=False)
            loss = tf.nn.softmax_cross_entropy_with_logits(tf.one_hot(label, 1000), scores)
        return tape.gradient(loss, image)

    return X + epsilon * tf.sign(gradient(tf.constant(X), tf.constant(y))).numpy()


# %% right="up or down, never none"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return np.where(g.numpy() > 0, X + epsilon, X - epsilon)


# %% wrong="untouched" misconception="nothing_returned"
def fast_gradient_sign(X, y, model, epsilon):
    X_changed = None
    return X_changed


# %% wrong="writes into X" misconception="changes_its_input"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    X += epsilon * np.sign(g.numpy())
    return X


# %% wrong="the wrong way" misconception="downhill"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return (X - epsilon * tf.sign(g)).numpy()


# %% wrong="the score, forgetting the loss" misconception="score_instead_of_loss"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.gather(model(image), y, batch_dims=1)
    g = tape.gradient(loss, image)
    return (X - epsilon * tf.sign(g)).numpy()


# %% wrong="the score, and uphill" misconception="score_instead_of_loss"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.gather(model(image), y, batch_dims=1)
    g = tape.gradient(loss, image)
    return (X + epsilon * tf.sign(g)).numpy()


# %% wrong="Keras without from_logits" misconception="scores_taken_for_probabilities"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.keras.losses.sparse_categorical_crossentropy(y, model(image))
    g = tape.gradient(loss, image)
    return (X + epsilon * tf.sign(g)).numpy()


# %% wrong="softmax twice" misconception="two_softmaxes"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tf.nn.softmax(model(image)))
    g = tape.gradient(loss, image)
    return (X + epsilon * tf.sign(g)).numpy()


# %% wrong="no sign" misconception="no_sign"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return X + epsilon * g.numpy()


# %% wrong="step of length epsilon" misconception="no_sign"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return X + epsilon * (g / tf.sqrt(tf.reduce_sum(g**2, axis=(1, 2, 3), keepdims=True))).numpy()


# %% wrong="only the step" misconception="only_the_step"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return epsilon * tf.sign(g)


# %% wrong="epsilon in grey levels" misconception="another_length"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return X + epsilon / 255 * np.sign(g)


# %% wrong="without epsilon" misconception="another_length"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return X + np.sign(g)


# %% wrong="flees from its best guess" misconception="labels_not_used"
def fast_gradient_sign(X, y, model, epsilon):
    y = np.argmax(model(X), axis=1)
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return (X + epsilon * tf.sign(g)).numpy()


# %% wrong="the first label for all" misconception="one_label_for_all"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[y[0]] * len(X), logits=model(image))
    g = tape.gradient(loss, image)
    return (X + epsilon * tf.sign(g)).numpy()


# %% wrong="absolute value" misconception="no_direction"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return X + epsilon * np.sign(np.abs(g))


# %% wrong="largest of the three colours" misconception="one_step_for_three_colours"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return X + epsilon * np.sign(tf.reduce_max(g, axis=3, keepdims=True))


# %% wrong="mean gradient of the batch" misconception="one_step_for_all_images"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return X + epsilon * np.sign(tf.reduce_mean(g, axis=0))


# %% wrong="cut to 0..1" misconception="cut_off"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return np.clip(X + epsilon * np.sign(g), 0, 1)


# %% wrong="the first image only" misconception="one_image_only"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return (X + epsilon * np.sign(g))[0]


# %% wrong="one number for each pixel" misconception="colours_lost"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return (X + epsilon * np.sign(g)).max(axis=3)


# %% wrong="a picture to look at" misconception="not_preprocessed"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return deprocess_image(X + epsilon * np.sign(g))


# %% wrong="forgets the step" misconception="unchanged"
def fast_gradient_sign(X, y, model, epsilon):
    image = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    g = tape.gradient(loss, image)
    return X


# %% wrong="at random" misconception="none"
def fast_gradient_sign(X, y, model, epsilon):
    return X + epsilon * np.random.RandomState(0).choice((-1, 1), X.shape)


# %% wrong="CategoricalCrossentropy, as on TensorFlow's page" misconception="scores_taken_for_probabilities"
def fast_gradient_sign(X, y, model, epsilon):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        loss = tf.keras.losses.CategoricalCrossentropy()(tf.one_hot(y, 1000), model(X))
    return X + epsilon * tf.sign(tape.gradient(loss, X))


# %% wrong="softmax over the images" misconception="score_instead_of_loss"
def fast_gradient_sign(X, y, model, epsilon):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = tf.gather(model(X), y, axis=1, batch_dims=1)
        loss = tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=scores)
    return X + epsilon * tf.sign(tape.gradient(loss, X))


# %% wrong="an array under the tape" misconception="array_watched"
def fast_gradient_sign(X, y, model, epsilon):
    with tf.GradientTape() as tape:
        tape.watch(X)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(X))
    return X + epsilon * np.sign(tape.gradient(loss, X))


# %% wrong="batch of three written out" misconception="sizes_written_out"
def fast_gradient_sign(X, y, model, epsilon):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tf.reshape(model(X), (3, 1000)))
    return X + epsilon * tf.sign(tape.gradient(loss, X))


# %% wrong="squeezed at the end" misconception="axis_of_one_lost"
def fast_gradient_sign(X, y, model, epsilon):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(X))
    return tf.squeeze(X + epsilon * tf.sign(tape.gradient(loss, X)))
