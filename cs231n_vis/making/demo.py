"""The first assignment's solution, run without a browser: is all well here, and what comes out?"""

import base64
import io
import os
import subprocess
import sys
from pathlib import Path

import nbformat
from PIL import Image

from ..files import atomic_write
from .release import execute, read_source, sources

ASSIGNMENT = "01_saliency_maps"
FIGURE_CELL = "saliency-figure"  # the tag of the cell whose picture is kept


def run_solution(notebooks: Path, build: Path) -> tuple[Path, Path]:
    """Execute the solution; return where the notebook and its figure of maps were written."""
    (source,) = (path for path in sources(notebooks) if path.stem == ASSIGNMENT)
    notebook = execute(read_source(source), notebooks)
    (picture,) = (
        output.data["text/html"].partition("data:image/jpeg;base64,")[2].partition('"')[0]
        for cell in notebook.cells
        if FIGURE_CELL in cell.metadata.get("tags", ())
        for output in cell.outputs
        if "text/html" in output.get("data", {})
    )
    executed, figure = build / f"{ASSIGNMENT}.ipynb", build / "saliency_maps.png"
    with atomic_write(executed) as temporary:
        nbformat.write(notebook, temporary)
    with atomic_write(figure) as temporary:
        Image.open(io.BytesIO(base64.b64decode(picture))).save(temporary, format="PNG")
    return executed, figure


def check_with_nbval(notebook: Path) -> bool:
    """Run ``pytest --nbval-lax`` on a notebook; True if every cell passed."""
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider"]
    # what an outer pytest was told is not meant for this one
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return subprocess.run([*command, str(notebook)], env=environment).returncode == 0
