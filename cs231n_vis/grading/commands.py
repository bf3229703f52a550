"""The commands of `cs231n-vis` for instructors, which students' copies come without."""

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
        from .demo import check_with_nbval, run_solution

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
        from .release import out_of_step, release
        from .student_repository import write_student_repository

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

        from . import grade as grading
        from . import report, sandbox

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
def save_maps(
    checks: Annotated[
        list[str] | None, typer.Argument(help="Of which checks; all by default.")
    ] = None,
) -> None:
    """Make the saved maps that answers are compared with anew, from the reference in float64."""
    with errors_in_a_sentence():
        from .save_maps import write_saved_maps

        for path in write_saved_maps(*(checks or ())):
            typer.echo(f"wrote {path}")
