# Uses a name that is not defined anywhere.
# misconception: none
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.abs(gradients).max(axis=-1)
