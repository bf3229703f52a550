# Prints, warns, draws a picture and shows a progress bar while it works.
# %%
import sys
import warnings

import matplotlib.pyplot as plt

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    print("X", X.shape, X.dtype, "y", y)
    warnings.warn("just trying things out")
    saliency = np.zeros(X.shape[:3], np.float32)
    for n in range(len(X)):
        print(f"\r{n + 1}/{len(X)}", end="", file=sys.stderr)
        x = tf.convert_to_tensor(X[n : n + 1])
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = model(x)[0, y[n]]
        saliency[n] = tf.reduce_max(tf.abs(tape.gradient(score, x)[0]), -1)
        print("score", float(score), saliency[n])
    fig = plt.figure()
    plt.imshow(saliency[0], cmap="hot")
    plt.close(fig)
    return saliency


# %%
print("shape:", compute_saliency_maps(X[:2], y[:2], model).shape)
