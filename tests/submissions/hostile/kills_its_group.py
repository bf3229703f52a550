# Kills its own process group, in which the grader would be if it made none for the kernel.
# attacks: signals
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import os
    import signal

    os.killpg(os.getpgrp(), signal.SIGKILL)
