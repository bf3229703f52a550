# Displays one picture of 2 GB and a thousand of 10 MB.
# attacks: outputs
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    from IPython.display import display

    for size in (2_000_000_000, *[10_000_000] * 1000):
        display({"image/png": "A" * size, "text/html": "<b>" * (size // 3)}, raw=True)
