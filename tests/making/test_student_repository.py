"""What students are handed works on its own, and holds no answer; and so do the workflows."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement

from cs231n_vis.checking import run_summary
from cs231n_vis.checking.results import Result
from cs231n_vis.grading.report import write_class_report
from cs231n_vis.making import release, rooms
from cs231n_vis.making import student_repository as students

ROOT = Path(__file__).resolve().parents[2]
NEEDS = rooms.NEEDS
NAME = "01_saliency_maps"
SAVED = "datasets/saved_maps"
RIGHT = {
    "compute_saliency_maps": """image = tf.convert_to_tensor(X)
    with tf.GradientTape() as t:
        t.watch(image)
        score = tf.reduce_sum(model(image) * tf.one_hot(y, 1000))
    saliency = np.abs(t.gradient(score, image)).max(axis=3)""",
    "compute_weighted_saliency_maps": """image = tf.convert_to_tensor(X)
    with tf.GradientTape() as t:
        t.watch(image)
        score = sum(weight * loss(model(image)) for loss, weight in losses)
    saliency = np.abs(t.gradient(score, image)).max(axis=3)""",
}

#: What students must not be given, wherever it stands. Add to it what you add to the course.
SECRETS = (
    "notebooks/source",
    "BEGIN SOLUTION",
    "write_saved_maps",
    "write_student_repository",
    "float64_squeezenet",
    "compute_saliency_maps(preprocess_image",
    "seed.txt",
    "CS231N_VIS_SEED",
)
#: Lines of solutions that say nothing: they are in the advice, or in the catalogue of mistakes.
COMMONPLACE = {
    "with tf.GradientTape() as tape:",
    "tape.watch(X)",
    "X = tf.convert_to_tensor(X)",
    "return saliency",
    "@tf.custom_gradient",
    "def gradient(upstream):",
    "photo = preprocess_image(deprocess_image(X_fooling))",
}


def run(*command, cwd, **variables):
    """Run a command without what an outer pytest was told."""
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "MAKE", "PYTHON="))
    }
    return subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=environment | {k: str(v) for k, v in variables.items()},
    )


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    out = tmp_path_factory.mktemp("hand out") / "saliency maps"
    students.write_student_repository(ROOT, out)
    return out


@pytest.fixture(scope="module")
def one_assignment(tmp_path_factory):
    out = tmp_path_factory.mktemp("hand out one") / "saliency maps"
    assert students.write_student_repository(ROOT, out, [NAME]) == ["00_start_here", NAME]
    return out


@pytest.fixture
def copy(one_assignment, tmp_path):
    return Path(shutil.copytree(one_assignment, tmp_path / "copy"))


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def lines(text, longer_than=12):
    return {line.strip() for line in text.splitlines() if len(line.strip()) > longer_than}


def fill_in(notebook):
    content = nbformat.read(notebook, 4)
    for cell in content.cells:
        if cell.id in RIGHT:
            cell.source = cell.source.replace(release.CODE_GOES_HERE, RIGHT[cell.id])
    nbformat.write(content, notebook)


# --- what is in it ----------------------------------------------------------------------------


def test_there_is_what_the_lists_name_and_nothing_else(repository):
    made = {"pyproject.toml", "requirements.lock", "Makefile"}
    notebooks = {
        f"notebooks/{path.stem}.ipynb"
        for path in release.sources(ROOT / "notebooks")
        if path.stem not in (*NEEDS, students.EXPLORER)
    }
    saved = {path.relative_to(ROOT).as_posix() for path in (ROOT / SAVED).glob("*.safetensors")}
    theirs = {name for name in files(repository) if not name.startswith("cs231n_vis/")}
    assert theirs == {*students.COPIED, *students.WRITTEN, *made, *notebooks, *saved}


def test_of_the_package_there_are_the_rooms_that_are_everybodys(repository):
    there = {path.name for path in (repository / "cs231n_vis").iterdir() if path.is_dir()}
    assert there == set(rooms.EVERYBODYS)
    modules = {path.name for path in (repository / "cs231n_vis").glob("*.py")}
    assert modules == {path.name for path in (ROOT / "cs231n_vis").glob("*.py")}


def test_what_an_assignment_needs_comes_with_it_and_only_with_it(repository, tmp_path):
    for name, needed in NEEDS.items():
        students.write_student_repository(ROOT, tmp_path / name, [name])
        there = {path.name for path in (tmp_path / name / "cs231n_vis").iterdir() if path.is_dir()}
        assert there == {*rooms.EVERYBODYS, *needed}


def test_there_are_the_catalogues_of_the_assignments_in_it_and_no_others(
    repository, one_assignment
):
    def catalogues(folder):
        checks = (folder / "cs231n_vis" / "checking" / "assignments").glob("*/checks.py")
        return {path.parent.name for path in checks}

    assert catalogues(one_assignment) == {"saliency_maps"}
    others = {name.partition("_")[2] for name in NEEDS}
    assert catalogues(repository) == catalogues(ROOT) - others


def test_a_graded_kernel_has_no_catalogue(tmp_path):
    rooms.copy_package(tmp_path / "copy", [NAME], catalogues=False)
    assert (tmp_path / "copy" / "checking" / "in_notebook.py").is_file()
    assert not (tmp_path / "copy" / "checking" / "assignments").exists()


def test_a_new_module_is_handed_out_if_its_folder_is(tmp_path):
    package = tmp_path / "cs231n_vis"
    shutil.copytree(rooms.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    folders = [path.parent for path in package.rglob("__init__.py")]
    for folder in folders:
        (folder / "brand_new.py").write_text("")
    rooms.copy_package(tmp_path / "copy", [NAME], package)
    there = {
        path.parent.relative_to(tmp_path / "copy").parts[:1]
        for path in (tmp_path / "copy").rglob("brand_new.py")
    }
    assert there == {(), *((room,) for room in rooms.EVERYBODYS)}


@pytest.mark.parametrize("secret", SECRETS)
def test_no_file_holds_or_is_named(secret, repository):
    found = [n for n, held in files(repository).items() if secret in n or secret.encode() in held]
    assert found == []


def test_no_line_of_a_solution_or_of_the_reference_is_in_any_file(repository):
    # longer lines of the reference, because a short one may well stand in any module
    package = ROOT / "cs231n_vis"
    references = [
        *(package / "references").glob("*.py"),
        *(package / "methods").glob("*.py"),
    ]
    secret = set().union(*(lines(path.read_text("utf-8"), 40) for path in references))
    for source in release.sources(ROOT / "notebooks"):
        solved = release.read_source(source)
        for cell in solved.cells:
            for match in release.SOLUTION.finditer(cell.source):
                secret |= lines(match[0])
            if cell.cell_type == "markdown" and "nbgrader" in cell.metadata:
                secret |= lines(cell.source)
    public = {line for line in secret if re.match(r"from \S+ import|import |\W*$", line)}
    assert len(secret) > 50
    for name, held in files(repository).items():
        if name.endswith(".safetensors"):
            continue
        text = held.decode("utf-8")
        if name.endswith(".ipynb"):
            text = "\n".join(cell.source for cell in nbformat.reads(text, 4).cells)
        assert lines(text) & (secret - public - COMMONPLACE) == set(), name


def test_notebooks_are_those_made_for_students(repository):
    for source in release.sources(ROOT / "notebooks"):
        if source.stem in (*NEEDS, students.EXPLORER):
            continue
        given = (repository / "notebooks" / f"{source.stem}.ipynb").read_text("utf-8")
        assert nbformat.reads(given, 4) == nbformat.read(ROOT / f"notebooks/{source.stem}.ipynb", 4)


def test_modules_import_only_what_is_there_or_in_a_room_that_students_do_not_have(repository):
    package = repository / "cs231n_vis"
    kept_back = {path.name for path in rooms.rooms_without(())}
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not node.level:
                continue
            base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            for name in [base] if node.module else [base / a.name for a in node.names]:
                there = name.with_suffix(".py").is_file() or (name / "__init__.py").is_file()
                room = name.relative_to(package).parts[0]
                assert there or room in kept_back or room == "__version__", f"{path}: {name}"


def test_the_readme_names_every_notebook_and_only_commands_there_are(repository):
    text = (repository / "README.md").read_text("utf-8")
    for notebook in (repository / "notebooks").iterdir():
        assert f"notebooks/{notebook.name}" in text
    targets = re.search(r"^\.PHONY: (.+)", (repository / "Makefile").read_text(), re.M)[1].split()
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.M)) <= set(targets)


def test_writing_it_twice_gives_the_same_bytes(repository, tmp_path):
    students.write_student_repository(ROOT, tmp_path / "again")
    assert files(tmp_path / "again") == files(repository)


def test_an_instructors_own_trial_of_a_notebook_is_not_handed_out(repository, tmp_path):
    root = tmp_path / "course"
    for name in [*students.COPIED, "pyproject.toml", "requirements.lock", "Makefile"]:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for name in ("cs231n_vis", students.SAVED_MAPS):
        shutil.copytree(ROOT / name, root / name)
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    fill_in(root / "notebooks" / "01_saliency_maps.ipynb")
    students.write_student_repository(root, tmp_path / "out")
    assert files(tmp_path / "out") == files(repository)


# --- where it goes ----------------------------------------------------------------------------


def test_an_empty_folder_is_filled(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    students.write_student_repository(ROOT, out)
    assert (out / "README.md").is_file()
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("kind", ["folder with a file", "file", "broken link"])
def test_what_is_there_is_not_overwritten(kind, tmp_path):
    out = tmp_path / "out"
    if kind == "folder with a file":
        out.mkdir()
        (out / "thesis.txt").write_text("years of work")
    elif kind == "file":
        out.write_text("years of work")
    else:
        out.symlink_to("nowhere")
    before = files(tmp_path)
    with pytest.raises(FileExistsError, match=r"out is not empty; name a new folder"):
        students.write_student_repository(ROOT, out)
    assert files(tmp_path) == before


def test_nothing_is_left_when_it_cannot_be_completed(tmp_path):
    root, out = tmp_path / "course", tmp_path / "out"
    for name in ("notebooks", "cs231n_vis"):
        shutil.copytree(ROOT / name, root / name)
    with pytest.raises(FileNotFoundError, match="which students need"):
        students.write_student_repository(root, out)
    assert list(tmp_path.iterdir()) == [root]


def test_a_folder_that_is_not_the_course_says_where_to_be(tmp_path):
    with pytest.raises(FileNotFoundError, match="run this from the folder that holds notebooks/"):
        students.write_student_repository(tmp_path, tmp_path / "out")


# --- its environment --------------------------------------------------------------------------


def locked(text):
    """``{(name, version, marker)}`` of a lock."""
    entries = re.findall(r"^([a-z0-9-]+)(?:\[[a-z-]+\])?==([^\s;]+)(?: ; (.+?))? \\$", text, re.M)
    return {(name, version, marker) for name, version, marker in entries}


def test_the_lock_is_the_courses_own_with_packages_left_out(repository):
    given = (repository / "requirements.lock").read_text("utf-8")
    ours = (ROOT / "requirements.lock").read_text("utf-8")
    left_out = {name for name, _, _ in locked(ours) - locked(given)}
    assert locked(given) < locked(ours)
    assert {"ruff", "jupytext", "tf-keras-vis"} <= left_out
    assert set(re.findall(r"sha256:\w+", given)) < set(re.findall(r"sha256:\w+", ours))
    assert "# via" not in given


def test_the_lock_holds_all_that_what_it_holds_needs_here(repository):
    import importlib.metadata

    names = {name for name, _, _ in locked((repository / "requirements.lock").read_text("utf-8"))}
    for name in names:
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system or another Python
        for need in map(Requirement, needs):
            if need.marker is None or Marker(str(need.marker)).evaluate({"extra": ""}):
                assert students.package(need.name) in names, f"{name} needs {need}"


def test_students_build_the_package_as_we_do(repository):
    given = students.tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    ours = students.tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert given["build-system"] == ours["build-system"]
    for key in ["dependencies", "scripts", "entry-points", "requires-python", "version"]:
        assert given["project"].get(key) == ours["project"].get(key)
    assert set(given["project"]["optional-dependencies"]) == {"lab", "test"}


def test_a_lock_that_lacks_something_is_refused():
    with pytest.raises(ValueError, match="has no nowhere; run `make lock` first"):
        students.student_lock("# head\nabc==1 \\\n    --hash=sha256:0\n", ["Nowhere>=2"])


def test_a_makefile_without_the_rules_is_refused():
    with pytest.raises(ValueError, match="rules for setting up were not found"):
        students.student_makefile("all:\n")


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make here")
def test_make_lists_the_commands_of_students(repository):
    listed = re.findall(r"^make ([a-z]+)", run("make", cwd=repository).stdout, re.M)
    assert listed == ["help", "setup", "lab", "test", "clean"]
    planned = run("make", "-n", "test", cwd=repository).stdout
    assert "-m pytest --nbval-lax notebooks/" in planned and "cs231n-vis fetch" in planned


# --- it works on its own ----------------------------------------------------------------------


def python(folder, *arguments):
    """Run Python with the students' package in place of ours."""
    return run(sys.executable, *arguments, cwd=folder, PYTHONPATH=folder, PYTHONDONTWRITEBYTECODE=1)


def test_the_reference_is_not_there_and_asking_for_it_says_so(copy):
    code = (
        "import cs231n_vis as vis\n"
        "assert 'compute_saliency_maps' not in {*dir(vis), *vis.__all__}\n"
        "assert not hasattr(vis, 'compute_saliency_maps') and hasattr(vis, 'preprocess_image')\n"
        "from cs231n_vis import *\n"
        "try: import cs231n_vis.references.saliency\n"
        "except ModuleNotFoundError: pass\n"
        "vis.compute_saliency_maps"
    )
    done = python(copy, "-c", code)
    told = (
        "AttributeError: This copy of cs231n_vis comes without compute_saliency_maps: it is yours"
    )
    assert told in done.stderr


def test_students_have_the_command_fetch_and_no_other(copy):
    assert "verified in" in python(copy, "-m", "cs231n_vis.cli", "fetch").stdout
    refused = python(copy, "-m", "cs231n_vis.cli", "release")
    assert refused.returncode == 2 and "No such command" in refused.stderr


def test_the_untouched_notebook_fails_and_a_filled_in_one_passes(copy):
    command = ("-m", "pytest", "--nbval-lax", "--color=no", "notebooks/")
    untouched = python(copy, *command)
    assert untouched.returncode == 1, untouched.stdout + untouched.stderr
    assert "2 failed" in untouched.stdout
    assert "compute_saliency_maps is not right yet. It returned nothing" in untouched.stdout
    fill_in(copy / "notebooks" / "01_saliency_maps.ipynb")
    filled_in = python(copy, *command)
    assert filled_in.returncode == 0, filled_in.stdout + filled_in.stderr


# --- the workflows ----------------------------------------------------------------------------


def workflow(name):
    return yaml.safe_load((ROOT / ".github/workflows" / name).read_text("utf-8"))


def steps(name):
    return workflow(name)["jobs"]["grade"]["steps"]


WORKFLOWS = ["grade.yml", "grade-class.yml"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_only_read_and_names_the_major_of_every_action(name):
    assert workflow(name)["permissions"] == {"contents": "read"}
    used = [step["uses"] for step in steps(name) if "uses" in step]
    assert used and all(re.fullmatch(r"actions/[\w-]+@v\d+", action) for action in used)
    (python,) = (step for step in steps(name) if "setup-python" in step.get("uses", ""))
    assert python["with"]["cache"] == "pip"
    assert python["with"]["cache-dependency-path"] == "requirements.lock"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_step_puts_what_others_write_into_a_shell(name):
    assert [step["run"] for step in steps(name) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("name", WORKFLOWS)
def test_what_follows_a_failed_check_is_still_done(name):
    names = [step.get("name", step.get("uses")) for step in steps(name)]
    graded = names.index("Check" if name == "grade.yml" else "Grade")
    assert len(steps(name)) > graded + 1
    assert all(step["if"] == "${{ !cancelled() }}" for step in steps(name)[graded + 1 :])


def test_students_are_checked_at_every_push_and_in_forks():
    on = workflow("grade.yml")[True]  # YAML 1.1 reads the key `on` so
    assert on == {"push": None, "workflow_dispatch": None}
    assert "secrets" not in (ROOT / ".github/workflows/grade.yml").read_text("utf-8")


def test_the_seed_is_a_secret_of_the_one_step_that_stores_it():
    given = [step for step in steps("grade-class.yml") if "secrets." in json.dumps(step)]
    assert [step["name"] for step in given] == ["Seed of the hidden inputs"]
    (artefact,) = (s for s in steps("grade-class.yml") if "upload-artifact" in s.get("uses", ""))
    assert "!graded/seed.txt" in artefact["with"]["path"].split()


class Runner:
    """Runs the `run:` steps of a workflow with bash as GitHub does, in a folder."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.summary, self.env = folder / ".summary", folder / ".env"
        (folder / ".venv/bin").mkdir(parents=True)
        self.tool("python", f'PYTHONPATH="{folder}" exec "{sys.executable}" "$@"')
        self.tool("cs231n-vis", 'printf "%s\\n" "$@" >called')

    def tool(self, name, script):
        path = self.folder / ".venv/bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def step(self, name, **variables):
        (step,) = (step for step in steps(self.name) if step.get("name") == name)
        stored = self.env.read_text() if self.env.exists() else ""
        variables |= dict(line.split("=", 1) for line in stored.splitlines())
        variables |= {"GITHUB_STEP_SUMMARY": self.summary, "GITHUB_ENV": self.env}
        return run("bash", "-eo", "pipefail", "-c", step["run"], cwd=self.folder, **variables)


needs_bash = pytest.mark.skipif(
    sys.platform == "win32" or not shutil.which("bash"), reason="GitHub runs these with bash"
)


@needs_bash
def test_a_students_push_is_checked_summed_up_and_fed_back(copy):
    runner = Runner("grade.yml", copy)
    assert runner.step("Choose the notebooks").returncode == 0
    assert runner.env.read_text() == "NOTEBOOKS=notebooks/01_saliency_maps.ipynb\n"
    checked = runner.step("Check")
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert runner.step("Summary").returncode == 0
    summary = runner.summary.read_text("utf-8")
    assert summary.startswith("### 01&#95;saliency&#95;maps: 0 of 15 points\n")
    assert "| ❌ | compute&#95;saliency&#95;maps is not right yet. It returned nothing" in summary
    points = runner.step("Points").stdout
    assert points == (
        "::notice title=Autograding complete::Points 0/15\n"
        '::notice title=Autograding report::{"totalPoints": 0, "maxPoints": 15}\n'
    )
    fed_back = runner.step("Feedback")
    assert fed_back.returncode == 0, fed_back.stderr
    page = (copy / "build/feedback/01_saliency_maps.html").read_text("utf-8")
    assert "NotYetRight" in page and "image/jpeg;base64" in page


@needs_bash
def test_the_courses_own_repository_tries_the_workflow_with_its_solution(copy):
    (copy / "notebooks/solutions").mkdir()
    for name in ("00_start_here", NAME, "02_fooling_images"):
        (copy / f"notebooks/solutions/{name}.ipynb").touch()
    runner = Runner("grade.yml", copy)
    runner.step("Choose the notebooks")
    solutions = [f"notebooks/solutions/{name}.ipynb" for name in (NAME, "02_fooling_images")]
    assert runner.env.read_text() == f"NOTEBOOKS={' '.join(solutions)}\n"


@needs_bash
def test_a_run_that_broke_off_has_a_summary_that_says_so(copy):
    runner = Runner("grade.yml", copy)
    runner.step("Choose the notebooks")
    assert runner.step("Summary").returncode == 0
    assert "nothing was checked" in runner.summary.read_text("utf-8")
    assert "Points 0/15" in runner.step("Points").stdout


@needs_bash
@pytest.mark.parametrize("folder", ["submissions", "--help", "a b; touch pwned; $(touch pwned)"])
def test_a_class_is_graded_whatever_its_folder_is_called(folder, tmp_path):
    runner = Runner("grade-class.yml", tmp_path)
    done = runner.step("Grade", FOLDER=folder, ASSIGNMENT="02_fooling_images")
    assert done.returncode == 0, done.stderr
    told = (tmp_path / "called").read_text().splitlines()
    assert " ".join(told[:-1]) == (
        "grade --out graded --jobs 2 --format junit --format markdown "
        "--assignment 02_fooling_images --"
    )
    assert told[-1] == folder
    assert not (tmp_path / "pwned").exists()


@needs_bash
def test_the_seed_is_stored_and_not_printed(tmp_path):
    runner = Runner("grade-class.yml", tmp_path)
    step = "Seed of the hidden inputs"
    done = runner.step(step, SEED="")
    assert done.returncode == 0 and not (tmp_path / "graded/seed.txt").exists()
    done = runner.step(step, SEED="231")
    assert done.returncode == 0 and "231" not in done.stdout + done.stderr
    assert (tmp_path / "graded/seed.txt").read_text() == "231\n"
    assert (tmp_path / "graded/seed.txt").stat().st_mode & 0o077 == 0
    done = runner.step(step, SEED="hunter2")
    assert done.returncode == 1 and "hunter2" not in done.stdout + done.stderr


@needs_bash
def test_a_class_has_its_table_on_the_run_page(tmp_path):
    runner = Runner("grade-class.yml", tmp_path)
    (tmp_path / "graded").mkdir()
    results = [Result(name, NAME, "graded", message="two\nlines") for name in ("Zoë", "<b>|\n#")]
    write_class_report(results, tmp_path / "graded", ["markdown"])
    done = runner.step("Summary")
    assert done.returncode == 0, done.stderr
    name = "01&#95;saliency&#95;maps"
    title, _, header, line, *rows = runner.summary.read_text("utf-8").splitlines()
    assert title == "### 2 submissions" and line == "|---" * 8 + "|"
    assert header.startswith("| student | assignment | status | score | max&#95;score | sec")
    assert rows == [
        f"| &lt;b&gt;&#124;&#92;n&#35; | {name} | graded | 0 | 0 | 0.0 |  | two lines |",
        f"| Zoë | {name} | graded | 0 | 0 | 0.0 |  | two lines |",
    ]


@needs_bash
def test_a_class_that_was_not_graded_is_told(tmp_path):
    runner = Runner("grade-class.yml", tmp_path)
    assert runner.step("Summary").returncode == 0
    assert "Nothing was graded" in runner.summary.read_text("utf-8")


def test_points_that_a_student_wrote_are_no_reason_to_fail(tmp_path):
    cell = nbformat.v4.new_code_cell("1", metadata={"nbgrader": {"grade_id": "check_a"}})
    cell.metadata.nbgrader.points = "many\n::error::no"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "n.ipynb")
    (tmp_path / "r.xml").write_text('<testsuite><testcase name="Cell 0" /></testsuite>')
    result = run_summary.read_run(tmp_path / "n.ipynb", tmp_path / "r.xml")
    assert run_summary.notices([result]).count("\n") == 2
    assert "0 of 0 points" in run_summary.in_markdown(result)


CASES = """<testsuite><testcase name="Cell 0" />
<testcase name="Cell 1"><properties><property name="check" value="saliency_maps" />
<property name="status" value="failed" /><property name="misconception" value="transposed" />
<property name="message" value="5 of 5 maps differ: ‘it’s’ &lt;all&gt; 'wrong'." /></properties>
{0}</testcase>
<testcase name="Cell 2"><properties><property name="check" value="saliency_maps" /></properties>
</testcase></testsuite>"""


def test_points_are_those_handed_out_however_often_a_check_is_there_and_whatever_was_lost(
    one_assignment, tmp_path, monkeypatch
):
    monkeypatch.chdir(one_assignment)
    notebook, report = Path("notebooks/01_saliency_maps.ipynb"), tmp_path / "r.xml"
    assert run_summary.points_of(notebook) == {"saliency_maps": 10, "weighted_saliency_maps": 5}
    lost = tmp_path / notebook.name
    lost.write_text("{}")
    for handed_in in (notebook, lost):
        report.write_text(CASES.format(""), "utf-8")
        result = run_summary.read_run(handed_in, report)
        assert "Points 10/15" in run_summary.notices([result])
        assert "and that of its answer are not there." in run_summary.in_markdown(result)
        report.write_text(CASES.format("<failure>it</failure>"), "utf-8")
        result = run_summary.read_run(handed_in, report)
        assert "Points 0/15" in run_summary.notices([result])
        first, second = result.checks
        assert (first.points, first.max_points, first.status) == (0, 10, "failed")
        assert first.misconception == "transposed" and second.status == "missing"
        assert "differ&#58; ‘it’s’ &lt;all&gt; 'wrong'." in run_summary.in_markdown(result)
