# There is no check cell, so nothing can fail.
# attacks: notebook
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.ones(X.shape[:3])


# %% delete="check_saliency_maps"
