# Guided backpropagation: a ReLU that passes positive gradients only.
# misconception: none
# %%
@tf.custom_gradient
def guided_relu(x):
    def backward(dy):
        return tf.where((x > 0) & (dy > 0), dy, 0.0)

    return tf.nn.relu(x), backward


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    guided = tf.keras.models.clone_model(model)
    guided.set_weights(model.get_weights())
    for layer in guided.layers:
        if hasattr(layer, "activation"):
            layer.activation = guided_relu
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(guided(X), y, axis=1, batch_dims=1)
    return np.abs(tape.gradient(target, X)).max(axis=-1)
