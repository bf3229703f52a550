"""Helpers that know nothing of arrays or models."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ...names import near


def reverse_enumerate(iterable: Sequence) -> Iterator[tuple[int, Any]]:
    """The pairs of ``enumerate``, last first: ``"ab"`` to (1, "b"), (0, "a")."""
    return zip(reversed(range(len(iterable))), reversed(iterable), strict=True)


def listify(value: Any) -> list:
    """``value`` if it is a list, else a list of it alone; also of a tuple, an array or None."""
    return value if isinstance(value, list) else [value]


def add_defaults_to_kwargs(defaults: dict, **kwargs: Any) -> dict:
    """A new dictionary of ``kwargs``, and of ``defaults`` for what is not among them."""
    return {**defaults, **kwargs}


def get_identifier(identifier: str | Callable, module_globals: dict, module_name: str) -> Callable:
    """The function of a module by its name.

    Args:
        identifier: a name, or a function, which is returned as it is.
        module_globals: ``globals()`` of the module, whose public functions are looked through.
        module_name: what to call the module in an error.

    Raises:
        ValueError: there is no such function, or ``identifier`` is neither name nor function.
    """
    if callable(identifier):
        return identifier
    names = {
        name: value
        for name, value in module_globals.items()
        if getattr(value, "__module__", None) == module_globals["__name__"]
        and callable(value)
        and not name.startswith("_")
        and name != "get"
    }
    kind = module_name.rpartition(".")[2].removesuffix("s").replace("_", " ")
    if not isinstance(identifier, str):
        raise ValueError(
            f"A {kind} is a function or the name of one ({', '.join(names)}), not {identifier!r}."
        )
    if identifier not in names:
        raise ValueError(f"Unknown {kind} {identifier!r}; {near(identifier, names)}")
    return names[identifier]
