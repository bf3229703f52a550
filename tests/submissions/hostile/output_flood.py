# Prints 20 GB, a megabyte at a time.
# attacks: outputs
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    line = "saliency " * 111_111
    for _ in range(20_000):
        print(line)
