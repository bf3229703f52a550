# Something else each time that it is looked at, and a class that says it is ndarray.
# attacks: exchange
# %%
class Fickle:
    looks = 0

    @property
    def __class__(self):
        return np.ndarray

    def __array__(self, dtype=None, copy=None):
        Fickle.looks += 1
        return np.full((5, 224, 224), float(Fickle.looks))

    def __reduce__(self):
        return (np.zeros, ((5, 224, 224),))


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return Fickle()
