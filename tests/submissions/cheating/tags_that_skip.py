# Every cell has tags by which nbval and others skip it or let it raise.
# attacks: notebook
# notebook: skip-everything
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    raise ValueError("skipped")
