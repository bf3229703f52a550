# Returns the brightest colour of the image, positive.
# misconception: without_the_network
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.abs(X).max(axis=-1)
