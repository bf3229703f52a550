"""The pictures of wrong answers that several assignments show."""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from ...imagenet import load_class_names
from ..exchange import Probe
from ..verdict import Verdict


def compared(draw: Callable[..., Figure], told: str, labels: Callable[[Probe], np.ndarray]):
    """A picture of yours, the expected and the difference, of the results that are wrong.

    ``draw`` is ``comparison_figure`` or its like; ``labels`` are those of the images, (N,).
    """

    def picture(returned, probe: Probe, verdict: Verdict) -> tuple[Figure, str] | None:
        some = [n for n in verdict.wrong if n < len(labels(probe))]
        if not some:
            return None
        names = load_class_names()
        titles = [names[int(label)] for label in labels(probe)[some]]
        figure = draw(np.asarray(returned)[some], probe.expected[some], titles)
        return figure, f"{told}, for {', '.join(titles)}."

    return picture
