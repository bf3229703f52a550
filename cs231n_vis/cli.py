"""The command `cs231n-vis`: parse, call, print. What a command does is written elsewhere."""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

import typer

from . import sources
from .errors import errors_in_a_sentence
from .printing import bear_any_encoding

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def main() -> None:
    """Saliency maps, taught: tools for the course's data and notebooks."""
    bear_any_encoding()


@app.command()
def fetch(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", show_default=False)] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Open no connection.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Show the sources and stop.")] = False,
) -> None:
    """Fetch sources of data and verify them.

    Without a NAME: verify those that came with the installation, which the course needs.
    """
    with errors_in_a_sentence():
        known = sources.sources()
        asked = [sources.find(name) for name in names or ()]
        if list_:
            _print_table(asked or list(known.values()))
            return
        for source in asked or [source for source in known.values() if source.distribution]:
            paths = sources.fetch(source.name, offline=offline, progress=sys.stderr.isatty())
            typer.echo(f"{source.name}: {len(paths)} verified in {paths[0].parent}")
        if not asked:
            from .weights import read_weights

            typer.echo(f"squeezenet: {len(read_weights())} layers ready")


def _print_table(listed: list[sources.Source]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table("source", "state", "size", "licence", box=box.SIMPLE)
    for column in table.columns[1:3]:
        column.no_wrap = True
    for source in listed:
        state = sources.state(source.name)
        what = f"[bold]{source.name}[/bold]\n{source.title}"
        table.add_row(what, state, _size(source, state), source.licence)
    Console().print(table)


def _size(source: sources.Source, state: str) -> str:
    if state == "ready":
        return f"{sum(path.stat().st_size for path in sources.locate(source.name)) / 1e6:.2f} MB"
    known = [file.size for file in source.files if file.size is not None]
    return f"{sum(known) / 1e6:.2f} MB" if len(known) == len(source.files) else "not known"


# Each room brings its own commands, if it is here: see making/rooms.py.
for room in ("terminal", "making", "grading"):
    if find_spec(f"cs231n_vis.{room}"):
        app.add_typer(import_module(f"cs231n_vis.{room}.commands").app)


if __name__ == "__main__":
    app()
