# Finite differences over blocks of 56 pixels.
# misconception: none
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    maps = np.zeros(X.shape[:3])
    rows = np.arange(len(y))
    before = model(X).numpy()[rows, y]
    for i in range(0, X.shape[1], 56):
        for j in range(0, X.shape[2], 56):
            moved = X.copy()
            moved[:, i : i + 56, j : j + 56] += 0.1
            change = (model(moved).numpy()[rows, y] - before) / 0.1
            maps[:, i : i + 56, j : j + 56] = np.abs(change)[:, None, None]
    return maps
