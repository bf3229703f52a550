"""The command `cs231n-vis`: parse, call, print. What a command does is written elsewhere."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from . import sources

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def main() -> None:
    """Saliency maps, taught: tools for the course's data and notebooks."""


@contextlib.contextmanager
def errors_in_a_sentence() -> Iterator[None]:
    """Print an expected error to stderr without a traceback; exit 2 for an unknown name, else 1."""
    try:
        yield
    except (OSError, ValueError) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2 if isinstance(problem, sources.UnknownSource) else 1) from None
    except ModuleNotFoundError as problem:
        needed = "this command needs more packages: pip install 'cs231n-vis[lab,test]'"
        typer.echo(f"There is no {problem.name} here; {needed}.", err=True)
        raise typer.Exit(1) from None


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
        sizes = [path.stat().st_size for path in sources.locate(source.name)]
    else:
        sizes = [file.size for file in source.files]
    return "not known" if None in sizes else f"{sum(sizes) / 1e6:.2f} MB"


@app.command()
def demo(
    build: Annotated[Path, typer.Option(help="Where the results go.")] = Path("build"),
) -> None:
    """Run the first assignment's solution, check it with nbval, and write its figure.

    Run it in the folder that holds notebooks/.
    """
    with errors_in_a_sentence():
        from .grading.demo import check_with_nbval, run_solution

        typer.echo("Running the solution, without a browser …")
        notebook, figure = run_solution(Path("notebooks"), build)
        typer.echo(f"{notebook}: every cell ran\n{figure}: the images and their saliency maps")
        typer.echo("Running it once more under nbval, which compares what the check cell prints …")
        if not check_with_nbval(notebook):
            raise ValueError("nbval found a difference: see above.")


@app.command()
def release(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a notebook is out of step.")
    ] = False,
) -> None:
    """Make the student notebooks and the executed solutions from notebooks/source/.

    Run it in the folder that holds notebooks/.
    """
    with errors_in_a_sentence():
        from .grading.release import out_of_step, release

        if check:
            stale = [str(path) for path in out_of_step(Path("notebooks"))]
            if stale:
                raise ValueError(
                    f"Not in step with notebooks/source: {', '.join(stale)}; run "
                    "`cs231n-vis release`."
                )
            typer.echo("All notebooks are in step with notebooks/source.")
            return
        for path in release(Path("notebooks")):
            typer.echo(f"wrote {path}")


@app.command()
def grade(
    submissions: Annotated[
        list[Path], typer.Argument(help="Notebooks, or folders of them.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="Where results and feedback go.")] = Path("graded"),
    assignment: Annotated[
        str, typer.Option(help="Which assignment, by the name of its source.")
    ] = "01_saliency_maps",
    jobs: Annotated[int, typer.Option(min=1, help="How many to grade at a time.")] = 1,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Of the hidden inputs; drawn anew and kept in OUT by default."),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="Also write gradescope, junit or nbgrader."),
    ] = None,
    fail_under: Annotated[
        float | None,
        typer.Option(min=0, max=100, help="Exit 1 if a submission has less than this percentage."),
    ] = None,
) -> None:
    """Grade submissions: STUDENT.ipynb or STUDENT/ASSIGNMENT.ipynb.

    Run it in the folder that holds notebooks/. A run that was interrupted is taken up where it
    stopped. Exit status: 0 all were graded, whatever their marks; 1 some could not be; 2 usage.
    """
    with errors_in_a_sentence():
        from rich.console import Console
        from rich.progress import track

        from .grading import grade as grading
        from .grading import report, sandbox

        report.check_formats(formats or ())
        source = Path("notebooks/source") / f"{assignment}.py"
        if not source.is_file():
            raise FileNotFoundError(
                f"There is no assignment {source}; run this from the folder that holds notebooks/."
            )
        found = grading.find_submissions(submissions, assignment)
        if not found:
            raise FileNotFoundError("There is no submission in what was given.")
        console = Console()
        console.print(sandbox.Sandbox(out).describe(), highlight=False)
        prepared = grading.load_assignment(source, grading.seed_of(out, seed))
        done = grading.grade(found, prepared, out, jobs)
        results = list(track(done, "Grading", total=len(found), console=console))
        report.write_class_report(results, out, formats or ())
        console.print(report.summary(results))
        if any(result.status != "graded" for result in results):
            raise typer.Exit(1)
        if fail_under is not None and any(
            100 * result.score < fail_under * result.max_score for result in results
        ):
            raise typer.Exit(1)


@app.command("save-maps")
def save_maps() -> None:
    """Make the saved maps that answers are compared with anew, from the reference in float64."""
    with errors_in_a_sentence():
        from .grading.saved_maps import write_saved_maps

        typer.echo(f"wrote {write_saved_maps()}")


if __name__ == "__main__":
    app()
