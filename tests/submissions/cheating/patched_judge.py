# Replaces the judge by one whose verdict is always that it passed.
# attacks: judge
# %%
import sys

import cs231n_vis.checking.in_notebook
import cs231n_vis.checking.verdict as judge


def _always(answer, expected):
    return judge.Verdict(True, ("5 of 5 maps agree with the saved maps",))


for _module in list(sys.modules.values()):
    if hasattr(_module, "judge_maps"):
        _module.judge_maps = _always
judge.relative_l2 = lambda answer, expected: np.zeros(len(expected))
judge.TOLERANCE = 1e9

# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return np.zeros(X.shape[:3])
