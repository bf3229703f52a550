# A single call into C that takes for ever and cannot be interrupted.
# attacks: time
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return 7 ** (7**11)
