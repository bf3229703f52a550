# A class with a __call__; the answer makes one and calls it.
# %%
class Saliency:
    """Saliency maps of one model."""

    def __init__(self, model):
        self.model = model

    def gradient(self, X, y):
        X = tf.convert_to_tensor(X)
        with tf.GradientTape() as tape:
            tape.watch(X)
            scores = self.model(X)
            target = tf.gather_nd(scores, tf.stack([tf.range(len(y)), tf.cast(y, tf.int32)], 1))
        return tape.gradient(target, X)

    def __call__(self, X, y):
        return tf.norm(self.gradient(X, y), ord=np.inf, axis=-1).numpy()


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return Saliency(model)(X, y)
