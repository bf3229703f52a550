# Complex and structured numbers whose comparison may drop a part.
# attacks: exchange
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.full(X.shape[:3], 1j * 1e9)
