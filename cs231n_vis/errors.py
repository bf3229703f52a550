"""What goes wrong, told in a sentence: for every command of `cs231n-vis`."""

import contextlib
from collections.abc import Iterator

import typer

from . import sources


@contextlib.contextmanager
def errors_in_a_sentence() -> Iterator[None]:
    """Print an expected error to stderr without a traceback; exit 2 for an unknown name, else 1."""
    try:
        yield
    except (OSError, ValueError) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2 if isinstance(problem, sources.UnknownSource) else 1) from None
    except ModuleNotFoundError as problem:
        needed = "this command needs more packages: pip install 'cs231n-vis[lab,test,site]'"
        typer.echo(f"There is no {problem.name} here; {needed}.", err=True)
        raise typer.Exit(1) from None
