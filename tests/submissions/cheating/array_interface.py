# An object that offers the memory of another array through __array_interface__, of a wrong size.
# attacks: exchange
# %%
class Window:
    def __init__(self, shape):
        self.memory = np.zeros(4)
        address = self.memory.__array_interface__["data"]
        self.__array_interface__ = {
            "shape": shape, "typestr": "<f4", "version": 3, "data": address, "strides": (0, 0, 0)
        }


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return Window(X.shape[:3])
