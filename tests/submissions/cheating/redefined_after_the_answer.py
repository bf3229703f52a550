# Wrong in the answer cell; in a cell at the end of the notebook, the package's own function.
# attacks: reference
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.zeros(X.shape[:3])


# %%
import cs231n_vis.references.saliency

compute_saliency_maps = cs231n_vis.references.saliency.compute_saliency_maps
