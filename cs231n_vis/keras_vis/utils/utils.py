"""The helpers of keras-vis under their old names; each is defined in a module beside this."""

from ..backend import set_random_seed
from .arrays import (
    deprocess_input,
    get_img_shape,
    normalize,
    random_array,
    slicer,
)
from .models import apply_modifications, find_layer_idx, get_num_filters
from .pictures import (
    bgr2rgb,
    draw_text,
    get_imagenet_label,
    load_img,
    lookup_imagenet_labels,
    stitch_images,
)
from .python import add_defaults_to_kwargs, get_identifier, listify, reverse_enumerate

__all__ = [
    "add_defaults_to_kwargs",
    "apply_modifications",
    "bgr2rgb",
    "deprocess_input",
    "draw_text",
    "find_layer_idx",
    "get_identifier",
    "get_imagenet_label",
    "get_img_shape",
    "get_num_filters",
    "listify",
    "load_img",
    "lookup_imagenet_labels",
    "normalize",
    "random_array",
    "reverse_enumerate",
    "set_random_seed",
    "slicer",
    "stitch_images",
]
