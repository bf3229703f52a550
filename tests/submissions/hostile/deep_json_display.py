# Displays data nested a hundred thousand deep, and with numbers that JSON does not have.
# attacks: outputs
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    from IPython.display import display

    for depth in (900, 5_000, 100_000):
        nested = [float("nan")]
        for _ in range(depth):
            nested = [nested]
        display({"application/json": nested}, raw=True)
