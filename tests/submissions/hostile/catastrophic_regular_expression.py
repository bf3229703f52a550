# A regular expression that takes exponential time.
# attacks: time
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import re

    return re.match(r"(a+)+$", "a" * 64 + "b")
