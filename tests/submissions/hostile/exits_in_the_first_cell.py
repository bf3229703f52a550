# Ends the kernel before there is a function to call.
# attacks: kernel
# %%
get_ipython()
import os

os._exit(3)

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return None
