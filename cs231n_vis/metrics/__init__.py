"""How good is a map? Five answers from the literature, and a comparison of all methods by them.

    from cs231n_vis import metrics

    curves = metrics.deletion(methods.saliency, X, y, model)     # curves.areas: (N,)
    print(metrics.compare(num=5))                                # a table of all methods

A method is any function ``method(X, y, model)`` that returns (N, H, W) or (N, H, W, C): one of
``methods``, with other parameters by ``functools.partial``, or a function of one's own. No metric
changes the model. None of them says that a map is *true*; what each says, and where it fails, is in
docs/metrics.md.
"""

from .baselines import edges, random_map
from .compare import QUICK, Comparison, compare, quick_methods
from .completeness import Completeness, completeness
from .deletion_insertion import Curves, deletion, insertion
from .input_shift import InputShift, input_shift
from .pictures import maps_figure
from .pointing_game import Mosaics, draw_mosaics, pointing_game, share_in_quadrants
from .randomisation import Randomisation, cascading_randomisation, randomised
from .similarity import rank_correlation, relative_change, structural_similarity

__all__ = [
    "QUICK",
    "Comparison",
    "Completeness",
    "Curves",
    "InputShift",
    "Mosaics",
    "Randomisation",
    "cascading_randomisation",
    "compare",
    "completeness",
    "deletion",
    "draw_mosaics",
    "edges",
    "input_shift",
    "insertion",
    "maps_figure",
    "pointing_game",
    "quick_methods",
    "random_map",
    "randomised",
    "rank_correlation",
    "relative_change",
    "share_in_quadrants",
    "structural_similarity",
]
