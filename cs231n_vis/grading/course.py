"""How a course gives its points: ``course.toml``, read whole or refused in a sentence.

[points]                # of each check's points; without this table a check is all or nothing
shape = 0.1             # an array of the right kind and shape
known = 0.4             # right with the inputs that students have
hidden = 0.5            # right with those that they do not have

[deadlines]             # each with its distance from UTC
01_saliency_maps = 2026-10-09T23:59:00+02:00

[extensions.ann]        # another deadline for one student
01_saliency_maps = 2026-10-12T23:59:00+02:00

[late]
free_days = 3           # of each student, for the whole course; the earliest deadline takes first
percent = 10            # of the points that were earned, for each other day that has begun
most_days = 4           # who is later has no points; without it, percent alone decides
grace_minutes = 15      # that do not count
times = "files"         # when it was handed in: a file's time; or "timestamps", nbgrader's
                        # timestamp.txt beside it; or a file with columns student and submitted

[roster]                # what the platform's own export is, to fill in its columns
canvas = "canvas.csv"
moodle = "moodle.csv"
"""

import csv
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from ..files import open_regular
from ..names import near

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

NAME = "course.toml"
LARGEST = 1 << 20  # bytes
PARTS = ("shape", "known", "hidden")
_TABLES = ("points", "deadlines", "extensions", "late", "roster")


@dataclass(frozen=True)
class Late:
    """What being late costs; see above."""

    free_days: int = 0
    percent: float = 0
    most_days: int | None = None
    grace_minutes: float = 0
    times: str = "files"


@dataclass(frozen=True)
class Course:
    """What ``course.toml`` says; without one, nothing is late and checks are all or nothing.

    Attributes:
        shares: of a check's points, by its parts; 1 in all, or empty.
        deadlines: by assignment.
        extensions: by student and assignment.
        late: what being late costs.
        roster: by platform, its export of the class.
        folder: where the file lies, from which others are named.
    """

    shares: Mapping[str, float] = field(default_factory=dict)
    deadlines: Mapping[str, datetime] = field(default_factory=dict)
    extensions: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    late: Late = Late()
    roster: Mapping[str, Path] = field(default_factory=dict)
    folder: Path = Path()

    def deadline(self, student: str, assignment: str) -> datetime | None:
        """Until when a student may hand in; None if there is no end."""
        own = self.extensions.get(student, {}).get(assignment)
        return own or self.deadlines.get(assignment)

    def days_late(self, student: str, assignment: str, submitted: str) -> int:
        """How many days after the deadline have begun; 0 if in time, or if no time is known."""
        deadline = self.deadline(student, assignment)
        if deadline is None or not submitted:
            return 0
        grace = timedelta(minutes=self.late.grace_minutes)
        after = datetime.fromisoformat(submitted) - deadline
        return math.ceil(after / timedelta(days=1)) if after > grace else 0

    def submitted(self, student: str, assignment: str, path: Path) -> str:
        """When a submission was handed in, ISO 8601 in UTC; empty if nothing says so.

        Empty too where there is no deadline: nothing follows from it.

        Raises:
            ValueError: a time cannot be read, or does not say how far it is from UTC.
        """
        times = self.late.times
        if self.deadline(student, assignment) is None:
            return ""
        if times == "files":
            when = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
        elif times == "timestamps":
            file = path.with_name("timestamp.txt")
            if not file.is_file():
                return ""
            with open_regular(file, LARGEST) as stream:
                when = _time(stream.read().decode("utf-8", "replace").strip(), str(file))
        else:
            table = _times(self.folder / times)
            if student not in table:
                return ""
            when = table[student]
        return when.astimezone(timezone.utc).isoformat(timespec="seconds")


def read_course(path: Path | None = None) -> Course:
    """Read ``course.toml``; without a path, that of the folder one is in, if it is there.

    Raises:
        FileNotFoundError: it was named, and is not there.
        ValueError: what is in it is not as above; the message says what, where, and what to do.
    """
    named, path = path is not None, path or Path(NAME)
    if not named and not path.exists():
        return Course()
    with open_regular(path, LARGEST) as stream:
        try:
            stored = tomllib.loads(stream.read().decode("utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise ValueError(f"{path} is not TOML: {problem}.") from None
    _only(stored, _TABLES, path, "")
    for name in _TABLES:
        if not isinstance(stored.setdefault(name, {}), dict):
            raise ValueError(f"{path}: {name} is to be a table, [{name}].")
    return Course(
        _shares(stored["points"], path),
        _deadlines(stored["deadlines"], path, "deadlines"),
        {
            student: _deadlines(those, path, f"extensions.{student}")
            for student, those in stored["extensions"].items()
        },
        _late(stored["late"], path),
        {name: path.parent / file for name, file in _roster(stored["roster"], path).items()},
        path.parent,
    )


def _only(found: Mapping, known: tuple[str, ...], path: Path, table: str) -> None:
    for name in found:
        if name not in known:
            where = f"in [{table}] " if table else ""
            raise ValueError(f"{path}: there is no {name!r} {where}here; {near(name, known)}")


def _number(value: object, path: Path, name: str, most: float = math.inf) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        upper = "" if most == math.inf else f" and {most:g}"
        between = f"from 0{upper and ' to'}{upper.removeprefix(' and')}" + ("" if upper else " on")
        raise ValueError(f"{path}: {name} is {value!r}, and is to be a number {between}.")
    return value


def _shares(found: Mapping, path: Path) -> dict[str, float]:
    _only(found, PARTS, path, "points")
    shares = {name: _number(value, path, f"points.{name}", 1) for name, value in found.items()}
    if shares and not math.isclose(sum(shares.values()), 1, abs_tol=1e-6):
        told = " + ".join(f"{value:g}" for value in shares.values())
        raise ValueError(f"{path}: the shares in [points] are {told}, and are to be 1 in all.")
    return shares


def _deadlines(found: object, path: Path, table: str) -> dict[str, datetime]:
    if not isinstance(found, dict):
        raise ValueError(f"{path}: {table} is to be a table of deadlines, [{table}].")
    example = "2026-10-09T23:59:00+02:00"
    for name, when in found.items():
        if not isinstance(when, date):
            raise ValueError(
                f"{path}: {table}.{name} is {when!r}, and is to be a time without quotes, "
                f"as {example}."
            )
        if not isinstance(when, datetime) or when.tzinfo is None:
            raise ValueError(
                f"{path}: {table}.{name} is {when.isoformat()}, which does not say in which time "
                f"zone; write it as {example}."
            )
    return found


def _late(found: Mapping, path: Path) -> Late:
    _only(found, tuple(Late.__dataclass_fields__), path, "late")
    for name, value in found.items():
        if name == "times":
            if not isinstance(value, str) or not (
                value in ("files", "timestamps") or value.endswith(".csv")
            ):
                raise ValueError(
                    f"{path}: late.times is {value!r}, and is to be 'files', 'timestamps', or the "
                    "name of a .csv file."
                )
            continue
        _number(value, path, f"late.{name}", 100 if name == "percent" else math.inf)
        if name in ("free_days", "most_days") and not isinstance(value, int):
            raise ValueError(f"{path}: late.{name} is {value}, and is to be a whole number.")
    return Late(**found)


def _roster(found: Mapping, path: Path) -> Mapping[str, str]:
    _only(found, ("canvas", "moodle"), path, "roster")
    for name, file in found.items():
        if not isinstance(file, str):
            raise ValueError(f"{path}: roster.{name} is {file!r}, and is to be a file's name.")
    return found


def _times(path: Path) -> dict[str, datetime]:
    with open_regular(path, 64 * LARGEST) as stream:
        rows = list(csv.DictReader(stream.read().decode("utf-8-sig").splitlines()))
    if rows and not {"student", "submitted"} <= rows[0].keys():
        raise ValueError(f"{path} is to have the columns student and submitted.")
    return {
        row["student"]: _time(row["submitted"] or "", f"{path}, line {line}")
        for line, row in enumerate(rows, 2)
    }


def _time(text: str, where: str) -> datetime:
    """A time as nbgrader writes it, or in ISO 8601."""
    from dateutil import parser  # of which Matplotlib is made, too

    try:
        when = parser.parse(text.replace("Z", "+00:00") if text.endswith("Z") else text)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{where}: {text[:60]!r} is not a time, as 2026-10-09T23:59:00+02:00."
        ) from None
    if when.tzinfo is None:
        raise ValueError(f"{where}: {text[:60]!r} does not say how far it is from UTC.")
    return when
