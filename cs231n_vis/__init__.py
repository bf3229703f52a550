"""Saliency maps, taught: the helper package that the notebooks import.

Importing this package costs milliseconds: every public name is loaded on first use,
and TensorFlow only when a name needs it.
"""

from importlib import import_module
from importlib.machinery import PathFinder

__version__ = "0.1.0"

# public name -> the module of this package that defines it; a module is its own
_HOME = {
    "tf": "tensorflow_quiet",
    "check_installation": "installation",
    "explore": "explorer",
    "load_squeezenet": "squeezenet",
    "freeze": "squeezenet",
    "with_relu": "relu",
    "compute_saliency_maps": "saliency",
    "make_fooling_image": "fooling",
    "fast_gradient_sign": "fooling",
    "class_visualization_update_step": "class_visualization",
    "create_class_visualization": "class_visualization",
    "total_variation": "class_visualization",
    "load_imagenet_val": "imagenet",
    "load_class_names": "imagenet",
    "load_image": "image_utils",
    "preprocess_image": "image_utils",
    "deprocess_image": "image_utils",
    "blur_image": "image_utils",
    "SQUEEZENET_MEAN": "image_utils",
    "SQUEEZENET_STD": "image_utils",
    "show_figure": "plots",
    "show_images": "plots",
    "show_saliency_maps": "plots",
}
_HOME |= {module: module for module in ("check", "explorer", "methods", "metrics", "plots", "vis")}
# The copies that students get come without the reference answers; a name is public if its module
# is here.
_ABSENT = {
    name for name, home in _HOME.items() if not PathFinder.find_spec(f"{__name__}.{home}", __path__)
}

__all__ = ["__version__", *(name for name in _HOME if name not in _ABSENT)]


def __getattr__(name):
    if name in _ABSENT:
        raise AttributeError(f"This copy of {__name__} comes without {name}: it is yours to write")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f".{_HOME[name]}", __name__)
    value = home if name == _HOME[name] else getattr(home, name)
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
