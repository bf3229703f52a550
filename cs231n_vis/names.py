"""What a person types for a method or a class, found; or one sentence that says what was meant.

Nothing here imports more than the standard library, so that a slip of the pen is answered at once.
"""

import difflib
from collections.abc import Iterable, Sequence

from .method_table import METHODS

_LISTED = 8  # names in one sentence


def find_methods(asked: Sequence[str]) -> list[str]:
    """The names of the methods asked for, each once, in the order of asking.

    Args:
        asked: names, with any capitals, and with hyphens or spaces for underscores; ``all``
            stands for all of them.

    Raises:
        ValueError: there is no such method.
    """
    found: list[str] = []
    for name in asked:
        plain = "_".join(name.lower().replace("-", " ").replace("_", " ").split())
        if plain not in (*METHODS, "all"):
            raise ValueError(
                f"There is no method {name!r}; {meant(plain, METHODS)}"
                f"the methods are {', '.join(METHODS)}, and all."
            )
        found += METHODS if plain == "all" else [plain]
    return list(dict.fromkeys(found))


def find_class(asked: str, class_names: dict[int, str]) -> int:
    """The label of the class asked for.

    Args:
        asked: the label itself, or a name or a part of one, with any capitals. A whole name comes
            before names that hold it ("goose" is not "goose-something"), and whole words before
            parts of words.
        class_names: label to name.

    Raises:
        ValueError: there is no such class, or more than one.
    """
    asked = asked.strip()
    if asked.isdecimal():
        if int(asked) in class_names:
            return int(asked)
        raise ValueError(
            f"There is no class {asked}; they are numbered {min(class_names)} to "
            f"{max(class_names)}."
        )
    wanted, matches = asked.lower(), matching(asked, class_names)
    if not matches:
        raise ValueError(
            f"No class is called {asked!r}; {meant(wanted, class_names.values())}give a number "
            f"from {min(class_names)} to {max(class_names)}, a name or a part of one, or auto."
        )
    if len(matches) > 1:
        listed = [f"{class_names[label]} ({label})" for label in matches[:_LISTED]]
        if len(matches) > _LISTED:
            listed.append(f"{len(matches) - _LISTED} more")
        raise ValueError(
            f"{asked!r} is a part of {len(matches)} names: {', '.join(listed[:-1])} and "
            f"{listed[-1]}; give one of them, or its number."
        )
    return matches[0]


def matching(asked: str, class_names: dict[int, str]) -> list[int]:
    """The labels whose names are what was asked for, or hold it as whole words, or hold it at all:
    the first of these that there are, with any capitals; none for an empty text."""
    wanted = asked.strip().lower()
    names = {label: name.lower() for label, name in class_names.items() if wanted}
    return (
        [label for label, name in names.items() if name == wanted]
        or [label for label, name in names.items() if f" {wanted} " in f" {_words(name)} "]
        or [label for label, name in names.items() if wanted in name]
    )


def near(wanted: str, names: Iterable[str]) -> str:
    """The end of a sentence: "did you mean …?" of names like this one, or else the last few."""
    names = list(map(str, names))
    if like := _like(str(wanted), names):
        return f"did you mean {' or '.join(like)}?"
    if not names:
        return "there is none at all"
    return f"there {'are' if len(names) > 1 else 'is'} {', '.join(names[-_LISTED:])}"


def _words(name: str) -> str:
    return " ".join("".join(c if c.isalnum() or c in "'-" else " " for c in name).split())


def meant(wanted: str, names: Iterable[str]) -> str:
    """The middle of a sentence: up to three names like this one, or nothing."""
    like = _like(wanted, names)
    return f"did you mean {' or '.join(like)}? Else " if like else ""


def _like(wanted: str, names: Iterable[str]) -> list[str]:
    """Up to three names like this one; a name is also found by one of its words: "retreiver"."""
    by_word: dict[str, list[str]] = {}
    for name in names:
        for key in (name.lower(), *_words(name.lower()).split()):
            by_word.setdefault(key, []).append(name)
    keys = difflib.get_close_matches(wanted.lower(), by_word, n=3, cutoff=0.6)
    return list(dict.fromkeys(name for key in keys for name in by_word[key]))[:3]
