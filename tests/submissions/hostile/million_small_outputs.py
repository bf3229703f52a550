# Five million small outputs, each a message of its own.
# attacks: outputs
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import sys

    for number in range(5_000_000):
        print(number)
        sys.stdout.flush()
