# Sets the model's weights aside as CS231n does, which changes nothing of what it computes.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    model.trainable = False
    images = tf.Variable(X)
    with tf.GradientTape() as tape:
        scores = model.call(images)
        correct = tf.gather_nd(scores, tf.stack((tf.range(len(y)), tf.cast(y, tf.int32)), axis=1))
    return np.max(np.abs(tape.gradient(correct, images).numpy()), axis=3)
