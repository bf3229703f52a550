"""At which place a second network has the class of each picture that notebook 03 makes.

python benchmarks/bench_recognisability.py [COUNT]

The classes are the eight of the notebook's gallery, and COUNT (20) that are drawn by lot from the
other 992. Each is made in the four ways of the notebook, by its own cells, and EfficientNet-
Lite0, for which no picture is made, says at which place of its 1000 classes the wanted one is.
"""

import sys
from pathlib import Path

import numpy as np

from cs231n_vis.checking.cells import names
from cs231n_vis.making.release import read_source

SOURCE = Path(__file__).parents[1] / "notebooks" / "source" / "03_class_visualization.py"
WAYS = {
    "pixels": "climb(random_pixels(len(y)), image_of_pixels, y, from_one_place)",
    "pixels, views": "climb(random_pixels(len(y)), image_of_pixels, y, random_view)",
    "waves": "visualise(y, view=from_one_place)",
    "waves, views": "visualise(y)",
}


def from_notebook() -> dict[str, object]:
    """What the ways and the ranks use, and what that uses in turn, as the notebook defines it."""
    wanted = set().union(*(names(way)[1] for way in WAYS.values())) | {"ranks", "class_names"}
    needed: list[str] = []
    for cell in reversed(read_source(SOURCE).cells):
        if cell.cell_type == "code" and not cell.source.startswith("check."):
            bound, used = names(cell.source)
            if not wanted.isdisjoint(bound):
                needed.append(cell.source)
                wanted |= used
    space: dict[str, object] = {}
    for source in reversed(needed):
        exec(source, space)
    return space


def main() -> None:
    space = from_notebook()
    gallery = list(dict.fromkeys(space["y"].tolist()))[:8]
    others = np.setdiff1d(np.arange(1000), gallery)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    by_lot = np.random.default_rng(0).choice(others, count, replace=False).tolist()
    print(f"{'':38}" + "".join(f"{way:>15}" for way in WAYS))
    for kind, classes in (("gallery", gallery), ("drawn by lot", by_lot)):
        places = []
        for four in (classes[n : n + 4] for n in range(0, len(classes), 4)):
            made = [eval(way, space | {"y": four}) for way in WAYS.values()]
            places += zip(*(space["ranks"](X, four) for X in made), strict=True)
            for label, row in zip(four, places[-len(four) :], strict=True):
                print(f"{space['class_names'][label]:38}" + "".join(f"{r:15}" for r in row))
        for said, of in (
            ("among the first five", (np.array(places) <= 5).mean(0)),
            ("first", (np.array(places) == 1).mean(0)),
        ):
            print(f"{kind + ', ' + said:38}" + "".join(f"{share:15.0%}" for share in of))
        print(f"{kind + ', median':38}" + "".join(f"{m:15.0f}" for m in np.median(places, 0)))


if __name__ == "__main__":
    main()
