"""The old name of ``cs231n_vis.keras_vis``: the same modules, whichever name they are asked by."""

import sys
from importlib import import_module
from pkgutil import walk_packages

from .. import keras_vis

for _module in walk_packages(keras_vis.__path__, f"{keras_vis.__name__}."):
    _old_name = __name__ + _module.name.removeprefix(keras_vis.__name__)
    sys.modules[_old_name] = import_module(_module.name)
sys.modules[__name__] = keras_vis
