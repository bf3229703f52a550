# Answers to class_visualization_update_step(X, model, target_y, l2_reg, learning_rate); see
# ../__init__.py.

# %% right="one objective in the tape"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% right="a variable that is changed"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    image = tf.Variable(X)
    with tf.GradientTape() as tape:
        scores = model(image)
        loss = scores[:, target_y] - l2_reg * tf.square(tf.norm(image))
    g = tape.gradient(loss, image)
    image.assign_add(learning_rate * g / tf.sqrt(tf.reduce_sum(g * g)))
    return image


# %% right="the derivative of the penalty by hand"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    tensor = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        score = model(tensor)[0][target_y]
    g = tape.gradient(score, tensor).numpy() - 2 * l2_reg * X
    return X + learning_rate * g / np.linalg.norm(g)


# %% right="descent on the negative objective"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.cast(X, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(X)
        loss = -tf.gather(model(X), target_y, axis=1) + 2 * l2_reg * tf.nn.l2_loss(X)
    g = tape.gradient(loss, X)
    return X - learning_rate * tf.math.l2_normalize(g)


# %% right="compiled"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    @tf.function
    def gradient(image):
        with tf.GradientTape() as tape:
            tape.watch(image)
            scores = model(image, training=False)
            objective = tf.reduce_sum(scores * tf.one_hot([target_y], 1000))
            objective -= l2_reg * tf.reduce_sum(tf.square(image))
        return tape.gradient(objective, image)

    g = gradient(tf.constant(X)).numpy()
    return np.float32(X + learning_rate * g / np.sqrt(np.sum(g**2)))


# %% right="CS231n's tape, on the tensor that is given"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        loss = scores[:, target_y] - l2_reg * tf.reduce_sum(X**2)
    dX = tape.gradient(loss, X)
    X += learning_rate * dX / tf.norm(dX, ord=2)
    return X


# %% right="a small number against division by zero"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    image = tf.convert_to_tensor(X, dtype=tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(image)
        score = tf.gather_nd(model(image), [[0, target_y]])
        size = tf.reduce_sum(tf.square(image))
    g = tape.gradient(score, image) - l2_reg * tape.gradient(size, image)
    g = tf.math.divide(g, tf.norm(tf.reshape(g, [-1])) + 1e-8)
    return tf.add(image, tf.multiply(g, learning_rate)).numpy()


# %% wrong="untouched" misconception="nothing_returned"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X_new = None
    return X_new


# %% wrong="goes down" misconception="goes_down"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    g = tape.gradient(objective, X)
    return (X - learning_rate * g / tf.norm(g)).numpy()


# %% wrong="goes down, with the regularisation of training" misconception="goes_down"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        loss = model(X)[0, target_y] + l2_reg * tf.reduce_sum(X**2)
    g = tape.gradient(loss, X)
    return (X - learning_rate * g / tf.norm(g)).numpy()


# %% wrong="plus the regularisation" misconception="sign_of_the_regularisation"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] + l2_reg * tf.reduce_sum(X**2)
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="no regularisation" misconception="regularisation_left_out"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = model(X)[0, target_y]
    g = tape.gradient(score, X)
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="regularisation computed with NumPy" misconception="regularisation_left_out"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    image = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        objective = model(image)[0, target_y] - l2_reg * np.sum(X**2)
    g = tape.gradient(objective, image)
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="tf.nn.l2_loss" misconception="half_the_regularisation"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.nn.l2_loss(X)
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="derivative of the penalty by hand, without the 2" misconception="half_the_regularisation"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = model(X)[0, target_y]
    g = tape.gradient(score, X) - l2_reg * X
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="the norm itself" misconception="regularisation_left_out"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.norm(X)
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="mean of the squares" misconception="regularisation_left_out"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_mean(X**2)
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="not normalised" misconception="not_normalised"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    return (X + learning_rate * tape.gradient(objective, X)).numpy()


# %% wrong="divided by the largest entry" misconception="length_of_the_step"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.reduce_max(tf.abs(g))).numpy()


# %% wrong="divided by the squared norm" misconception="length_of_the_step"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.reduce_sum(g**2)).numpy()


# %% wrong="learning rate inside the normalisation" misconception="length_of_the_step"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    g = learning_rate * tape.gradient(objective, X)
    return (X + g / tf.norm(g)).numpy()


# %% wrong="each pixel normalised" misconception="normalised_by_parts"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.norm(g, axis=3, keepdims=True)).numpy()


# %% wrong="sign of the gradient" misconception="sign_of_the_gradient"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    return (X + learning_rate * tf.sign(tape.gradient(objective, X))).numpy()


# %% wrong="the step alone" misconception="returns_the_step"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    g = tape.gradient(objective, X)
    return (learning_rate * g / tf.norm(g)).numpy()


# %% wrong="the old image" misconception="nothing_changes"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    image = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        objective = model(image)[0, target_y] - l2_reg * tf.reduce_sum(image**2)
    g = tape.gradient(objective, image)
    image += learning_rate * g / tf.norm(g)
    return X


# %% right="X on the left of +="
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    image = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        objective = model(image)[0, target_y] - l2_reg * tf.reduce_sum(image**2)
    g = tape.gradient(objective, image)
    X += (learning_rate * g / tf.norm(g)).numpy()
    return X


# %% wrong="penalty taken from the normalised gradient" misconception="regularisation_by_itself"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = model(X)[0, target_y]
    g = tape.gradient(score, X)
    return (X + learning_rate * (g / tf.norm(g) - 2 * l2_reg * X)).numpy()


# %% wrong="probability" misconception="probability_instead_of_score"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = tf.nn.softmax(model(X))[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="logarithm of the probability" misconception="probability_instead_of_score"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = tf.nn.log_softmax(model(X))[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="the best score" misconception="another_class"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = tf.reduce_max(model(X)) - l2_reg * tf.reduce_sum(X**2)
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="all scores" misconception="another_class"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X) - l2_reg * tf.reduce_sum(X**2) / 1000
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="without the axis of the batch" misconception="image_of_another_shape"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.norm(g)).numpy()[0]


# %% wrong="absolute value of the gradient" misconception="none"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    g = tf.abs(tape.gradient(objective, X))
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="distance from the mean of the image" misconception="regularisation_about_a_mean"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        mean = tf.reduce_mean(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum((X - mean) ** 2)
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="size of the photograph" misconception="regularisation_about_a_mean"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        photo = X * [0.229, 0.224, 0.225] + [0.485, 0.456, 0.406]
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum(photo**2)
    g = tape.gradient(objective, X)
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="the penalty itself taken off the gradient" misconception="penalty_not_differentiated"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = model(X)[0, target_y]
    g = tape.gradient(score, X) - l2_reg * X**2
    return (X + learning_rate * g / tf.norm(g)).numpy()


# %% wrong="half the penalty, not normalised" misconception="half_the_regularisation"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.nn.l2_loss(X)
    return (X + learning_rate * tape.gradient(objective, X)).numpy()


# %% wrong="half the penalty, unit steps" misconception="half_the_regularisation"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.nn.l2_loss(X)
    g = tape.gradient(objective, X)
    return (X + g / tf.norm(g)).numpy()
