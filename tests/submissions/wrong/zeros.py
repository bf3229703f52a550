# Zeros of the right shape.
# misconception: ignores_the_image
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.zeros(X.shape[:3])
