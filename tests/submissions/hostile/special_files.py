# Leaves a pipe and a socket where a grader may look for files, and reads from the pipe.
# attacks: folder
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import os
    import socket

    for name in ("answer.npy", "results.json", "output.ipynb"):
        if not os.path.exists(name):
            os.mkfifo(name)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("listener")
    open("answer.npy").read()
