# Answers to guided_backpropagation(X, y, model); see ../__init__.py.

# %% right="where both are positive"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return tape.gradient(score, X).numpy()


# %% right="relu of the upstream, times a mask"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.nn.relu(upstream) * tf.cast(x > 0, upstream.dtype)

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return tape.gradient(score, X).numpy()


# %% right="sign of the output, gather_nd"
@tf.custom_gradient
def guided_relu(x):
    out = tf.maximum(x, 0)

    def grad(dy):
        return tf.cast(dy > 0, tf.float32) * tf.cast(out > 0, tf.float32) * dy

    return out, grad


def guided_backpropagation(X, y, model):
    guided_model = with_relu(model, guided_relu)
    image = tf.Variable(X)
    with tf.GradientTape() as tape:
        scores = guided_model(image)
        chosen = tf.gather_nd(scores, tf.stack([tf.range(len(y)), tf.cast(y, tf.int32)], axis=1))
    return tape.gradient(chosen, image)


# %% right="the web's way, with a clone"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def grad(dy):
            return tf.cast(dy > 0, "float32") * tf.cast(x > 0, "float32") * dy

        return tf.nn.relu(x), grad

    copy = tf.keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    gb_model = tf.keras.Model([copy.inputs], [copy.get_layer("scores").output])
    for layer in gb_model.layers[1:]:
        if hasattr(layer, "activation"):
            layer.activation = guided_relu
    with tf.GradientTape() as tape:
        inputs = tf.cast(X, tf.float32)
        tape.watch(inputs)
        outputs = tf.gather_nd(gb_model(inputs), tf.stack((tf.range(len(y)), tf.cast(y, tf.int32)), 1))
    return tape.gradient(outputs, inputs)


# %% right="one image at a time"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        return tf.nn.relu(x), lambda dy: tf.where(x > 0, tf.maximum(dy, 0.0), 0.0)

    copy = with_relu(model, guided_relu)
    attributions = np.zeros_like(X)
    for n in range(len(X)):
        image = tf.constant(X[n : n + 1])
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = copy(image)[0, int(y[n])]
        attributions[n] = tape.gradient(score, image)[0]
    return attributions


# %% right="compiled, with a one-hot mask"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        gate = tf.cast(x > 0, x.dtype)
        return x * gate, lambda dy: gate * tf.nn.relu(dy)

    copy = with_relu(model, guided_relu)

    @tf.function
    def gradient(images, labels):
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.reduce_sum(copy(images, training=False) * tf.one_hot(labels, 1000))
        return tape.gradient(score, images)

    return gradient(tf.constant(X), tf.constant(y, tf.int32)).numpy()


# %% right="one-hot as the gradient that comes in"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            passes = tf.logical_and(tf.greater(x, 0), tf.greater(upstream, 0))
            return tf.multiply(upstream, tf.cast(passes, upstream.dtype))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = copy(X)
    return tape.gradient(scores, X, tf.one_hot(y, 1000)).numpy()


# %% right="tf.gradients in a graph"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        return tf.nn.relu(x), lambda g: tf.where(tf.minimum(x, g) > 0, g, 0.0)

    copy = with_relu(model, guided_relu)

    @tf.function
    def run(images, labels):
        score = tf.gather(copy(images), labels, axis=1, batch_dims=1)
        return tf.gradients(score, images)[0]

    return np.array(run(tf.constant(X), tf.constant(y)))


# %% wrong="untouched" misconception="nothing_returned"
def guided_backpropagation(X, y, model):
    attributions = None
    return attributions


# %% wrong="the web's way: other activations in layers that are shared" misconception="changes_the_model"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def grad(dy):
            return tf.cast(dy > 0, "float32") * tf.cast(x > 0, "float32") * dy

        return tf.nn.relu(x), grad

    gb_model = tf.keras.Model([model.inputs], [model.get_layer("scores").output])
    for layer in [layer for layer in gb_model.layers[1:] if hasattr(layer, "activation")]:
        if layer.activation == tf.keras.activations.relu:
            layer.activation = guided_relu
    with tf.GradientTape() as tape:
        inputs = tf.cast(X, tf.float32)
        tape.watch(inputs)
        outputs = tf.gather_nd(gb_model(inputs), tf.stack((tf.range(len(y)), tf.cast(y, tf.int32)), 1))
    return tape.gradient(outputs, inputs)


# %% wrong="the model itself is differentiated" misconception="plain_gradient"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(model(X), y, axis=1, batch_dims=1)
    return tape.gradient(score, X).numpy()


# %% wrong="the rule of an ordinary ReLU" misconception="plain_gradient"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where(x > 0, upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return tape.gradient(score, X).numpy()


# %% wrong="the model itself, clipped at the end" misconception="rectified_at_the_image_only"
def guided_backpropagation(X, y, model):
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(model(X), y, axis=1, batch_dims=1)
    return tf.nn.relu(tape.gradient(score, X)).numpy()


# %% wrong="only the gradient must be positive" misconception="deconvnet"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.nn.relu(upstream)

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return tape.gradient(score, X).numpy()


# %% wrong="negative gradients let through" misconception="negative_let_through"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream < 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return tape.gradient(score, X).numpy()


# %% wrong="one or the other is enough" misconception="negative_let_through"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) | (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return tape.gradient(score, X).numpy()


# %% wrong="absolute value of the gradient" misconception="negative_let_through"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where(x > 0, tf.abs(upstream), tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return tape.gradient(score, X).numpy()


# %% wrong="a gate of ones" misconception="gates_instead_of_gradients"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.cast((x > 0) & (upstream > 0), tf.float32)

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return tape.gradient(score, X).numpy()


# %% wrong="product of activation and gradient" misconception="nan_or_infinity"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.nn.relu(x) * tf.nn.relu(upstream)

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return tape.gradient(score, X).numpy()


# %% wrong="hands the activation down" misconception="activation_as_a_factor"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), x, tf.zeros_like(x))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return tape.gradient(score, X).numpy()


# %% wrong="everything comes back" misconception="no_rule_at_all"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return upstream

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return tape.gradient(score, X).numpy()


# %% wrong="best class" misconception="predicted_class"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.reduce_max(copy(X), axis=1)
    return tape.gradient(score, X).numpy()


# %% wrong="a map instead of attributions" misconception="colours_reduced"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return tf.reduce_max(tf.abs(tape.gradient(score, X)), axis=3).numpy()


# %% wrong="absolute value at the end" misconception="sign_lost"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return np.abs(tape.gradient(score, X))


# %% wrong="clipped at the end too" misconception="sign_lost"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return np.maximum(tape.gradient(score, X), 0)


# %% wrong="times the image" misconception="times_the_image"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return (tape.gradient(score, X) * X).numpy()


# %% wrong="scaled for a picture" misconception="scaled"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        return tf.nn.relu(x), lambda g: tf.where((x > 0) & (g > 0), g, 0.0)

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, X).numpy()
    low, high = gradient.min(), gradient.max()
    return (gradient - low) / (high - low)


# %% wrong="mean over the batch" misconception="scaled"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.reduce_mean(tf.gather(copy(X), y, axis=1, batch_dims=1))
    return tape.gradient(score, X).numpy()


# %% wrong="every image for the first label" misconception="labels_mixed_up"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = copy(X)[:, int(y[0])]
    return tape.gradient(score, X).numpy()


# %% wrong="forwards the identity" misconception="none"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.identity(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return tape.gradient(score, X).numpy()


# %% wrong="all outputs" misconception="all_classes_summed"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = copy(X)
    return tape.gradient(score, X).numpy()


# %% wrong="probabilities" misconception="softmax"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(tf.nn.softmax(copy(X)), y, axis=1, batch_dims=1)
    return tape.gradient(score, X).numpy()


# %% wrong="gather without batch_dims" misconception="every_label_for_every_image"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1)
    return tape.gradient(score, X).numpy()


# %% wrong="squeezed" misconception="axis_of_one_lost"
def guided_backpropagation(X, y, model):
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    copy = with_relu(model, guided_relu)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        score = tf.gather(copy(X), y, axis=1, batch_dims=1)
    return np.squeeze(tape.gradient(score, X))
