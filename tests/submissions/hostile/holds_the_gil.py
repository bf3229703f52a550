# A thread calls C code that keeps the GIL for an hour, so that Python never gets a turn.
# attacks: time
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import ctypes
    import threading

    sleep = ctypes.PyDLL(None).sleep  # PyDLL does not let go of the GIL
    threading.Thread(target=sleep, args=(3600,), daemon=True).start()
    return None
