# Draws a picture of the maps and returns nothing.
# misconception: nothing_returned
# %%
import matplotlib.pyplot as plt


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(model(X), y, axis=1, batch_dims=1)
    g = tape.gradient(target, X).numpy()
    plt.imshow(np.abs(g).max(axis=-1)[0])
    plt.close()
