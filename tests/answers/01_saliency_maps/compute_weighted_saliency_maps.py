# Answers to compute_weighted_saliency_maps(X, losses, model); see ../__init__.py.

# %% right="sum in the tape"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = sum(weight * loss(scores) for loss, weight in losses)
    return tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3).numpy()


# %% right="starts from zero and adds"
def compute_weighted_saliency_maps(X, losses, model):
    image = tf.Variable(X)
    with tf.GradientTape() as tape:
        scores = model(image)
        total = tf.zeros(len(X))
        for loss, weight in losses:
            total += weight * loss(scores)
    return np.abs(tape.gradient(total, image)).max(-1)


# %% right="one gradient for each loss, added before the absolute value"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(X)
        scores = model(X)
        values = [loss(scores) for loss, _ in losses]
    gradient = np.zeros(X.shape)
    for value, (_, weight) in zip(values, losses):
        gradient += weight * tape.gradient(value, X).numpy()
    return np.abs(gradient).max(axis=-1)


# %% right="one image at a time"
def compute_weighted_saliency_maps(X, losses, model):
    maps = []
    for image in X:
        image = tf.constant(image[None])
        with tf.GradientTape() as tape:
            tape.watch(image)
            scores = model(image)
            total = tf.add_n([tf.reduce_sum(loss(scores)) * weight for loss, weight in losses])
        maps.append(tf.reduce_max(tf.abs(tape.gradient(total, image)), axis=-1)[0])
    return tf.stack(maps)


# %% right="compiled"
def compute_weighted_saliency_maps(X, losses, model):
    @tf.function
    def gradient(images):
        with tf.GradientTape() as tape:
            tape.watch(images)
            scores = model(images, training=False)
            stacked = tf.stack([loss(scores) for loss, _ in losses], axis=0)
            total = tf.tensordot(tf.constant([float(w) for _, w in losses]), stacked, 1)
        return tape.gradient(total, images)

    return tf.reduce_max(tf.abs(gradient(tf.constant(X))), axis=3)


# %% right="weights as the gradient that comes in"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        values = [loss(scores) for loss, _ in losses]
    weights = [tf.fill([len(X)], float(weight)) for _, weight in losses]
    gradient = tape.gradient(values, X, output_gradients=weights)
    return tf.math.reduce_max(tf.math.abs(gradient), axis=-1).numpy()


# %% right="gradient by the scores first, then by the image"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape() as outer:
        outer.watch(X)
        scores = model(X)
    with tf.GradientTape() as inner:
        inner.watch(scores)
        total = sum(w * f(scores) for f, w in losses)
    slope = inner.gradient(total, scores)
    return np.max(np.abs(outer.gradient(scores, X, slope)), axis=3)


# %% wrong="untouched" misconception="nothing_returned"
def compute_weighted_saliency_maps(X, losses, model):
    saliency = None
    return saliency


# %% wrong="weights left out" misconception="weights_left_out"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = sum(loss(scores) for loss, weight in losses)
    return tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3).numpy()


# %% wrong="adds maps" misconception="maps_added_instead_of_losses"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    maps = 0
    for loss, weight in losses:
        with tf.GradientTape() as tape:
            tape.watch(X)
            total = loss(model(X))
        maps = maps + abs(weight) * tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3)
    return maps


# %% wrong="brightest of the maps" misconception="maps_added_instead_of_losses"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    maps = []
    for loss, weight in losses:
        with tf.GradientTape() as tape:
            tape.watch(X)
            total = weight * loss(model(X))
        maps.append(tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3))
    return np.max(maps, axis=0)


# %% wrong="weights without their sign" misconception="sign_of_the_weights"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = sum(abs(weight) * loss(scores) for loss, weight in losses)
    return tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3).numpy()


# %% wrong="the last loss replaces the others" misconception="one_loss_only"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        for loss, weight in losses:
            total = weight * loss(scores)
    return tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3).numpy()


# %% wrong="returns inside the loop" misconception="one_loss_only"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    for loss, weight in losses:
        with tf.GradientTape() as tape:
            tape.watch(X)
            total = weight * loss(model(X))
        return tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3).numpy()


# %% wrong="begins with the second loss" misconception="a_loss_left_out"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = 0
        for i in range(1, len(losses)):
            total += losses[i][1] * losses[i][0](scores)
    return tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3).numpy()


# %% wrong="weights in reverse order" misconception="weights_in_the_wrong_place"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    weights = [weight for _, weight in losses]
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = 0
        for loss, _ in losses:
            total += weights.pop() * loss(scores)
    return tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3).numpy()


# %% wrong="no absolute value" misconception="no_absolute_value"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = sum(weight * loss(scores) for loss, weight in losses)
    return tf.reduce_max(tape.gradient(total, X), axis=3).numpy()


# %% wrong="absolute value after the maximum" misconception="absolute_value_after_maximum"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = sum(weight * loss(scores) for loss, weight in losses)
    return np.abs(tf.reduce_max(tape.gradient(total, X), axis=3))


# %% wrong="sum over the colours" misconception="sum_over_channels"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = sum(weight * loss(scores) for loss, weight in losses)
    return tf.reduce_sum(tf.abs(tape.gradient(total, X)), axis=3).numpy()


# %% wrong="mean over the colours" misconception="mean_over_channels"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = sum(weight * loss(scores) for loss, weight in losses)
    return tf.reduce_mean(tf.abs(tape.gradient(total, X)), axis=3).numpy()


# %% wrong="colours kept" misconception="channels_kept"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = sum(weight * loss(scores) for loss, weight in losses)
    return tf.abs(tape.gradient(total, X)).numpy()


# %% wrong="a map for each loss" misconception="one_map_for_each_loss"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    maps = []
    for loss, weight in losses:
        with tf.GradientTape() as tape:
            tape.watch(X)
            total = weight * loss(model(X))
        maps.append(tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3))
    return np.stack(maps)


# %% wrong="divided by the sum of the weights" misconception="weights_made_to_sum_to_one"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = sum(weight * loss(scores) for loss, weight in losses)
        total /= sum(weight for _, weight in losses)
    return tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3).numpy()


# %% wrong="mean over the batch" misconception="weights_made_to_sum_to_one"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = tf.reduce_mean(sum(weight * loss(scores) for loss, weight in losses))
    return tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3).numpy()


# %% wrong="probabilities instead of scores" misconception="none"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = tf.nn.softmax(model(X))
        total = sum(weight * loss(scores) for loss, weight in losses)
    return tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3).numpy()


# %% wrong="scaled for display, as keras-vis does" misconception="normalised"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = sum(weight * loss(scores) for loss, weight in losses)
    maps = np.abs(tape.gradient(total, X).numpy()).max(-1)
    low = maps.min((1, 2), keepdims=True)
    high = maps.max((1, 2), keepdims=True)
    return (maps - low) / (high - low)


# %% wrong="squeezed" misconception="axis_of_one_lost"
def compute_weighted_saliency_maps(X, losses, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = sum(weight * loss(scores) for loss, weight in losses)
    return tf.squeeze(tf.reduce_max(tf.abs(tape.gradient(total, X)), axis=3, keepdims=True))
