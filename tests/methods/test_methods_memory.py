"""Memory does not grow with the number of images or of samples, in a process of its own."""

import subprocess
import sys
from pathlib import Path

from methods.test_methods_all import SAMPLED

SCRIPT = """
import sys
import numpy as np, psutil
from cs231n_vis import methods
from methods import by_hand

SIZE = (48, 48)

def peak():
    memory = psutil.Process().memory_info()
    if hasattr(memory, "peak_wset"):  # on Windows
        return memory.peak_wset
    import resource
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most

def many(name, images, samples):
    X, y = by_hand.small_batch(images, size=SIZE)
    options = {
        "integrated_gradients": {"steps": samples},
        "occlusion": {"patch": 16, "stride": 16 if samples < 9 else 6},  # 9 or 49 squares
        "expected_gradients": {"samples": samples, "background": X[:3]},
    }
    methods.METHODS[name].function(X, y, model, **options.get(name, {"samples": samples}))

model = by_hand.small_model(size=SIZE)
for few in (True, False):
    for name in sys.argv[1:]:
        many(name, 8 if few else 60, 8 if few else 40)
    print(peak())
"""


def test_memory_grows_with_neither_images_nor_samples():
    """60 images of 28 KB in 40 variations are 66 MB, as much again are their gradients."""
    tests = Path(__file__).parents[1]
    methods = [name for name in SAMPLED if name != "smoothgrad_squared"]  # it is as smoothgrad
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *methods], cwd=tests, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    before, after = map(int, done.stdout.split())
    assert after - before < 30e6
