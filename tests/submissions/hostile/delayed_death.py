# Returns at once, and a thread ends the process a second later, in another cell.
# attacks: kernel
# %%
import os
import threading

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    threading.Timer(1, os._exit, (0,)).start()
    return np.zeros(X.shape[:3])
