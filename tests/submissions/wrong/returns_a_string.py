# Returns a text.
# misconception: not_an_array
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return "the saliency maps"
