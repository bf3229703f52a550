# Sleeps for a day.
# attacks: time
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import time

    time.sleep(86400)
