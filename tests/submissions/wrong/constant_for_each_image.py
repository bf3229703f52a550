# One number for all pixels of an image.
# misconception: ignores_the_image
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.ones(X.shape[:3]) * y[:, None, None]
