"""Is all that the notebooks need here, and does it work? In words."""

import os
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

from .printing import bear_any_encoding

OURS = "cs231n-vis"  # the distribution whose metadata says what is needed
FILES_NEEDED = 256  # open at once
MEMORY_NEEDED = 1.5  # GB; the most that a notebook of the course takes
IMAGES_RIGHT = 14, 17  # of 20: the best guess, and one of the best five


class Problem(Exception):
    """Something is missing or wrong; the message says what, and what to do about it."""


def check_installation() -> bool:
    """Look at Python, the packages, the network, the images and the machine.

    Prints a line for each: ``✓`` and what was found, or ``✗``, what is wrong and what to do. Looks
    at everything, however much is wrong.

    Returns:
        Whether all is well.
    """
    bear_any_encoding()
    well = True
    for look in (_python, _packages, _tensorflow, _network_and_images, _memory, _folder):
        try:
            for found in look():
                print(f"✓ {found}")
        except Problem as problem:
            print(f"✗ {problem}")
            well = False
        except Exception as problem:  # in a broken installation nearly anything can be raised
            print(f"✗ {type(problem).__name__}: {problem}")
            well = False
    print("All is well." if well else "Mend what is marked with ✗, restart, and run this again.")
    return well


def _python() -> Iterator[str]:
    number = ".".join(map(str, sys.version_info[:2]))
    named = (each.rpartition(" :: ")[2] for each in metadata(OURS).get_all("Classifier", ()))
    pythons = [each for each in named if each.startswith("3.")]
    if number not in pythons:
        raise Problem(
            f"This runs on Python {number}, and Python {pythons[0]} to {pythons[-1]} is needed: "
            "choose another kernel (in JupyterLab: menu Kernel, Change Kernel), or set everything "
            "up anew with `make setup`."
        )
    yield f"Python {number}"


def _packages() -> Iterator[str]:
    """Whether all that this package's own metadata asks for is here, in a version that will do."""
    from packaging.requirements import Requirement

    needed = [need for need in map(Requirement, requires(OURS) or ()) if not need.marker]
    unfit = []
    for need in needed:
        try:
            found = version(need.name)
        except PackageNotFoundError:
            found = "missing"
        if found == "missing" or not need.specifier.contains(found, prereleases=True):
            unfit.append(f"{need} is needed, and it is {found}")
    if unfit:
        raise Problem(f"{'; '.join(unfit)}: install the course's pinned packages (`make setup`).")
    yield f"{len(needed)} packages, none too old"


def _tensorflow() -> Iterator[str]:
    try:
        from .tensorflow_quiet import lost_precision, tf
    except Exception as problem:
        raise Problem(
            f"TensorFlow could not be imported ({type(problem).__name__}: {problem}). If it was "
            "installed with `make setup`, this is another Python: choose the one in the folder "
            f".venv as the notebook's kernel. This one is {sys.executable}."
        ) from problem
    if lost := lost_precision():
        raise Problem(lost)
    processors = len(tf.config.list_physical_devices("GPU"))
    where = f"{os.cpu_count()} cores" + (f" and {processors} GPU" if processors else "")
    yield f"TensorFlow {tf.__version__}, on {where}"


def _network_and_images() -> Iterator[str]:
    import numpy as np

    from .image_utils import preprocess_image
    from .imagenet import load_imagenet_val
    from .squeezenet import load_squeezenet

    model = load_squeezenet()
    yield f"the network, with {model.count_params():,} weights"
    X_raw, y, _ = load_imagenet_val()
    yield f"{len(X_raw)} images with their labels"
    ranking = np.argsort(-model(preprocess_image(X_raw)).numpy(), axis=1)
    best = int((ranking[:, 0] == y).sum())
    among = int((ranking[:, :5] == y[:, None]).sum())
    if (best, among) != IMAGES_RIGHT:
        raise Problem(
            f"The network names {best} of the images rightly, and {among} among its five best "
            f"guesses; it should be {IMAGES_RIGHT[0]} and {IMAGES_RIGHT[1]}. TensorFlow or Pillow "
            "computes something else here: install the versions in requirements.lock "
            "(`make setup`)."
        )
    yield f"the network recognises what it should: {best} images, {among} among its best five"


def few_open_files() -> str:
    """A sentence if too few files may be open at once here, of which each kernel needs a hundred.

    First this process, and what it starts, is allowed as many as it may be.
    """
    try:
        import resource
    except ImportError:  # Windows
        return ""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= FILES_NEEDED:
        return ""
    allowed = 4096 if hard == resource.RLIM_INFINITY else min(hard, 4096)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed >= FILES_NEEDED:
        return ""
    return f"Only {allowed} files may be open at once here: allow more, with `ulimit -n 1024`."


def _memory() -> Iterator[str]:
    import psutil

    if few := few_open_files():
        raise Problem(few)
    free = psutil.virtual_memory().available / 1e9
    if free < MEMORY_NEEDED:
        raise Problem(
            f"Only {free:.1f} GB of memory are free, and a notebook may take {MEMORY_NEEDED} GB: "
            "close other programs and notebooks (in JupyterLab: Kernel, Shut Down All Kernels)."
        )
    yield f"{free:.0f} GB of memory are free"


def _folder() -> Iterator[str]:
    folder = Path.cwd()
    if not os.access(folder, os.W_OK):
        raise Problem(
            f"The folder {folder} cannot be written, so your work cannot be saved: copy the "
            "notebooks to a folder of yours."
        )
    yield "this folder can be written"
