# Asks a question on stdin, in Python and on the descriptor, and waits for the answer.
# attacks: time
# %%
try:
    name = input("What is your name? ")
except Exception:
    pass

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import getpass
    import os

    try:
        getpass.getpass("And your password? ")
    except Exception:
        pass
    os.read(0, 1)
    open("/dev/tty").read(1)
