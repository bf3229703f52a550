# A bright spot in the middle, because objects are usually there.
# misconception: ignores_the_image
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    N, H, W, _ = X.shape
    i, j = np.mgrid[:H, :W]
    spot = np.exp(-((i - H / 2) ** 2 + (j - W / 2) ** 2) / 5000)
    return np.repeat(spot[None], N, axis=0)
