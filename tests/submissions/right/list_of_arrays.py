# Returns a list of arrays, one map each.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    saliency = []
    for n in range(X.shape[0]):
        x = tf.constant(X[n][np.newaxis])
        with tf.GradientTape() as t:
            t.watch(x)
            s = model(x)[0][y[n]]
        saliency.append(np.abs(t.gradient(s, x)[0].numpy()).max(2))
    return saliency
