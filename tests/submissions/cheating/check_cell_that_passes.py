# The check cell's only statement is pass.
# %% replace="check_saliency_maps"
pass
