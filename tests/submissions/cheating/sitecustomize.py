# Writes start-up files for every Python that comes after: sitecustomize, usercustomize, a .pth.
# attacks: files
# %%
import contextlib
import site
import sys
from pathlib import Path

_code = "import sys\nsys.cheated = True\n"  # a real one would do worse
_folders = [*site.getsitepackages(), site.getusersitepackages(), str(Path.cwd())]
for _folder in _folders:
    for _name in ("sitecustomize.py", "usercustomize.py"):
        # not over a file that is there, in case that this runs where it should not
        with contextlib.suppress(OSError), open(Path(_folder) / _name, "x") as _file:
            _file.write("# left by tests/submissions/cheating/sitecustomize.py\n" + _code)
    with contextlib.suppress(OSError), open(Path(_folder) / "cheat.pth", "x") as _file:
        _file.write("import sys; sys.cheated = True\n")

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return None
