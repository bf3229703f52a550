"""The command `cs231n-vis grade`."""

from pathlib import Path
from typing import Annotated

import typer

from ..errors import errors_in_a_sentence

app = typer.Typer()


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
