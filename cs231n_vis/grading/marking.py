"""Marking answers in words: `cs231n-vis mark` serves a page for each question, to its own machine.

The page, ``marking.html.jinja``, has the whole class's answers to a question beside its rubric, and
is worked by keys alone. A mark is kept at once (``marks.py``); who was marked by somebody else
meanwhile is shown, not written over. Nobody comes in without the key that is in the address, from
another machine, or from another page in the same browser.
"""

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from nbformat import NotebookNode

from ..checking.results import Result, Written
from .course import Course
from .feedback import page, readable, visible, write_feedback
from .marks import MarkedMeanwhile, give_mark, read_by_hand, whole_class, with_marks
from .report import write_class_report
from .results import folder_of, with_earlier

LARGEST = 100_000  # bytes of what a browser sends


@dataclass(frozen=True)
class Question:
    """A question in words.

    Attributes:
        name: its name.
        points: the most that it carries.
        asked: what stands before it in the notebook, in Markdown.
        model: a possible answer, with the rubric.
    """

    name: str
    points: float
    asked: str
    model: str


def questions_of(source: NotebookNode) -> list[Question]:
    """The questions of an assignment's source that carry points, in order."""
    found, before = [], ""
    for cell in source.cells:
        grade = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and grade.get("points"):
            name = cell.id.removeprefix("question_")
            asked = before[max(before.rfind("\n**"), 0) :]  # the last of several in a cell
            found.append(Question(name, grade["points"], asked.strip(), cell.source))
        elif cell.cell_type == "markdown":
            before = cell.source
    return found


class Marking:
    """The questions of a class, and what was given for them so far.

    Args:
        out: the folder of the results.
        assignment: its name.
        questions: from ``questions_of``.
        course: how points are given.

    Raises:
        ValueError: there is nothing to mark.
    """

    def __init__(self, out: Path, assignment: str, questions: Sequence[Question], course: Course):
        self.out, self.assignment, self.course = out, assignment, course
        self.questions = {question.name: question for question in questions}
        if not questions:
            raise ValueError(f"{assignment} has no question that carries points.")
        if not any(result.written for result in self.results()):
            raise ValueError(
                f"There is no graded submission of {assignment} in {out} with an answer to mark: "
                "grade the class first."
            )

    def results(self) -> list[Result]:
        found = with_earlier([], self.out, self.assignment)
        return sorted((r for r in found if r.graded), key=lambda result: result.student)

    def answers(self, question: str) -> list[dict]:
        """The class's answers to a question, with the marks that they have."""
        found = []
        for result in self.results():
            written = _written(result, question)
            if written is None:
                continue
            marks = read_by_hand(self._folder(result)).questions.get(question, [])
            found.append(
                {
                    "student": result.student,
                    "shown": visible(result.student),
                    "text": "\n".join(readable(written.text, 20_000).splitlines()),
                    "marks": [asdict(mark) for mark in marks],
                }
            )
        return found

    def give(self, student: str, question: str, points: float, comment: str, seen: int) -> dict:
        """Give points for an answer, and write the student's feedback anew.

        Raises:
            KeyError: there is no such student or question.
            MarkedMeanwhile, ValueError: as ``marks.give_mark``.
        """
        result = next((each for each in self.results() if each.student == student), None)
        written = _written(result, question) if result else None
        if result is None or written is None:
            raise KeyError(question)
        folder = self._folder(result)
        mark = give_mark(folder, written, points, comment, seen)
        (whole,) = with_marks([result], self.out, self.course, True)
        write_feedback(whole, folder)
        return asdict(mark)

    def finish(self) -> None:
        """Write the class's tables and pages anew."""
        whole, others = whole_class(self.out, self.assignment, self.course)
        write_class_report(whole, self.out, (), self.course, others)

    def _folder(self, result: Result) -> Path:
        return folder_of(self.out, result.student, result.assignment)


def _written(result: Result, question: str) -> Written | None:
    return next((each for each in result.written if each.question == question), None)


class MarkingServer(ThreadingHTTPServer):
    """Serves the pages on 127.0.0.1.

    Args:
        marking: what is marked.
        port: 0 for one that is free.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True

    def __init__(self, marking: Marking, port: int = 0):
        self.marking, self.key = marking, secrets.token_urlsafe(16)
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as problem:
            reason = f"Port {port} cannot be had ({problem.strerror or problem})"
            raise OSError(f"{reason}; name another with --port, or none.") from None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{self.key}/"


class _Handler(BaseHTTPRequestHandler):
    server: MarkingServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self._asked()
        marking = self.server.marking
        if name is None:
            return
        if name and name not in marking.questions:
            self._send(404, "There is no such question.")
            return
        question = marking.questions[name] if name else None
        nonce = secrets.token_urlsafe(16)
        shown = {
            "assignment": marking.assignment,
            "questions": [
                {"name": each.name, "points": each.points, **_progress(marking, each.name)}
                for each in marking.questions.values()
            ],
            "question": question,
            "data": _in_script(marking.answers(name)) if name else "[]",
            "nonce": nonce,
        }
        text = page("marking.html.jinja", **shown)
        self._send(200, text, "text/html", nonce)

    def do_POST(self) -> None:
        name = self._asked()
        if name is None:
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST:
            self._send(413, "That is too long.")
            return
        try:
            asked = json.loads(self.rfile.read(int(length)))
            about = str(asked["student"]), name, float(asked["points"])
            mark = self.server.marking.give(*about, str(asked["comment"]), int(asked["seen"]))
        except MarkedMeanwhile as other:
            self._send(409, str(other))
        except (KeyError, TypeError):
            self._send(400, "There is no such answer.")
        except ValueError as problem:
            self._send(400, str(problem))
        except OSError as problem:
            self._send(507, f"The mark could not be written: {problem.strerror or problem}.")
        else:
            self._send(200, json.dumps(mark), "application/json")

    def _asked(self) -> str | None:
        """The question asked for; None, and answered, if who asks may not come in."""
        port = self.server.server_address[1]
        hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        origin = urlsplit(self.headers.get("Origin", "")).netloc
        path = re.fullmatch(r"/([^/]+)/([\w.-]*)", urlsplit(self.path).path)
        right = path and secrets.compare_digest(path[1].encode(), self.server.key.encode())
        if self.headers.get("Host") not in hosts or (origin and origin not in hosts) or not right:
            self._send(403, "Use the address that `cs231n-vis mark` printed.")
            return None
        assert path
        return path[2]

    def _send(self, status: int, text: str, kind: str = "text/plain", nonce: str = "") -> None:
        content = text.encode("utf-8", "backslashreplace")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        policy = f"script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'" if nonce else ""
        rest = "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        self.send_header("Content-Security-Policy", f"default-src 'none'; {rest}; {policy}")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *told: object) -> None:
        """Nothing: the terminal is for people."""


def _progress(marking: Marking, question: str) -> dict:
    answers = marking.answers(question)
    return {"marked": sum(bool(each["marks"]) for each in answers), "of": len(answers)}


def _in_script(value: object) -> str:
    """JSON that can stand in a page's script."""
    return json.dumps(value).replace("<", "\\u003c").replace("&", "\\u0026")
