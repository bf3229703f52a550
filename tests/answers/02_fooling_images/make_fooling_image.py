# Answers to make_fooling_image(X, target_y, model); see ../__init__.py.

# %% right="as the solution"
def make_fooling_image(X, target_y, model):
    X_fooling = X.copy()
    for _ in range(100):
        photo = preprocess_image(deprocess_image(X_fooling))
        if np.argmax(model(photo)[0]) == target_y:
            break
        image = tf.convert_to_tensor(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        gradient = tape.gradient(score, image).numpy()
        X_fooling += gradient / np.linalg.norm(gradient)
    return X_fooling


# %% right="a tensor all the way, while"
def make_fooling_image(X, target_y, model):
    image, step = tf.constant(X), 0
    while step < 100 and tf.argmax(model(preprocess_image(deprocess_image(image))), 1)[0] != target_y:
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[:, target_y]
        g = tape.gradient(score, image)
        image = image + g / tf.norm(g)
        step += 1
    return image


# %% right="a variable and shorter steps"
def make_fooling_image(X, target_y, model):
    image = tf.Variable(X)
    for _ in range(100):
        with tf.GradientTape() as tape:
            score = model(image)[0][target_y]
        image.assign_add(0.5 * tf.math.l2_normalize(tape.gradient(score, image), axis=None))
        if int(tf.argmax(model(preprocess_image(deprocess_image(image.numpy())))[0])) == target_y:
            return image.numpy()
    return image.numpy()


# %% right="returns the photograph, compiled gradient"
def make_fooling_image(X, target_y, model):
    @tf.function
    def step(image):
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = tf.reduce_sum(model(image) * tf.one_hot([target_y], 1000))
        g = tape.gradient(score, image)
        return image + g / tf.sqrt(tf.reduce_sum(g**2))

    image = tf.constant(X)
    for _ in range(100):
        photo = preprocess_image(deprocess_image(image.numpy()))
        if model(photo).numpy().argmax() == target_y:
            return photo
        image = step(image)
    return photo


# %% right="descends the cross-entropy of the target"
def make_fooling_image(X, target_y, model):
    image = tf.constant(X)
    for _ in range(100):
        photo = preprocess_image(deprocess_image(image))
        if np.argmax(model(photo)) == target_y:
            break
        with tf.GradientTape() as tape:
            tape.watch(image)
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits([target_y], model(image))
        g = tape.gradient(loss, image)
        image -= g / tf.norm(g)
    return image.numpy()


# %% right="goes on until the target is ahead by 2, in double precision"
def make_fooling_image(X, target_y, model):
    X_fooling = X.astype(np.float64)
    for _ in range(100):
        scores = model(preprocess_image(deprocess_image(X_fooling))).numpy()[0]
        if scores[target_y] - np.delete(scores, target_y).max() > 2:
            break
        image = tf.constant(X_fooling, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        g = tape.gradient(score, image).numpy().astype(np.float64)
        X_fooling = X_fooling + g / np.sqrt((g**2).sum())
    return X_fooling


# %% right="stays within black and white"
def make_fooling_image(X, target_y, model):
    low, high = preprocess_image(np.zeros((1, 1, 3))), preprocess_image(np.full((1, 1, 3), 255))
    X_fooling = np.copy(X)
    for _ in range(100):
        if model(preprocess_image(deprocess_image(X_fooling))).numpy()[0].argmax() == target_y:
            break
        image = tf.Variable(X_fooling)
        with tf.GradientTape() as tape:
            score = model(image)[0, target_y]
        g = tape.gradient(score, image)
        X_fooling = np.clip(X_fooling + (2 * g / tf.norm(g)).numpy(), low, high)
    return X_fooling


# %% wrong="untouched" misconception="nothing_returned"
def make_fooling_image(X, target_y, model):
    learning_rate = 1
    X_fooling = None
    return X_fooling


# %% wrong="stops before the photograph fools" misconception="only_before_rounding"
def make_fooling_image(X, target_y, model):
    X_fooling = X.copy()
    for _ in range(100):
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            scores = model(image)
            score = scores[0, target_y]
        if np.argmax(scores[0]) == target_y:
            break
        g = tape.gradient(score, image).numpy()
        X_fooling += g / np.linalg.norm(g)
    return X_fooling


# %% wrong="no copy" misconception="changes_its_input"
def make_fooling_image(X, target_y, model):
    X_fooling = X
    for _ in range(100):
        if np.argmax(model(preprocess_image(deprocess_image(X_fooling)))) == target_y:
            break
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        g = tape.gradient(score, image).numpy()
        X_fooling += g / np.linalg.norm(g)
    return X_fooling


# %% wrong="downhill" misconception="away_from_the_target"
def make_fooling_image(X, target_y, model):
    X_fooling = X.copy()
    for _ in range(20):
        if np.argmax(model(preprocess_image(deprocess_image(X_fooling)))) == target_y:
            break
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        g = tape.gradient(score, image).numpy()
        X_fooling -= g / (np.linalg.norm(g) + 1e-9)
    return X_fooling


# %% wrong="uphill on the cross-entropy" misconception="more_of_the_same"
def make_fooling_image(X, target_y, model):
    image = tf.constant(X)
    for _ in range(10):
        with tf.GradientTape() as tape:
            tape.watch(image)
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits([target_y], model(image))
        g = tape.gradient(loss, image)
        image += g / tf.norm(g)
        if np.argmax(model(image)) == target_y:
            break
    return image


# %% wrong="the change alone" misconception="only_the_change"
def make_fooling_image(X, target_y, model):
    change = np.zeros_like(X)
    for _ in range(100):
        if np.argmax(model(preprocess_image(deprocess_image(X + change)))) == target_y:
            break
        image = tf.constant(X + change)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        g = tape.gradient(score, image).numpy()
        change += g / np.linalg.norm(g)
    return change


# %% wrong="gradient not normalised" misconception="steps_too_long"
def make_fooling_image(X, target_y, model):
    X_fooling = X.copy()
    for _ in range(100):
        if np.argmax(model(preprocess_image(deprocess_image(X_fooling)))) == target_y:
            break
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        X_fooling += tape.gradient(score, image).numpy()
    return X_fooling


# %% wrong="normalised by the squared norm" misconception="stops_too_early"
def make_fooling_image(X, target_y, model):
    X_fooling = X.copy()
    for _ in range(10):
        if np.argmax(model(preprocess_image(deprocess_image(X_fooling)))) == target_y:
            break
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        g = tape.gradient(score, image).numpy()
        X_fooling += 0.1 * g / np.sum(g**2)
    return X_fooling


# %% wrong="sign instead of the gradient" misconception="sign_steps"
def make_fooling_image(X, target_y, model):
    X_fooling = X.copy()
    for _ in range(100):
        if np.argmax(model(preprocess_image(deprocess_image(X_fooling)))) == target_y:
            break
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        X_fooling += 0.05 * np.sign(tape.gradient(score, image).numpy())
    return X_fooling


# %% wrong="never stops in its 100 steps" misconception="does_not_stop"
def make_fooling_image(X, target_y, model):
    X_fooling = X.copy()
    for _ in range(100):
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        g = tape.gradient(score, image).numpy()
        X_fooling += g / np.linalg.norm(g)
    return X_fooling


# %% wrong="return inside the loop" misconception="stops_too_early"
def make_fooling_image(X, target_y, model):
    X_fooling = X.copy()
    for _ in range(100):
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        g = tape.gradient(score, image).numpy()
        X_fooling += g / np.linalg.norm(g)
        return X_fooling


# %% wrong="every step starts from the original" misconception="stops_too_early"
def make_fooling_image(X, target_y, model):
    for _ in range(10):
        image = tf.constant(X)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        g = tape.gradient(score, image).numpy()
        X_fooling = X + g / np.linalg.norm(g)
        if np.argmax(model(X_fooling)) == target_y:
            break
    return X_fooling


# %% wrong="raises the second best" misconception="another_class"
def make_fooling_image(X, target_y, model):
    X_fooling, second = X.copy(), np.argsort(model(X)[0])[-2]
    for _ in range(100):
        if np.argmax(model(preprocess_image(deprocess_image(X_fooling)))) == second:
            break
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, second]
        g = tape.gradient(score, image).numpy()
        X_fooling += g / np.linalg.norm(g)
    return X_fooling


# %% wrong="raises the highest score" misconception="more_of_the_same"
def make_fooling_image(X, target_y, model):
    X_fooling = X.copy()
    for _ in range(10):
        if np.argmax(model(X_fooling)) == target_y:
            break
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = tf.reduce_max(model(image))
        g = tape.gradient(score, image).numpy()
        X_fooling += g / np.linalg.norm(g)
    return X_fooling


# %% wrong="target counted from one" misconception="another_class"
def make_fooling_image(X, target_y, model):
    X_fooling = X.copy()
    target_y = target_y - 1
    for _ in range(100):
        if np.argmax(model(preprocess_image(deprocess_image(X_fooling)))) == target_y:
            break
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        g = tape.gradient(score, image).numpy()
        X_fooling += g / np.linalg.norm(g)
    return X_fooling


# %% wrong="starts from noise" misconception="does_not_start_from_the_image"
def make_fooling_image(X, target_y, model):
    X_fooling = np.random.RandomState(0).normal(size=X.shape).astype(np.float32)
    for _ in range(20):
        if np.argmax(model(preprocess_image(deprocess_image(X_fooling)))) == target_y:
            break
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        g = tape.gradient(score, image).numpy()
        X_fooling += g / np.linalg.norm(g)
    return X_fooling


# %% wrong="a picture to look at" misconception="not_preprocessed"
def make_fooling_image(X, target_y, model):
    X_fooling = X.copy()
    for _ in range(100):
        if np.argmax(model(preprocess_image(deprocess_image(X_fooling)))) == target_y:
            break
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        g = tape.gradient(score, image).numpy()
        X_fooling += g / np.linalg.norm(g)
    return deprocess_image(X_fooling)


# %% wrong="one image without its batch" misconception="batch_axis_lost"
def make_fooling_image(X, target_y, model):
    X_fooling = X.copy()
    for _ in range(100):
        if np.argmax(model(preprocess_image(deprocess_image(X_fooling)))) == target_y:
            break
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        g = tape.gradient(score, image).numpy()
        X_fooling += g / np.linalg.norm(g)
    return X_fooling[0]


# %% wrong="computes and forgets" misconception="unchanged"
def make_fooling_image(X, target_y, model):
    X_fooling = X.copy()
    for _ in range(10):
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        g = tape.gradient(score, image)
        image = image + g / tf.norm(g)
    return X_fooling


# %% wrong="returns the scores" misconception="not_an_image_like_x"
def make_fooling_image(X, target_y, model):
    return model(X)


# %% wrong="without end" misconception="none"
def make_fooling_image(X, target_y, model):
    X_fooling = X.copy()
    while np.argmax(model(X_fooling)) != target_y:
        image = tf.constant(X_fooling)
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = model(image)[0, target_y]
        g = tape.gradient(score, image).numpy()
        X_fooling -= g / (np.linalg.norm(g) + 1e-9)
    return X_fooling


# %% wrong="a tiny number added everywhere" misconception="none"
def make_fooling_image(X, target_y, model):
    return X + 5e-5
