# Answers to step_towards_the_box(X, X_start, y, box, model, epsilon, step); see ../__init__.py.


# %% right="as the solution"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% right="compiled"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    @tf.function(autograph=False)
    def gradient(X):
        scores = model(X)
        score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(tf.gradients(score, X)[0]), axis=3)
        share = tf.reduce_sum(tf.where(box, m, 0), (1, 2)) / tf.reduce_sum(m, (1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        return tf.gradients(tf.math.log(share) + 0.1 * log_p, X)[0]

    stepped = X + step * np.sign(gradient(tf.constant(X)))
    return X_start + np.clip(stepped - X_start, -epsilon, epsilon)



# %% right="a loss, downhill, one image at a time"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    new = []
    for image, start, label in zip(X, X_start, y):
        image = tf.Variable(image[None])
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                scores = model(image)
                score = scores[0, label]
            m = tf.reduce_max(tf.abs(inner.gradient(score, image))[0], -1)
            in_box = tf.reduce_sum(tf.boolean_mask(m, box))
            loss = tf.math.log(tf.reduce_sum(m)) - tf.math.log(in_box)
            loss += 0.1 * tf.nn.sparse_softmax_cross_entropy_with_logits([label], scores)[0]
        g = outer.gradient(loss, image)[0].numpy()
        low, high = start - epsilon, start + epsilon
        new.append(np.minimum(np.maximum(image[0] - step * np.sign(g), low), high))
    return np.stack(new)



# %% right="one persistent tape, twice asked"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    image = tf.constant(X)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(image)
        scores = model(image)
        score = tf.reduce_sum(scores * tf.one_hot(y, scores.shape[1]))
        m = tf.reduce_max(tf.abs(tape.gradient(score, image)), axis=3)
        share = tf.reduce_mean(m * tf.cast(box, tf.float32), (1, 2)) / tf.reduce_mean(m, (1, 2))
        p = tf.reduce_sum(tf.nn.softmax(scores) * tf.one_hot(y, scores.shape[1]), axis=1)
        J = tf.reduce_sum(10 * tf.math.log(share) + tf.math.log(p))
    stepped = image + step * tf.sign(tape.gradient(J, image))
    return tf.clip_by_value(stepped, X_start - epsilon, X_start + epsilon)



# %% right="a product of powers of share and probability"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = share * tf.exp(0.1 * log_p)
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% right="scores of the class by gather_nd, a where for the limits"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather_nd(scores, np.stack([np.arange(len(y)), y], axis=1))
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    moved = X + step * direction - X_start
    return X_start + tf.where(tf.abs(moved) > epsilon, epsilon * tf.sign(moved), moved)



# %% wrong="untouched" misconception="nothing_returned"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X_new = None
    return X_new



# %% wrong="no limits" misconception="leaves_the_limits"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return X + step * direction



# %% wrong="limits around X" misconception="leaves_the_limits"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X - epsilon, X + epsilon)



# %% wrong="from the start" misconception="starts_over"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X_start + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="downhill" misconception="downhill"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X - step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="the class alone, by a map in NumPy" misconception="map_has_no_gradient"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = np.abs(inner.gradient(score, X).numpy()).max(axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="the map from outside of the tape" misconception="map_has_no_gradient"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.stop_gradient(tf.math.log(share)) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="the map alone" misconception="class_forgotten"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share)
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="both parts alike" misconception="class_counts_too_much"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="minus the logarithm of the probability" misconception="class_pushed_away"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) - 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="the share outside" misconception="away_from_the_box"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = 1 - tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="not divided" misconception="brightness_instead_of_share"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="share without logarithm" misconception="no_logarithm"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = share + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="probability without logarithm" misconception="no_logarithm"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="the score" misconception="score_instead_of_probability"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * score
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="the map of the log-probability" misconception="map_of_probabilities"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(log_p, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="the map of all scores" misconception="map_of_all_classes"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(scores, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="no absolute value" misconception="another_map"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(inner.gradient(score, X), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="colours added up" misconception="another_map"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_sum(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="one share for all" misconception="one_share_for_all"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside) / tf.reduce_sum(m)
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="only pixels in the box" misconception="only_in_the_box"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction * inside[:, :, None], X_start - epsilon, X_start + epsilon)



# %% wrong="the gradient itself" misconception="no_sign"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = outer.gradient(J, X)
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="the gradient over its largest" misconception="no_sign"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = outer.gradient(J, X)
    direction /= tf.reduce_max(tf.abs(direction), axis=(1, 2, 3), keepdims=True)
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="as far as the limits" misconception="another_length"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + epsilon * direction, X_start - epsilon, X_start + epsilon)



# %% wrong="only the step" misconception="only_the_step"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return step * direction



# %% wrong="the map" misconception="not_images"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return m



# %% wrong="does not step" misconception="unchanged"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)
    return X



# %% wrong="squeezed" misconception="axis_of_one_lost"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.squeeze(np.clip(X + step * direction, X_start - epsilon, X_start + epsilon))



# %% wrong="the box of another corner" misconception="none"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box[::-1, ::-1], tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    return np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)

