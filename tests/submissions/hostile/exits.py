# Ends the kernel with os._exit(1).
# attacks: kernel
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import os

    os._exit(1)
