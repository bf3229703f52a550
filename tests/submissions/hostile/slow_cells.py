# Ten cells' worth of 50 seconds: no call is endless, and together they take for ever.
# attacks: time
# %%
get_ipython()
import time

for _ in range(10):
    time.sleep(50)

# %%
for _ in range(10):
    time.sleep(50)

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    time.sleep(500)
    return None
