"""The first assignment's solution, run without a browser: is all well here, and what comes out?"""

import base64
import os
import subprocess
import sys
from pathlib import Path

import nbformat

from ..files import atomic_write
from .release import execute, read_source

ASSIGNMENT = "01_saliency_maps"
FIGURE_CELL = "saliency-figure"  # the tag of the cell whose picture is kept


def run_solution(notebooks: Path, build: Path) -> tuple[Path, Path]:
    """Execute the solution; return where the notebook and its figure of maps were written."""
    notebook = execute(read_source(notebooks / "source" / f"{ASSIGNMENT}.py"), notebooks)
    (picture,) = (
        output.data["image/png"]
        for cell in notebook.cells
        if FIGURE_CELL in cell.metadata.get("tags", ())
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    )
    executed, figure = build / f"{ASSIGNMENT}.ipynb", build / "saliency_maps.png"
    with atomic_write(executed) as temporary:
        nbformat.write(notebook, temporary)
    with atomic_write(figure) as temporary:
        temporary.write_bytes(base64.b64decode(picture))
    return executed, figure


def check_with_nbval(notebook: Path, folder: Path) -> bool:
    """Run ``pytest --nbval-lax`` on a notebook with ``folder`` as its working folder."""
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--no-header", "-q"]
    command += ["-p", "no:cacheprovider", f"--rootdir={folder}", "--nbval-cell-timeout=120"]
    environment = os.environ | {"PYTEST_ADDOPTS": ""}
    return subprocess.run([*command, str(notebook)], cwd=folder, env=environment).returncode == 0
