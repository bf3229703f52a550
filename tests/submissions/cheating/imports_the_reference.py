# Calls the reference answer that the helper package has.
# attacks: reference
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import cs231n_vis

    return cs231n_vis.compute_saliency_maps(X, y, model)
