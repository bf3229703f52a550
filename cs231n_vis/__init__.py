"""Saliency maps, taught: the helper package that the notebooks import.

Importing this package costs milliseconds: every public name is loaded on first use,
and TensorFlow only when a name needs it.
"""

from importlib import import_module
from importlib.machinery import PathFinder

__version__ = "0.1.0"

# public name -> the module of this package that defines it
_HOME = {
    "tf": "tensorflow_quiet",
    "check_installation": "installation",
    "explore": "explorer",
    "load_squeezenet": "squeezenet",
    "load_efficientnet_lite": "efficientnet",
    "freeze": "squeezenet",
    "with_relu": "relu",
    "compute_saliency_maps": "references.saliency",
    "make_fooling_image": "references.fooling",
    "fast_gradient_sign": "references.fooling",
    "class_visualization_update_step": "references.class_visualization",
    "robust_scores": "references.class_visualization",
    "image_from_waves": "references.class_visualization",
    "random_view": "views",
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
# public name -> the module that it is
_MODULES = {"check": "checking.in_notebook"} | {
    name: name for name in ("explorer", "keras_vis", "methods", "metrics", "plots", "vis")
}
if _both := _HOME.keys() & _MODULES.keys():
    raise ImportError(
        f"{', '.join(_both)}: a public name is a module's or what one defines, not both"
    )
# The copies that students get come without some rooms; a name is public if its room is here.
_ABSENT = {
    name
    for name, home in (_HOME | _MODULES).items()
    if not PathFinder.find_spec(f"{__name__}.{home.partition('.')[0]}", __path__)
}

__all__ = ["__version__", *(name for name in (*_HOME, *_MODULES) if name not in _ABSENT)]


def __getattr__(name):
    if name in _ABSENT:
        raise AttributeError(f"This copy of {__name__} comes without {name}: it is yours to write")
    if name in _MODULES:
        value = import_module(f".{_MODULES[name]}", __name__)
    elif name in _HOME:
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
