# An object whose length, items and conversion never come to an end.
# attacks: time
# %%
import itertools


class Endless:
    def __len__(self):
        return 2**62

    def __getitem__(self, index):
        return self

    def __iter__(self):
        return itertools.repeat(self)

    def __repr__(self):
        return "".join(itertools.repeat("endless"))

    def __array__(self, dtype=None, copy=None):
        while True:
            pass


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return Endless()
