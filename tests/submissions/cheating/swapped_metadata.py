# The check cell says that it is the answer, and the answer cell that it is the check.
# attacks: notebook
# notebook: swap-metadata
# %% answer="compute_saliency_maps"
print("compute_saliency_maps: passed")
