"""The commands `cs231n-vis grade`, `mark`, `adjust` and those that make autograders."""

from pathlib import Path
from typing import Annotated

import typer

from ..errors import errors_in_a_sentence
from ..installation import few_open_files

app = typer.Typer()

ASSIGNMENT = Annotated[str, typer.Option(help="Which assignment, by the name of its source.")]
COURSE = Annotated[
    Path | None,
    typer.Option(help="Deadlines, late days, points for parts. [default: course.toml]"),
]


@app.command()
def grade(
    submissions: Annotated[
        list[Path], typer.Argument(help="Notebooks, or folders of them.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="Where results and feedback go.")] = Path("graded"),
    assignment: ASSIGNMENT = "01_saliency_maps",
    jobs: Annotated[int, typer.Option(min=1, help="How many to grade at a time.")] = 1,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Of the hidden inputs; drawn anew and kept in OUT by default."),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="Also write canvas, gradescope, junit, markdown, moodle, nbgrader, prairielearn.",
        ),
    ] = None,
    course: COURSE = None,
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
    cluster: Annotated[
        str | None,
        typer.Option(help="Grade on Dask: tcp://HOST:8786 of its scheduler, or local."),
    ] = None,
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
        from .course import read_course
        from .feedback import visible
        from .marks import whole_class
        from .results import folder_of, read_result_if_any
        from .walls import NoWalls

        if few := few_open_files():
            raise OSError(few)
        rules = read_course(course)
        report.check_formats(formats or (), rules)
        source = _source(assignment)
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
                if cluster:
                    from .cluster import connected, grade_on_cluster

                    client = stack.enter_context(connected(cluster, jobs))
                    count = sum(client.nthreads().values())
                    console.print(f"Graded on a cluster, {count} at a time.", highlight=False)
                    about = found, source, drawn, out, again, not without_walls, rules
                    graded = grade_on_cluster(client, *about)
                else:
                    # TensorFlow takes its time, and so do the walls; until both are there, quiet
                    with ThreadPoolExecutor(1) as pool:
                        loading = pool.submit(grading.load_assignment, source, drawn)
                        room = stack.enter_context(
                            grading.safe_room(found, assignment, out, not without_walls)
                        )
                    console.print(room.describe(), highlight=False)
                    graded = grading.grade(found, loading.result(), out, jobs, again, room, rules)
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
        whole, others = whole_class(out, assignment, rules, results)
        told = report.write_class_report(whole, out, formats or (), rules, others)
        results = whole[: len(results)]
        console.print(report.summary(results, changes))
        for sentence in [*told, f"The class as a page: {out / 'report.html'}"]:
            console.out(visible(sentence), highlight=False)
        if not all(result.graded for result in results):
            raise typer.Exit(1)
        if fail_under is not None and any(
            100 * result.score < fail_under * result.max_score for result in results
        ):
            raise typer.Exit(1)


def _source(assignment: str) -> Path:
    """The text source of an assignment, in the folder one is in."""
    source = Path("notebooks/source") / f"{assignment}.py"
    if not source.is_file():
        raise FileNotFoundError(
            f"There is no assignment {source}; run this from the folder that holds notebooks/."
        )
    return source


def _autograder(platform: str, assignment: str, out: Path, seed: int | None, walls: bool) -> None:
    with errors_in_a_sentence():
        from .autograder import write_autograder

        _source(assignment)
        write_autograder(platform, Path.cwd(), assignment, out, seed, walls)
        typer.echo(f"Wrote {out}.")


WHICH = Annotated[str, typer.Argument(help="Which assignment, by the name of its source.")]
SEED = Annotated[
    int | None, typer.Option(min=0, help="Of the hidden inputs; else drawn for each submission.")
]
WITHOUT_WALLS = Annotated[
    bool,
    typer.Option("--without-walls", help="The platform's container is the wall, and no other."),
]


@app.command()
def gradescope(
    assignment: WHICH,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")] = Path(
        "autograder.zip"
    ),
    seed: SEED = None,
    without_walls: WITHOUT_WALLS = False,
) -> None:
    """Write Gradescope's autograder for an assignment, to be uploaded there as it is."""
    _autograder("gradescope", assignment, out, seed, not without_walls)


@app.command()
def prairielearn(
    assignment: WHICH,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write.")] = Path(
        "prairielearn"
    ),
    seed: SEED = None,
    without_walls: WITHOUT_WALLS = False,
) -> None:
    """Write a question for PrairieLearn, and what its grader's image is built from."""
    _autograder("prairielearn", assignment, out, seed, not without_walls)


@app.command()
def classroom50(
    assignment: WHICH,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write.")] = Path(
        "classroom50"
    ),
    without_walls: WITHOUT_WALLS = False,
) -> None:
    """Write Classroom 50's autograder.py and what it takes; students can read these files."""
    _autograder("classroom50", assignment, out, None, not without_walls)


@app.command()
def mark(
    out: Annotated[Path, typer.Argument(help="The folder of the results.")] = Path("graded"),
    assignment: ASSIGNMENT = "04_beyond_the_gradient",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: one that is free.")] = 0,
    course: COURSE = None,
) -> None:
    """Mark answers in words, in a browser on this machine, a page for each question.

    What is given is kept at once, reaches the student's feedback, and is never lost at a regrade.
    Ctrl-C ends it, and writes the class's tables anew.
    """
    with errors_in_a_sentence():
        from ..making.release import read_source
        from .course import read_course
        from .marking import Marking, MarkingServer, questions_of

        questions = questions_of(read_source(_source(assignment)))
        marking = Marking(out, assignment, questions, read_course(course))
        with MarkingServer(marking, port) as server:
            typer.echo(f"Open {server.address} in a browser; Ctrl-C here ends it.")
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                marking.finish()
                typer.echo(f"\nWrote the tables in {out} anew.")


@app.command(context_settings={"ignore_unknown_options": True})  # such as -1
def adjust(
    student: Annotated[str, typer.Argument(help="The student, as in grades.csv.")],
    points: Annotated[float, typer.Argument(help="To add, or with a minus to take.")],
    reason: Annotated[str, typer.Option(help="What the student reads.")],
    out: Annotated[Path, typer.Option(help="The folder of the results.")] = Path("graded"),
    assignment: ASSIGNMENT = "01_saliency_maps",
    course: COURSE = None,
) -> None:
    """Add points to one submission, or take some, with a reason; no regrade loses it."""
    with errors_in_a_sentence():
        from ..names import near
        from . import marks, report
        from .course import read_course
        from .results import folder_of, with_earlier

        rules = read_course(course)
        stored = with_earlier([], out, assignment)
        names = [result.student for result in stored]
        if student not in names:
            raise ValueError(
                f"There is no {student} graded in {assignment} in {out}; {near(student, names)}"
            )
        marks.adjust(folder_of(out, student, assignment), points, reason)
        whole, others = marks.whole_class(out, assignment, rules)
        (result,) = (each for each in whole if each.student == student)
        report.write_class_report(whole, out, (), rules, others)
        typer.echo(f"{student}: {result.score:g}/{result.max_score:g}")
