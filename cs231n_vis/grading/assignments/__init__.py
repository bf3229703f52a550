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

#: Parts of the package that hold answers, or from which one follows in a line. Students do not get
#: them, and the grader hides them.
ANSWERS = (
    "gradients.py",
    "saliency.py",
    "fooling.py",
    "class_visualization.py",
    "methods",
    "metrics",
    "vis",
)

#: What an assignment needs of them, because it goes on from the answers of earlier ones.
NEEDS: dict[str, tuple[str, ...]] = {
    "05_can_you_trust_a_map": ("gradients.py", "saliency.py", "methods"),
}


def answers_hidden_from(assignment: str) -> list[str]:
    """The parts of the package that are hidden while this assignment is graded."""
    return [part for part in ANSWERS if part not in NEEDS.get(assignment, ())]
