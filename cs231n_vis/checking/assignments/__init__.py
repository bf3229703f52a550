"""The checks there are, by name: a module holds those of the assignment that it is called after.

What serves several assignments is in modules whose names begin with an underscore.

docs/instructors.md shows how to add one.
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
    import_module(f"{__name__}.{module.name}")
    for module in iter_modules(__path__)
    if not module.name.startswith("_")
)
