# Stops its process with SIGSTOP: it is alive and does nothing, not even die politely.
# attacks: signals
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import os
    import signal

    os.kill(os.getpid(), signal.SIGSTOP)
