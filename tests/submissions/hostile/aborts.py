# Aborts the process, and leaves a core file if it may.
# attacks: kernel
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import os
    import resource

    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    os.abort()
