# Raises the recursion limit and overflows the C stack.
# attacks: kernel
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import sys

    class Endless:
        def __getattr__(self, name):
            return repr(getattr(self, name + "x"))

    sys.setrecursionlimit(2**31 - 1)
    return Endless().a
