"""Run notebooks under plain `pytest --nbval-lax`, in another process: real nbval, real kernels."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree


@dataclass
class Ran:
    """What became of one notebook.

    Attributes:
        outcomes: of its cells, in order: ``"passed"``, ``"failed"``, ...
        told: of the failed ones, what pytest prints of them.
        properties: of each cell, what stands beside it in pytest's report.
    """

    outcomes: list[str] = field(default_factory=list)
    told: str = ""
    properties: list[dict[str, str]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {each: self.outcomes.count(each) for each in sorted(set(self.outcomes))}


def nbval(paths: Sequence[Path], *arguments: str) -> dict[str, Ran]:
    """Run notebooks one after another in one process; what became of each, by its path as given.

    They are run in the folder that all of them lie in or below.
    """
    folder = Path(os.path.commonpath([path.parent for path in paths]))
    names = [path.relative_to(folder).as_posix() for path in paths]
    unwanted = ("PYTEST_", "CI")  # pytest prints more in CI
    with tempfile.TemporaryDirectory() as temporary:
        report = Path(temporary) / "report.xml"
        command = [sys.executable, "-m", "pytest", "--nbval-lax", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, "--rootdir", folder, f"--junitxml={report}", *names, *arguments],
            cwd=folder,
            env={k: v for k, v in os.environ.items() if not k.startswith(unwanted)},
            capture_output=True,
            text=True,
        )
        assert done.returncode in (0, 1), done.stdout + done.stderr
        cases = list(ElementTree.parse(report).iter("testcase"))
    found = {str(path): Ran() for path in paths}
    by_class = {_class_of(name): found[str(path)] for name, path in zip(names, paths, strict=True)}
    for case in cases:
        if ran := by_class.get(case.get("classname", "")):
            bad = [each for each in case if each.tag in ("failure", "error", "skipped")]
            ran.outcomes.append(
                {"failure": "failed"}.get(bad[0].tag, bad[0].tag) if bad else "passed"
            )
            ran.told += "".join(each.text or "" for each in bad)
            ran.properties.append({p.get("name"): p.get("value") for p in case.iter("property")})
    failed = any(each != "passed" for ran in found.values() for each in ran.outcomes)
    assert failed == bool(done.returncode), done.stdout
    return found


def _class_of(name: str) -> str:
    """What pytest's report calls a notebook."""
    return name.replace("/", ".")
