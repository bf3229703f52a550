# Asks the kernel politely to shut down and not to come back, in every way it has.
# attacks: kernel
# %%
get_ipython().ask_exit()
get_ipython().kernel.do_shutdown(False)


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    get_ipython().kernel.do_shutdown(False)
    exit()
