# Answers to grad_cam(X, y, model, layer); see ../__init__.py.

# %% right="mean, sum, relu"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% right="einsum"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2))
    return tf.maximum(tf.einsum("nhwc,nc->nhw", features, weights), 0)


# %% right="numpy"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = gradient.numpy().mean((1, 2))
    return np.maximum((features.numpy() * weights[:, None, None]).sum(-1), 0)


# %% right="one image at a time"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(
        model.input, {"features": model.get_layer(layer).output, "scores": model.output}
    )
    maps = []
    for image, label in zip(X, y):
        with tf.GradientTape() as tape:
            out = both(image[None])
            score = out["scores"][0, int(label)]
        gradient = tape.gradient(score, out["features"])[0]
        alpha = tf.reduce_mean(gradient, axis=[0, 1])
        heat = tf.zeros(gradient.shape[:2])
        heat = heat + tf.linalg.matvec(out["features"][0], alpha)
        maps.append(tf.nn.relu(heat))
    return np.array(maps)


# %% right="two models, one after the other"
def grad_cam(X, y, model, layer):
    output = model.get_layer(layer).output
    first, second = tf.keras.Model(model.input, output), tf.keras.Model(output, model.output)
    features = first(X)
    with tf.GradientTape() as tape:
        tape.watch(features)
        scores = second(features)
    gradient = tape.gradient(scores, features, tf.one_hot(y, scores.shape[1]))
    weights = tf.reduce_mean(gradient, axis=[1, 2], keepdims=True)
    heat = tf.reduce_sum(features * weights, axis=-1)
    return tf.where(heat > 0, heat, tf.zeros_like(heat)).numpy()


# %% right="compiled"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])

    @tf.function
    def heat(images, labels):
        with tf.GradientTape() as tape:
            features, scores = both(images, training=False)
            score = tf.gather(scores, labels, axis=1, batch_dims=1)
        gradient = tape.gradient(score, features)
        size = tf.cast(tf.shape(gradient)[1] * tf.shape(gradient)[2], tf.float32)
        weights = tf.reduce_sum(gradient, axis=[1, 2], keepdims=True) / size
        return tf.nn.relu(tf.reduce_sum(weights * features, axis=3))

    return heat(tf.constant(X), tf.constant(y))


# %% right="a loop over the feature maps"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2)).numpy()
    features = features.numpy()
    heat = np.zeros(features.shape[:3])
    for k in range(features.shape[3]):
        heat += weights[:, k, None, None] * features[..., k]
    heat[heat < 0] = 0
    return heat


# %% wrong="untouched" misconception="nothing_returned"
def grad_cam(X, y, model, layer):
    heat_maps = None
    return heat_maps


# %% wrong="no relu" misconception="no_relu"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.reduce_sum(weights * features, axis=3).numpy()


# %% wrong="absolute value" misconception="absolute_value_instead_of_relu"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.abs(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="gradient times features" misconception="gradient_not_averaged"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = gradient
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="positive weights only" misconception="relu_too_early"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.nn.relu(tf.reduce_mean(gradient, axis=(1, 2), keepdims=True))
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="positive gradient only" misconception="relu_too_early"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(tf.nn.relu(gradient), axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="sum of the gradient" misconception="scaled"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_sum(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="mean of the feature maps" misconception="scaled"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_mean(weights * features, axis=3)).numpy()


# %% wrong="from 0 to 1" misconception="scaled"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    heat = tf.nn.relu(tf.reduce_sum(weights * features, axis=3))
    return heat / tf.reduce_max(heat, axis=(1, 2), keepdims=True)


# %% wrong="as large as the image" misconception="upsampled"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.image.resize(
        tf.nn.relu(tf.reduce_sum(weights * features, axis=3, keepdims=True)), X.shape[1:3]
    )[..., 0]


# %% wrong="no sum" misconception="feature_maps_kept"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(weights * features).numpy()


# %% wrong="an axis kept" misconception="feature_maps_kept"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3, keepdims=True)).numpy()


# %% wrong="weights of the whole batch" misconception="gradient_averaged_over_other_axes"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(0, 1, 2))
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="weights averaged over channels" misconception="gradient_averaged_over_other_axes"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=-1, keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="sum over places" misconception="wrong_axis"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=(1, 2))).numpy()


# %% wrong="largest" misconception="largest_instead_of_sum"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_max(weights * features, axis=3)).numpy()


# %% wrong="always the last convolution" misconception="another_layer"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer("conv10").output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="input of the layer" misconception="another_layer"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).input[0], model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="first image only" misconception="one_map_for_all_images"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()[:1]


# %% wrong="gradient alone" misconception="features_left_out"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(gradient, axis=3)).numpy()


# %% wrong="feature maps alone" misconception="gradient_left_out"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.reduce_sum(features, axis=3).numpy()


# %% wrong="best class" misconception="predicted_class"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.reduce_max(scores, axis=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="probabilities" misconception="softmax"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(tf.nn.softmax(scores), y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="all classes" misconception="all_classes_summed"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = scores
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="one label for all" misconception="labels_mixed_up"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = scores[:, int(y[0])]
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="square root of the weights" misconception="none"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    weights = tf.sqrt(tf.abs(tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)))
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="guided gradients" misconception="guided_gradients"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(score, features)
    gradient = tf.cast(features > 0, tf.float32) * tf.cast(gradient > 0, tf.float32) * gradient
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="Keras's loss" misconception="loss_of_scores"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = -tf.keras.losses.categorical_crossentropy(tf.one_hot(y, 1000), scores)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()


# %% wrong="every label for every image" misconception="every_label_for_every_image"
def grad_cam(X, y, model, layer):
    both = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        score = tf.gather(scores, y, axis=1)
    gradient = tape.gradient(score, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()
