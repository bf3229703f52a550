# The check cell's only statement is pass.
# attacks: notebook
# %% replace="check_saliency_maps"
pass
