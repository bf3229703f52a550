"""Write example submissions as notebooks: python tests/submissions FOLDER [KIND/NAME | KIND …]

Without names, a class of 30: good answers, wrong ones, cheats and hostile notebooks.
"""

import sys
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from submissions import KINDS, as_notebook, submissions  # noqa: E402

from cs231n_vis.making.release import read_source, student_version  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE_CLASS = {
    "right": "batch_jacobian eager_tape jit_compiled list_of_arrays lost_metadata one_hot_product "
    "one_image_at_a_time tf1_graph",
    "wrong": "absolute_after_maximum all_classes average_map channels_kept cross_entropy "
    "absolute_of_sum blurred constant_for_each_image",
    "cheating": "array_that_equals_everything deleted_check_cell forged_outputs "
    "imports_the_reference patched_numpy reads_saved_maps right_for_the_saved_images_only "
    "two_answer_cells",
    "hostile": "endless_answer exits fork_bomb kills_everything memory_flood output_flood",
}


def write(folder: Path, wanted: list[str]) -> None:
    """Write ``KIND-NAME.ipynb`` for each submission wanted."""
    student = student_version(read_source(ROOT / "notebooks/source/01_saliency_maps.py"))
    if not wanted:
        wanted = [f"{kind}/{name}" for kind in KINDS for name in EXAMPLE_CLASS[kind].split()]
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for submission in submissions():
        if submission.id in wanted or submission.kind in wanted:
            path = folder / f"{submission.kind}-{submission.name}.ipynb"
            nbformat.write(as_notebook(submission, student), path)
            written += 1
    print(f"wrote {written} notebooks to {folder}")


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2:])
