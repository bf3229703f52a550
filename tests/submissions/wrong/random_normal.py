# Absolute values of normal noise, the same in all maps' statistics.
# misconception: ignores_the_image
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.abs(np.random.default_rng(231).normal(size=X.shape)).max(axis=-1)
