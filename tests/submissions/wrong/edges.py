# Edges of the image, which look like a saliency map.
# misconception: without_the_network
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    rows, columns = np.gradient(X.mean(axis=-1), axis=(1, 2))
    return np.hypot(rows, columns)
