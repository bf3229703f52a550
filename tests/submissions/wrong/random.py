# Random numbers.
# misconception: ignores_the_image
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.random.default_rng(0).random(X.shape[:3])
