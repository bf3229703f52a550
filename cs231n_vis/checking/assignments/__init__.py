"""The checks there are, by name. A folder here is an assignment, called after its notebook:

    checks.py     how its answers are called, with which inputs, and when they are right
    mistakes.py   the mistakes that are known, with their hints

``gradients`` beside the folders serves several. docs/instructors.md shows how to add an assignment,
a check or a mistake.
"""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from ..checks import Check


def collect(modules: Iterable[ModuleType]) -> dict[str, Check]:
    """The checks of these modules, by name.

    Raises:
        ValueError: two have the same name.
    """
    found: dict[str, Check] = {}
    where: dict[str, str] = {}
    for module in modules:
        for check in module.CHECKS:
            if check.name in found:
                raise ValueError(
                    f"There are two checks {check.name}, in {where[check.name]} and in "
                    f"{module.__name__}: give one of them another name."
                )
            found[check.name], where[check.name] = check, module.__name__
    return found


CHECKS = collect(
    import_module(f"{__name__}.{module.name}.checks")
    for module in iter_modules(__path__)
    if module.ispkg
)
