"""Signs for terminals and files that cannot hold them, as in Windows's cp1252."""

import codecs
import sys

IN_ASCII = str.maketrans("✓✗…–→━─│╸≤×", "+x.->--|-<x")


def _in_ascii(problem: UnicodeError) -> tuple[str, int]:
    assert isinstance(problem, UnicodeEncodeError)
    lost = problem.object[problem.start : problem.end].translate(IN_ASCII)
    return lost.encode("ascii", "replace").decode("ascii"), problem.end


codecs.register_error("cs231n_vis", _in_ascii)


def bear_any_encoding() -> None:
    """From here on, what standard output cannot encode is printed in ASCII; ✓ is a plus."""
    for stream in (sys.stdout, sys.stderr):
        if getattr(stream, "errors", "") == "strict" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="cs231n_vis")
