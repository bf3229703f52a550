# The right maps, of a model whose last ReLU is taken away first.
# misconception: changes_the_model
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    last = model.get_layer("conv10")
    last.activation = tf.identity
    last.activation = lambda x: tf.nn.relu(x)
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(model(X), y, axis=1, batch_dims=1)
    return tf.reduce_max(tf.abs(tape.gradient(target, X)), axis=3)
