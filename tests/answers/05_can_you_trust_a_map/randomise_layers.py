# Answers to randomise_layers(model, layers, rng); see ../__init__.py.

# %% right="permutation of the flat array"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        weights = [rng.permutation(w.ravel()).reshape(w.shape) for w in layer.get_weights()]
        layer.set_weights(weights)
    return new_model


# %% right="shuffled in place"
def randomise_layers(model, layers, rng):
    copy = tf.keras.models.clone_model(model)
    for old, new in zip(model.layers, copy.layers):
        weights = old.get_weights()
        if old.name in layers:
            for i in range(len(weights)):
                flat = np.array(weights[i]).flatten()
                rng.shuffle(flat)
                weights[i] = flat.reshape(weights[i].shape)
        new.set_weights(weights)
    return copy


# %% right="numbered places"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.Model.from_config(model.get_config())
    new_model.set_weights(model.get_weights())
    for layer in new_model.layers:
        if layer.name in set(layers):
            for variable in layer.weights:
                old = variable.numpy().flatten()
                places = np.argsort(rng.random(old.size))
                variable.assign(old[places].reshape(variable.shape))
    return new_model


# %% right="each axis of a flat view drawn by choice"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in reversed(list(layers)):
        layer = new_model.get_layer(name)
        kernel, bias = layer.get_weights()
        kernel = rng.choice(kernel.reshape(-1), kernel.size, replace=False).reshape(kernel.shape)
        layer.set_weights([kernel, rng.choice(bias, bias.size, replace=False)])
    return new_model


# %% right="permuted axis by axis without keeping rows"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        for variable in new_model.get_layer(name).variables:
            column = np.reshape(variable.numpy(), (-1, 1))
            variable.assign(rng.permuted(column, axis=0).reshape(variable.shape))
    return new_model


# %% right="in TensorFlow, a gather of shuffled places"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for layer in new_model.layers:
        if layer.name not in layers:
            continue
        for variable in layer.weights:
            flat = tf.reshape(variable, [-1])
            places = rng.permutation(int(tf.size(flat)))
            variable.assign(tf.reshape(tf.gather(flat, places), variable.shape))
    return new_model


# %% right="a deep copy"
def randomise_layers(model, layers, rng):
    import copy

    new_model = copy.deepcopy(model)
    for name in layers:
        layer = new_model.get_layer(name)
        new = []
        for w in layer.get_weights():
            new.append(rng.permutation(w.size))
            new[-1] = np.take(w, new[-1]).reshape(w.shape)
        layer.set_weights(new)
    return new_model


# %% wrong="untouched" misconception="nothing_returned"
def randomise_layers(model, layers, rng):
    new_model = None
    return new_model


# %% wrong="weights instead of a model" misconception="not_a_model"
def randomise_layers(model, layers, rng):
    return [rng.permutation(w.ravel()).reshape(w.shape) for w in model.get_weights()]


# %% wrong="changes the model itself" misconception="changes_the_given_model"
def randomise_layers(model, layers, rng):
    for name in layers:
        layer = model.get_layer(name)
        layer.set_weights([rng.permutation(w.ravel()).reshape(w.shape) for w in layer.get_weights()])
    return model


# %% wrong="a second model of the same layers" misconception="changes_the_given_model"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.Model(model.inputs, model.outputs)
    for name in layers:
        layer = new_model.get_layer(name)
        layer.set_weights([rng.permutation(w.ravel()).reshape(w.shape) for w in layer.get_weights()])
    return new_model


# %% wrong="loads the network again" misconception="another_network"
def randomise_layers(model, layers, rng):
    new_model = load_squeezenet()
    for name in layers:
        layer = new_model.get_layer(name)
        layer.set_weights([rng.permutation(w.ravel()).reshape(w.shape) for w in layer.get_weights()])
    return new_model


# %% wrong="new weights are never set" misconception="nothing_changed"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        for w in new_model.get_layer(name).get_weights():
            w = rng.permutation(w.ravel()).reshape(w.shape)
    return new_model


# %% wrong="clone without its weights" misconception="weights_not_copied"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    for name in layers:
        layer = new_model.get_layer(name)
        old = model.get_layer(name).get_weights()
        layer.set_weights([rng.permutation(w.ravel()).reshape(w.shape) for w in old])
    return new_model


# %% wrong="every layer" misconception="too_many_layers"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(
        [rng.permutation(w.ravel()).reshape(w.shape) for w in model.get_weights()]
    )
    return new_model


# %% wrong="all above the lowest named" misconception="too_many_layers"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for layer in reversed(new_model.layers):
        layer.set_weights([rng.permutation(w.ravel()).reshape(w.shape) for w in layer.get_weights()])
        if layer.name == layers[-1]:
            break
    return new_model


# %% wrong="the others" misconception="the_other_layers"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for layer in new_model.layers:
        if layer.name not in layers:
            layer.set_weights(
                [rng.permutation(w.ravel()).reshape(w.shape) for w in layer.get_weights()]
            )
    return new_model


# %% wrong="returns in the loop" misconception="one_layer_only"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        layer.set_weights([rng.permutation(w.ravel()).reshape(w.shape) for w in layer.get_weights()])
        return new_model


# %% wrong="copies anew for each layer" misconception="one_layer_only"
def randomise_layers(model, layers, rng):
    for name in layers:
        new_model = tf.keras.models.clone_model(model)
        new_model.set_weights(model.get_weights())
        layer = new_model.get_layer(name)
        layer.set_weights([rng.permutation(w.ravel()).reshape(w.shape) for w in layer.get_weights()])
    return new_model


# %% wrong="biases stay" misconception="biases_left"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        kernel, bias = layer.get_weights()
        layer.set_weights([rng.permutation(kernel.ravel()).reshape(kernel.shape), bias])
    return new_model


# %% wrong="kernels stay" misconception="kernels_left"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        kernel, bias = layer.get_weights()
        layer.set_weights([kernel, rng.permutation(bias)])
    return new_model


# %% wrong="permutes the last axis" misconception="rows_kept_together"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        layer.set_weights([rng.permutation(w, axis=-1) for w in layer.get_weights()])
    return new_model


# %% wrong="each filter is shuffled by itself" misconception="rows_kept_together"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        kernel, bias = layer.get_weights()
        flat = kernel.reshape(-1, kernel.shape[-1])
        layer.set_weights([rng.permuted(flat, axis=0).reshape(kernel.shape), rng.permutation(bias)])
    return new_model


# %% wrong="normal numbers of the same scale" misconception="drawn_from_a_distribution"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        layer.set_weights([rng.normal(w.mean(), w.std(), w.shape) for w in layer.get_weights()])
    return new_model


# %% wrong="standard normal numbers" misconception="another_scale"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    return new_model


# %% wrong="zeros" misconception="all_the_same"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        layer.set_weights([np.zeros_like(w) for w in layer.get_weights()])
    return new_model


# %% wrong="drawn with replacement" misconception="drawn_with_replacement"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        layer.set_weights([rng.choice(w.ravel(), w.shape) for w in layer.get_weights()])
    return new_model


# %% wrong="noise added" misconception="noise_added"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        weights = layer.get_weights()
        layer.set_weights([w + rng.normal(0, w.std(), w.shape) for w in weights])
    return new_model


# %% wrong="random signs" misconception="noise_added"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        layer.set_weights([w * rng.choice([-1, 1], w.shape) for w in layer.get_weights()])
    return new_model


# %% wrong="kernel and bias together" misconception="arrays_mixed"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        kernel, bias = layer.get_weights()
        flat = rng.permutation(np.concatenate([kernel.ravel(), bias]))
        layer.set_weights([flat[: kernel.size].reshape(kernel.shape), flat[kernel.size :]])
    return new_model


# %% wrong="NumPy's own generator" misconception="ignores_the_generator"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        weights = layer.get_weights()
        layer.set_weights([np.random.permutation(w.ravel()).reshape(w.shape) for w in weights])
    return new_model


# %% wrong="a seed inside" misconception="always_the_same"
def randomise_layers(model, layers, rng):
    rng = np.random.default_rng(0)
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        layer.set_weights([rng.permutation(w.ravel()).reshape(w.shape) for w in layer.get_weights()])
    return new_model


# %% wrong="sorted" misconception="always_the_same"
def randomise_layers(model, layers, rng):
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        layer.set_weights([np.sort(w, axis=None).reshape(w.shape) for w in layer.get_weights()])
    return new_model
