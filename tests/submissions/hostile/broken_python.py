# Breaks the builtins that the kernel itself needs.
# attacks: kernel
# %%
import builtins

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    for name in ("isinstance", "len", "print", "open", "__import__", "super", "getattr"):
        setattr(builtins, name, None)
