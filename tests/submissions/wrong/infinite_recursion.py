# Calls itself for ever.
# misconception: none
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return compute_saliency_maps(X, y, model)
