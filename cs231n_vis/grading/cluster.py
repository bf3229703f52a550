"""Grade a class on many machines: Dask's scheduler hands out the submissions, one task each.

What a task takes and gives are bytes (``submission.Task``, ``submission.Graded``), so the machines
share no folder, and results are written here alone, as without a cluster. A worker prepares an
assignment, its hidden inputs and the room for kernels once. It must have this package in the same
version and, unless there are to be none, the walls.

A worker that dies loses nothing: Dask gives its tasks to others. Whose task brings down its worker
again and again is tried once more with nothing beside it, then reported, and the rest is graded.
"""

import atexit
import contextlib
import hashlib
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from distributed import Client, KilledWorker, LocalCluster, as_completed

from ..checking.results import Result
from ..files import atomic_write
from . import submission as of_one
from .course import Course
from .find import Submission
from .grade import Class, begin, class_of, write_down
from .key import key_of_run, why_other
from .ours import temporary_folder
from .room import room_for
from .submission import Graded, Grader, Lost, Task, grade_task, grader_failed
from .walls import NoWalls

PATIENCE = 10  # seconds, until a scheduler answers
_ONE_MORE = 1  # submissions that wait at each worker


class ClusterError(OSError):
    """The cluster cannot grade; the message says why, and what to do."""


@contextlib.contextmanager
def connected(address: str, jobs: int) -> Iterator[Client]:
    """A client of the scheduler at an address, ``tcp://HOST:8786``; ``local`` starts one here.

    TLS, ``tls://HOST:8786``, takes its files from Dask's own settings.

    Raises:
        ClusterError: there is none, or it has no workers.
    """
    with contextlib.ExitStack() as stack:
        try:
            if address == "local":
                cluster = LocalCluster(
                    n_workers=jobs,
                    threads_per_worker=1,
                    memory_limit=None,
                    dashboard_address=None,
                )
                stack.enter_context(cluster)
                client = stack.enter_context(Client(cluster, timeout=PATIENCE))
            else:
                client = stack.enter_context(Client(address, timeout=PATIENCE))
        except (OSError, ValueError, TypeError, RuntimeError) as problem:
            reason = " ".join(str(problem).split())[:300]
            raise ClusterError(
                f"There is no scheduler of Dask at {address} ({reason}); start one with "
                "`dask scheduler`, or use --cluster local."
            ) from None
        if not client.scheduler_info()["workers"]:
            raise ClusterError(
                f"The scheduler at {address} has no workers; start some with "
                f"`dask worker {address}`, where this package is installed."
            )
        yield client


def grade_on_cluster(
    client: Client,
    submissions: Sequence[Submission],
    source: Path,
    seed: int,
    out: Path,
    again: bool = False,
    walls: bool = True,
    course: Course | None = None,
) -> Generator[Result, None, None]:
    """Grade submissions on a cluster, and yield each result when it is written.

    Args:
        client: of the cluster, from ``connected``.
        submissions, out, again, walls, course: as for ``grade.grade``.
        source: of the assignment, in text.
        seed: of its hidden inputs.

    Raises:
        ClusterError: workers cannot grade as this machine would; nothing was graded.
        NoWalls: workers have none.
    """
    course = course or Course()
    assignment = of_one.read_assignment(source, seed)
    common = class_of(assignment, out, course, "bubblewrap" if walls else "none", again)
    order = _Order(source.name, source.read_bytes(), seed, walls, dict(course.shares))
    _try_all(client, order, common)
    waiting = iter(submissions)
    running: dict = {}
    doubtful: list[Task] = []
    most = sum(client.nthreads().values()) + _ONE_MORE * len(client.nthreads())
    done = as_completed()

    def hand_out(task: Task, alone: bool) -> None:
        # the order goes with each task: what is scattered dies with the workers that hold it
        future = client.submit(_do, task, order, common.key, alone, pure=False, retries=0)
        running[future] = task
        done.add(future)

    def fill() -> Iterator[Result]:
        """Hand out until the workers are busy; whoever needs no grading has a result at once."""
        for each in waiting:
            task = begin(each, common)
            if isinstance(task, Task):
                hand_out(task, False)
                if len(running) >= most:
                    return
            else:
                yield task

    try:
        yield from fill()
        while running:
            future = next(done)
            task = running.pop(future)
            graded = _result_of(future, task, last=False)
            if graded is None:
                doubtful.append(task)
            else:
                yield write_down(graded, common)
            yield from fill()
        for task in doubtful:
            future = client.submit(_do, task, order, common.key, True, pure=False, retries=0)
            running[future] = task
            graded = _result_of(future, task, last=True)
            running.pop(future)
            assert graded is not None
            yield write_down(graded, common)
    finally:
        client.cancel(list(running))


def _result_of(future, task: Task, last: bool) -> Graded | None:
    """What came of a task; None if it is to be tried again with nothing beside it.

    Raises:
        ClusterError, NoWalls: workers have changed meanwhile.
    """
    try:
        return future.result()
    except (ClusterError, NoWalls):
        raise
    except Lost:
        return None
    except KilledWorker:
        if not last:
            return None
        message = "It ended the process that grades it again and again, on several machines."
        return Graded(replace(task.blank, message=message))
    except ModuleNotFoundError as problem:
        raise ClusterError(_lacks(problem)) from None
    except Exception as failure:
        return Graded(replace(task.blank, message=grader_failed(failure)))


def _try_all(client: Client, order: "_Order", common: Class) -> None:
    """Have every worker prepare itself, so that what it lacks is told before anything is graded."""
    try:
        told = client.run(_prepare_here, order, common.key, on_error="return")
    except ModuleNotFoundError as problem:
        raise ClusterError(_lacks(problem)) from None
    for worker, said in told.items():
        if isinstance(said, NoWalls):
            raise NoWalls(f"{worker}: {said}")
        if isinstance(said, ClusterError):
            raise ClusterError(f"{worker}: {said}")
        if isinstance(said, ModuleNotFoundError):
            raise ClusterError(f"{worker}: {_lacks(said)}")
        if isinstance(said, Exception):
            raise ClusterError(f"{worker} cannot grade: {type(said).__name__}: {said}.")


def _lacks(problem: ModuleNotFoundError) -> str:
    return f"There is no {problem.name} at a worker; install there what is installed here."


# At a worker ------------------------------------------------------------------------------------


class _Order:
    """What a worker needs to grade an assignment; the same order is prepared once."""

    def __init__(self, name: str, source: bytes, seed: int, walls: bool, shares: dict[str, float]):
        self.name, self.source, self.seed = name, source, seed
        self.walls, self.shares = walls, shares
        about = repr((name, source, seed, walls, sorted(shares.items())))
        self.digest = hashlib.sha256(about.encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Order) and other.digest == self.digest


_preparing = threading.Lock()


def _prepare_here(order: _Order, key: dict[str, str]) -> None:
    """Prepare this worker, and see whether it would come to the same marks.

    Raises:
        ClusterError: it would not.
        NoWalls: it has none.
    """
    with _preparing:
        _, own = _prepared(order)
    if own != key:
        differs = ", ".join(why_other(own, key)) or "versions"
        raise ClusterError(
            f"This worker differs from the machine that asks in: {differs}; install the same there."
        )


@cache
def _prepared(order: _Order) -> tuple[Grader, dict[str, str]]:
    with temporary_folder() as place:
        source = place / order.name
        with atomic_write(source) as temporary:
            temporary.write_bytes(order.source)
        assignment = of_one.load_assignment(source, order.seed)
    stack = contextlib.ExitStack()
    room = stack.enter_context(room_for(assignment.name, order.walls))
    atexit.register(stack.close)
    turns = threading.Semaphore(2**30)  # Dask hands out no more than there are threads
    grader = Grader(assignment, order.shares, room, turns, threading.Event())
    walls = "bubblewrap" if order.walls else "none"
    return grader, key_of_run(assignment.pristine, walls, order.shares)


def _do(task: Task, order: _Order, key: dict[str, str], alone: bool) -> Graded:
    _prepare_here(order, key)
    return grade_task(task, _prepared(order)[0], alone)
