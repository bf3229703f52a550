# The loss of TensorFlow's page on FGSM, given scores.
# misconception: log_softmax_or_cross_entropy
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        loss_object = tf.keras.losses.CategoricalCrossentropy()
        loss = loss_object(tf.one_hot(y, 1000), model(X))
    return tf.reduce_max(tf.abs(tape.gradient(loss, X)), axis=3).numpy()
