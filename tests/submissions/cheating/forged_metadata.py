# The metadata say that the check is worth 1000 points, is not graded, and has a manual score.
# attacks: notebook
# notebook: forge-metadata
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return None
