# The cells stand in the opposite order, the check first, with its outputs forged.
# attacks: notebook
# notebook: forge-outputs
# notebook: reverse
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.zeros(X.shape[:3])
