# An empty answer cell.
# misconception: none
# %% answer="compute_saliency_maps"
