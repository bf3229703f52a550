"""The checks there are, by name: every module here holds those of one assignment, ``CHECKS``.

docs/instructors.md shows how to add one.
"""

from importlib import import_module
from pkgutil import iter_modules

from ..checks import Check

CHECKS: dict[str, Check] = {
    check.name: check
    for module in iter_modules(__path__, f"{__name__}.")
    for check in import_module(module.name).CHECKS
}
