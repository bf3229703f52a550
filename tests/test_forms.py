"""What a check accepts, the notebook can use: each solution, with answers of every form.

The cells are run in this process, from top to bottom, with the answers' results turned into
tensors, lists or double precision. What no result gets into is run once for all forms, and what an
answer returned for the same arguments is not computed again.
"""

import contextlib
import hashlib
import io
import symtable
from collections.abc import Iterator
from functools import wraps
from pathlib import Path

import numpy as np

from cs231n_vis import tf
from cs231n_vis.making.release import read_source

SOURCES = Path(__file__).parents[1] / "notebooks" / "source"
FORMS = {
    "tensors": tf.convert_to_tensor,
    "lists": lambda array: array.tolist(),
    "double precision": lambda array: array.astype(np.float64),
}

#: What a notebook is run with here, in place of its own: pictures smaller and made in fewer steps.
LESS = {"SIZE": 64, "ITERATIONS": 2, "SIZE_OF_UNITS": 48, "VIEWS": 2, "MOVES": 3}
#: Answers that a tape has to follow each time; a list it could not follow.
TAPED = ("robust_scores", "image_from_waves")


def names_used(table: symtable.SymbolTable) -> Iterator[str]:
    """The global names that a piece of code reads, its functions included."""
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (table.get_type() == "module" or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from names_used(child)


def names_bound(table: symtable.SymbolTable) -> set[str]:
    found = (s for s in table.get_symbols() if s.is_assigned() or s.is_imported())
    return {symbol.get_name() for symbol in found}


def content(value) -> object:
    """Equal for equal arguments of an answer; a generator of random numbers equals no other."""
    if isinstance(value, np.ndarray | tf.Tensor):
        array = np.ascontiguousarray(value)
        return array.shape, array.dtype.str, hashlib.sha256(array).digest()
    if isinstance(value, np.random.Generator):
        return object()
    return value if isinstance(value, int | float | str) else id(value)


def remembered(answer):
    results, kept = {}, []  # the arguments too, so that their ids stay their own

    @wraps(answer)
    def ask(*args, **options):
        key = tuple(map(content, args)), tuple(map(content, options.values()))
        if key not in results:
            results[key] = answer(*args, **options)
            kept.append((args, options))
        return results[key]

    return ask


def in_form(answer, form: str):
    @wraps(answer)
    def ask(*args, **options):
        returned = answer(*args, **options)
        if returned is None or hasattr(returned, "layers"):  # a model has no other form
            return returned
        if answer.__name__ in TAPED:
            return tf.cast(returned, tf.float64) if form == "double precision" else returned
        return FORMS[form](np.asarray(returned))

    return ask


def run_in_every_form(source: Path) -> None:
    shared, spaces = {}, {form: {} for form in FORMS}
    reached: set[str] = set()  # the names whose values a form has got into
    for cell in read_source(source).cells:
        if cell.cell_type != "code":
            continue
        table = symtable.symtable(cell.source, cell.id, "exec")
        bound = names_bound(table)
        with contextlib.redirect_stdout(io.StringIO()):
            if reached.isdisjoint(names_used(table)):
                exec(cell.source, shared)
                shared |= {name: LESS[name] for name in bound & LESS.keys()}
                for space in spaces.values():
                    space |= {name: shared[name] for name in bound}
            else:
                reached |= bound
                for space in spaces.values():
                    exec(cell.source, space)
                    space |= {name: LESS[name] for name in bound & LESS.keys()}
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.id in bound:
            answer = shared[cell.id]
            if cell.id not in TAPED:
                answer = remembered(answer)
            for form, space in spaces.items():
                space[cell.id] = in_form(answer, form)
            if cell.id != "randomise_layers":
                reached.add(cell.id)
    assert reached


for _source in sorted(SOURCES.glob("0[1-9]*.py")):  # a class for each, to be run side by side

    class Forms:
        source = _source

        def test_the_notebook_runs_with_answers_of_every_form(self):
            run_in_every_form(self.source)

    globals()[f"Test_{_source.stem}"] = Forms
del Forms
