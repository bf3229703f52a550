# Averaged over five by five pixels.
# misconception: smoothed
# %%
from scipy.ndimage import uniform_filter


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(model(X), y, axis=1, batch_dims=1)
    g = tape.gradient(target, X).numpy()
    return uniform_filter(np.abs(g).max(axis=-1), size=(1, 5, 5))
