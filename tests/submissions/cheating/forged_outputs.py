# Nothing is answered, and the outputs say that it passed.
# attacks: verdict
# notebook: forge-outputs
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return None
