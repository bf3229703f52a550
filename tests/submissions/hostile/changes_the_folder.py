# Goes to the root folder, with a umask by which nobody can read what it writes.
# attacks: folder
# %%
import os

os.chdir("/")
os.umask(0o777)

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.zeros(X.shape[:3])
