# Comments by which nbval skips a cell, in the answer and in the check.
# attacks: notebook
# %% answer="compute_saliency_maps"
# NBVAL_SKIP
def compute_saliency_maps(X, y, model):
    return None


# %% replace="check_saliency_maps"
# NBVAL_RAISES_EXCEPTION
# NBVAL_IGNORE_OUTPUT
raise AssertionError("as expected")
