"""The checks there are, by name: one file for each assignment. To add one: docs/instructors.md."""

from ..checks import Check
from . import beyond_the_gradient, can_you_trust_a_map, saliency_maps

CHECKS: dict[str, Check] = {
    check.name: check
    for assignment in (saliency_maps, beyond_the_gradient, can_you_trust_a_map)
    for check in assignment.CHECKS
}

#: Parts of the package that hold answers, or from which one follows in a line. Students do not get
#: them, and the grader hides them.
ANSWERS = ("gradients.py", "saliency.py", "methods", "metrics", "vis")

#: What an assignment needs of them, because it goes on from the answers of earlier ones.
NEEDS: dict[str, tuple[str, ...]] = {
    "05_can_you_trust_a_map": ("gradients.py", "saliency.py", "methods"),
}


def answers_hidden_from(assignment: str) -> list[str]:
    """The parts of the package that are hidden while this assignment is graded."""
    return [part for part in ANSWERS if part not in NEEDS.get(assignment, ())]
