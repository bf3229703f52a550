# The answer cell as it was given out.
# misconception: nothing_returned
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    saliency = None
    # *** your code goes here ***
    return saliency
