# An endless loop in the answer.
# attacks: time
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    while True:
        pass
