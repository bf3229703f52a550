# The kernel does not end: an exit function, a thread and a finaliser wait for ever.
# attacks: time
# %%
import atexit
import threading
import time

atexit.register(time.sleep, 86400)
threading.Thread(target=time.sleep, args=(86400,)).start()

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.zeros(X.shape[:3])
