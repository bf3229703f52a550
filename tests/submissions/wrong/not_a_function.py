# The name is an array that was computed once.
# misconception: none
# %% answer="compute_saliency_maps"
compute_saliency_maps = np.zeros((5, 224, 224))
