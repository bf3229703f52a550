"""The command `cs231n-vis grade`."""

from pathlib import Path
from typing import Annotated

import typer

from ..errors import errors_in_a_sentence
from ..installation import few_open_files

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
        typer.Option("--format", help="Also write gradescope, junit, markdown or nbgrader."),
    ] = None,
    without_walls: Annotated[
        bool,
        typer.Option(
            "--without-walls",
            help="Run students' code without walls: only if you trust it, or this is a container "
            "made for it.",
        ),
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Grade again what was graded and has not changed.")
    ] = False,
    fail_under: Annotated[
        float | None,
        typer.Option(min=0, max=100, help="Exit 1 if a submission has less than this percentage."),
    ] = None,
) -> None:
    """Grade submissions: STUDENT.ipynb, STUDENT/ASSIGNMENT.ipynb or STUDENT/notebooks/….

    Run it in the folder that holds notebooks/. A run that was interrupted is taken up where it
    stopped; a mark is kept until something that it follows from changes, and whose mark moved is
    told. Exit status: 0 all were graded, whatever their marks; 1 some could not be; 2 usage, or no
    walls for students' code; 130 interrupted.
    """
    with errors_in_a_sentence():
        from concurrent.futures import ThreadPoolExecutor
        from contextlib import ExitStack

        from rich.console import Console
        from rich.progress import track

        from . import grade as grading
        from . import report
        from .feedback import visible
        from .results import folder_of, read_result_if_any, with_earlier
        from .walls import NoWalls

        if few := few_open_files():
            raise OSError(few)
        report.check_formats(formats or ())
        source = Path("notebooks/source") / f"{assignment}.py"
        if not source.is_file():
            raise FileNotFoundError(
                f"There is no assignment {source}; run this from the folder that holds notebooks/."
            )
        console = Console()
        found = grading.find_submissions(
            submissions, assignment, out, lambda sentence: console.out(visible(sentence))
        )
        if not found:
            raise FileNotFoundError("There is no submission in what was given.")
        drawn = grading.seed_of(out, seed)
        before = {
            each.student: read_result_if_any(
                folder_of(out, each.student, assignment) / "results.json"
            )
            for each in found
        }
        results, changes = [], []
        try:
            with ExitStack() as stack:
                # TensorFlow takes its time, and so do the walls; until both are there, it is quiet
                with ThreadPoolExecutor(1) as pool:
                    loading = pool.submit(grading.load_assignment, source, drawn)
                    room = stack.enter_context(
                        grading.safe_room(found, assignment, out, not without_walls)
                    )
                console.print(room.describe(), highlight=False)
                graded = grading.grade(found, loading.result(), out, jobs, again, room)
                stack.callback(graded.close)
                for result in track(graded, "Grading", total=len(found), console=console):
                    results.append(result)
                    if change := report.change(before[result.student], result):
                        changes.append(change)
                        report.add_to_changes(change, out)
        except NoWalls as reason:
            typer.echo(reason, err=True)
            raise typer.Exit(2) from None
        except KeyboardInterrupt:
            typer.echo(
                f"Interrupted: {len(results)} of {len(found)} are done, and no mark was made of "
                "the rest. The same command goes on from here.",
                err=True,
            )
            raise typer.Exit(130) from None
        console.print(report.summary(results, changes))
        report.write_class_report(with_earlier(results, out, assignment), out, formats or ())
        if not all(result.graded for result in results):
            raise typer.Exit(1)
        if fail_under is not None and any(
            100 * result.score < fail_under * result.max_score for result in results
        ):
            raise typer.Exit(1)
