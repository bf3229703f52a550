# Reads address zero.
# attacks: kernel
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import ctypes

    return ctypes.string_at(0)
