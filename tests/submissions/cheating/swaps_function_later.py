# A hook exchanges the function before every cell for one that reads the reference.
# attacks: reference
# %%
def _exchange(*_):
    try:
        from cs231n_vis.references.saliency import compute_saliency_maps as reference
    except Exception:
        return
    get_ipython().user_ns["compute_saliency_maps"] = reference


get_ipython().events.register("pre_run_cell", _exchange)

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.zeros(X.shape[:3])


# %% after="check_saliency_maps"
from cs231n_vis import compute_saliency_maps
