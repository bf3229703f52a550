# The check cell swallows what the check raises.
# attacks: notebook
# %% replace="check_saliency_maps"
try:
    check.saliency_maps(compute_saliency_maps)
except Exception:
    print("compute_saliency_maps: passed")
