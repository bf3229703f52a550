"""The commands of `cs231n-vis` that make assignments."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from ..errors import errors_in_a_sentence

app = typer.Typer()


@app.command()
def demo(
    build: Annotated[Path, typer.Option(help="Where the results go.")] = Path("build"),
) -> None:
    """Run the first assignment's solution, check it with nbval, and write its figure.

    Run it in the folder that holds notebooks/.
    """
    with errors_in_a_sentence():
        from ..making.demo import check_with_nbval, run_solution

        typer.echo("Running the solution, without a browser …")
        notebook, figure = run_solution(Path("notebooks"), build)
        typer.echo(f"{notebook}: every cell ran\n{figure}: the images and their saliency maps")
        typer.echo("Running it once more under nbval, which compares what the check cell prints …")
        if not check_with_nbval(notebook):
            raise ValueError("nbval found a difference: see above.")


@app.command()
def release(
    assignments: Annotated[
        list[str] | None, typer.Argument(help="Which, by the names of their sources; or all.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a notebook is out of step.")
    ] = False,
    student: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write a repository to hand out to students instead."),
    ] = None,
) -> None:
    """Make the student notebooks and the executed solutions from notebooks/source/.

    Run it in the folder that holds notebooks/. With --student and no names, assignments that need
    the answers of others are left out: name them when those have been handed in.
    """
    with errors_in_a_sentence():
        from ..making.release import out_of_step, release
        from ..making.student_repository import write_student_repository

        if student:
            written = write_student_repository(Path(), student, assignments or ())
            typer.echo(f"wrote {student} with {', '.join(written)}")
            return
        if check:
            stale = [str(path) for path in out_of_step(Path("notebooks"))]
            if stale:
                raise ValueError(
                    f"Not in step with notebooks/source: {', '.join(stale)}; run "
                    "`cs231n-vis release`."
                )
            typer.echo("All notebooks are in step with notebooks/source.")
            return
        for path in release(Path("notebooks"), assignments or ()):
            typer.echo(f"wrote {path}")


@app.command("save-maps")
def save_maps(
    checks: Annotated[
        list[str] | None, typer.Argument(help="Of which checks; all by default.")
    ] = None,
) -> None:
    """Make the saved maps that answers are compared with anew, from the reference in float64."""
    with errors_in_a_sentence():
        from ..making.write_saved_maps import write_saved_maps

        for path in write_saved_maps(*(checks or ())):
            typer.echo(f"wrote {path}")


@app.command()
def site(
    out: Annotated[Path, typer.Option(help="Where it goes.")] = Path("build/site"),
    answers: Annotated[
        bool,
        typer.Option(
            help="With model answers, folded, and the pages for instructors; or without both."
        ),
    ] = True,
) -> None:
    """Build the site: the course as a book, and the explorer's page. Run it in the folder that
    holds site/. Any web server can serve what it builds.
    """
    with errors_in_a_sentence():
        from ..making.book import build_book
        from ..making.page import build_page

        shutil.rmtree(out, ignore_errors=True)
        build_book(Path().absolute(), out, answers)
        build_page(out / "explorer")
        typer.echo(f"wrote {out}/index.html")
