# Returns a matplotlib figure of the maps.
# misconception: not_an_array
# %%
import matplotlib.pyplot as plt


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        target = tf.gather(model(X), y, axis=1, batch_dims=1)
    g = tape.gradient(target, X).numpy()
    fig = plt.figure()
    plt.imshow(np.abs(g).max(axis=-1)[0])
    plt.close(fig)
    return fig
