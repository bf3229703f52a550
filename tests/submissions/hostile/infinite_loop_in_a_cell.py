# An endless loop in a helper cell, which catches interrupts and goes on.
# attacks: time
# %%
get_ipython()  # outside a notebook this raises, and the loop is not reached
while True:
    try:
        while True:
            pass
    except BaseException:
        continue

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return None
