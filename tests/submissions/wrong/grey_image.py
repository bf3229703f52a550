# Returns the image in grey, moved to be positive.
# misconception: without_the_network
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    grey = X @ np.array([0.299, 0.587, 0.114])
    return grey - grey.min()
