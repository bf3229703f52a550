# Leaves a child that keeps the kernel's stdout and stderr open, so that nobody sees their end.
# attacks: processes
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import subprocess
    import sys

    subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(3600)"],
        stdout=sys.__stdout__.fileno(),
        stderr=sys.__stderr__.fileno(),
        start_new_session=True,
        close_fds=False,
    )
    return None
