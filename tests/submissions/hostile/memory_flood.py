# Takes memory, 100 MB at a time and touched, up to 64 GB.
# attacks: memory
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    taken = []
    for _ in range(640):
        taken.append(np.ones(100_000_000, np.uint8))
    return taken
