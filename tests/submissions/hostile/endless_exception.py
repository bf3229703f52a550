# Raises an exception whose text never ends.
# attacks: time
# %%
class Endless(Exception):
    def __str__(self):
        while True:
            pass

    __repr__ = __str__


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    raise Endless
