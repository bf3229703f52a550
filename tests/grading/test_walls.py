"""The walls: what a program behind them cannot reach, and what becomes of one that wants too much.

Everything is tried as root, who has control groups, and as an ordinary user, who may have none.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import asdict
from pathlib import Path

import nbformat
import psutil
import pytest
from ordinary_user import as_an_ordinary_user
from submissions import as_notebook, submissions

from cs231n_vis.grading.grade import Submission, safe_room
from cs231n_vis.grading.ours import GROUPS, groups
from cs231n_vis.grading.ours import NAME as OURS
from cs231n_vis.grading.results import read_result
from cs231n_vis.grading.room import room_for
from cs231n_vis.grading.walls import (
    Limits,
    NoWalls,
    Room,
    as_ordinary_user,
    confined,
    worker_env,
)
from cs231n_vis.making.release import read_source, student_version

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has walls")

ROOT = Path(__file__).parents[2]
NAME = "01_saliency_maps"
MB = 1 << 20
LONG = 90  # seconds that no program here may take

DRIVER = """
import json, os, signal, sys, time
from pathlib import Path
from cs231n_vis.grading.bounds import Running
from cs231n_vis.grading.walls import Limits, Room
room, limits, argv, folder, then = json.loads(sys.argv[1])
running = Running(Room(**room), argv, Limits(**limits), Path(folder))
exec(then)
print(json.dumps([running.reason, running.returncode, running.printed(20 << 20), seen]))
"""
WAIT = f"""
seen = None
try:
    running.wait({LONG})
finally:
    running.kill()
"""


@pytest.fixture(scope="module")
def room():
    with room_for(NAME) as room:
        room.check([])
        yield room


@pytest.fixture(params=["root", "user"] if os.geteuid() == 0 else ["user"])
def who(request):
    return request.param


@contextlib.contextmanager
def driver(who, room, program, limits=None, then=WAIT, folder="/", **env):
    """The command that runs a program, Python text or a list of arguments."""
    argv = [sys.executable, "-c", program] if isinstance(program, str) else program
    limits = limits or Limits()
    given = json.dumps([asdict(room), asdict(limits), argv, str(folder), then])
    with tempfile.TemporaryDirectory(prefix="box") as place:
        command = [sys.executable, "-c", DRIVER, given]
        options = {"cwd": place, "env": worker_env(place) | env}
        if who == "root":
            with confined(command, Path(place), room, limits) as command:
                yield command, options
        else:
            yield as_an_ordinary_user(command, Path(place)), options


def run(*arguments, **options):
    """What a program came to: its reason, its status, what it printed, what was seen meanwhile."""
    with driver(*arguments, **options) as (command, how):
        done = subprocess.run(command, **how, capture_output=True, text=True, timeout=2 * LONG)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def said(*arguments, **options):
    """What a program that must succeed printed."""
    reason, code, printed, _ = run(*arguments, **options)
    assert (reason, code) == ("exited", 0), printed
    return printed


@pytest.fixture
def marker():
    """A word on the command line of all that a test starts; nothing may carry it afterwards."""
    word = f"marker-{uuid.uuid4().hex}"
    yield word
    assert _carriers(word) == []


def _carriers(word):
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if word in " ".join(process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


# Walls ------------------------------------------------------------------------------------------


def test_it_cannot_reach_the_network(who, room):
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = f"""
import socket
try:
    socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), timeout=5)
except OSError:
    print("no way")
"""
        assert said(who, room, program) == "no way"


def test_it_finds_nothing_that_is_not_on_the_list(who, room, tmp_path):
    name = f"secret-{uuid.uuid4().hex}"
    places = [tmp_path, Path(tempfile.gettempdir()), Path.home(), ROOT, Path("/usr/src")]
    places = [place / name for place in places if os.access(place, os.W_OK)]
    program = f"""
import os
for root, folders, files in os.walk("/"):
    folders[:] = [f for f in folders if (root, f) != ("/", "proc")]
    for found in files + folders:
        if found in {[name, "references", "saved_maps", "assignments", "solutions"]}:
            if "site-packages" not in root and not root.startswith("/usr/lib"):
                print(os.path.join(root, found))
        if found.startswith(("cs231n_vis-", "_cs231n", "_editable")) or found == ".git":
            print(os.path.join(root, found))
import cs231n_vis
print(cs231n_vis.__file__)
print(sorted(f for f in os.listdir("/course/cs231n_vis") if "." not in f and f != "__pycache__"))
"""
    try:
        for place in places:
            place.write_text("secret")
        assert said(who, room, program).splitlines() == [
            "/course/cs231n_vis/__init__.py",
            "['checking', 'explorer']",
        ]
    finally:
        for place in places:
            place.unlink(missing_ok=True)


def test_it_writes_to_its_folder_and_nowhere_else(who, room):
    elsewhere = ["/", "/usr/bin", "/dev", "/proc", "/etc", "/course"]
    for prefix in (sys.prefix, sys.base_prefix):  # one below /tmp stands there in the room's own
        elsewhere.append(os.path.join(prefix, "bin") if prefix.startswith("/tmp/") else prefix)
    program = f"""
import os
for path in {elsewhere}:
    try:
        open(os.path.join(path, "written"), "w").write("x")
        print("wrote to", path)
    except OSError:
        pass
for path in ("here", "/tmp/here", "/dev/shm/here", os.path.expanduser("~/there")):
    open(path, "w").write("mine")
"""
    assert said(who, room, program) == ""


def test_it_sees_no_process_but_its_own_and_reaches_none(who, room):
    program = f"""
import os, signal
print(len([name for name in os.listdir("/proc") if name.isdigit()]))
for pid in (1, os.getppid(), {os.getpid()}, {os.getppid()}, -1):
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
"""
    reason, _, printed, _ = run(who, room, program)
    assert (reason, printed) in (("exited", ""), ("exited", "2"))


def test_the_graders_environment_does_not_leak(who, room):
    program = """
import glob, os
print("here" if "GRADER_SECRET" in os.environ else "")
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
    try:
        print(path if b"very-secret-" + b"indeed" in open(path, "rb").read() else "")
    except OSError:
        pass
"""
    assert said(who, room, program, GRADER_SECRET="very-secret-indeed") == ""


def test_it_has_no_rights_gains_none_and_no_memory_outside_its_processes(who, room):
    program = """
import ctypes, mmap, os
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(os.getuid() != 0, *(int(status[f"Cap{s}"], 16) for s in ("Inh", "Prm", "Eff", "Bnd", "Amb")))
print(status["NoNewPrivs"].strip(), status["Seccomp"].strip())
libc = ctypes.CDLL(None)
print(libc.unshare(0x10000000), libc.unshare(0x20000), libc.umount2(b"/usr/bin", 2),
      libc.memfd_create(b"x", 0), libc.ptrace(16, 1, None, None), libc.shmget(0, 4096, 0o1600),
      libc.msgget(0, 0o1600), libc.semget(0, 1, 0o1600), libc.mq_open(b"/q", 0o102, 0o600, None),
      libc.syscall(425, 1, None))
try:
    mmap.mmap(-1, 4096)
except PermissionError:
    print("not shared")
before = os.getsid(0)
os.setsid()
print(os.getsid(0) == before)
"""
    assert said(who, room, program).splitlines() == [
        "True 0 0 0 0 0",
        "1 2",
        " ".join(["-1"] * 10),
        "not shared",
        "True",
    ]


def test_its_parent_can_be_neither_looked_into_nor_changed(who, room):
    program = """
import os
for name in ("environ", "mem", "maps", "fd/1", "fd/2", "root", "cwd"):
    try:
        os.close(os.open(f"/proc/1/{name}", os.O_RDWR if name == "mem" else os.O_RDONLY))
        print(name)
    except OSError:
        pass
print(os.getppid())
"""
    assert said(who, room, program) == "1"


def test_it_inherits_no_open_file(who, room):
    program = (
        "import os; print([fd for fd in range(1024) if os.path.exists(f'/proc/self/fd/{fd}')])"
    )
    assert said(who, room, program) == "[0, 1, 2]"


def test_what_is_installed_beside_the_students_packages_is_not_there(who, room):
    program = """
from importlib.util import find_spec
names = ("tensorflow", "ipykernel", "nbval", "ruff", "playwright", "jupytext", "captum", "nbgrader")
print([name for name in names if find_spec(name)])
"""
    assert said(who, room, program) == "['tensorflow', 'ipykernel', 'nbval']"


def test_of_the_datasets_folder_only_what_the_package_keeps_there_is_in_the_copy(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("CS231N_VIS_DATASETS", str(tmp_path))
    (tmp_path / "saved_maps").mkdir()
    kept = ["imagenet_val_25.npz", "squeezenet_imagenet.safetensors"]
    for name in (*kept, "grades.csv"):
        (tmp_path / name).touch()
        (tmp_path / "saved_maps" / name).touch()
    with room_for(NAME) as room:
        (copy,) = (Path(source) for source, target in room.shown if target == "/course")
        assert sorted(os.listdir(copy / "datasets")) == sorted([*kept, "manifest.json"])


def test_tensorflow_and_the_network_work_in_it(who, room):
    program = """
from cs231n_vis import load_imagenet_val, load_squeezenet, preprocess_image
X, y, names = load_imagenet_val()
print(load_squeezenet()(preprocess_image(X[:1])).shape)
"""
    assert said(who, room, program).endswith("(1, 1000)")


# No walls, no grading ---------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["out", "class", "checkout"])
def test_what_lies_in_a_folder_that_it_must_see_is_refused_in_a_sentence(place, tmp_path):
    shown = tmp_path / "usr"
    room = Room(((str(shown), "/usr"),), {})
    secret = shown / "deep" / place
    secret.mkdir(parents=True)
    with pytest.raises(NoWalls, match=f"{place} lies in .*usr, which students' code must"):
        room.check([secret])


def test_the_class_the_results_and_the_checkout_are_all_looked_at(tmp_path, monkeypatch):
    looked_at = []
    monkeypatch.setattr(Room, "check", lambda room, secret: looked_at.extend(secret))
    with safe_room([Submission("ann", tmp_path / "ann.ipynb")], NAME, tmp_path / "out"):
        assert set(looked_at) == {tmp_path / "out", tmp_path / "ann.ipynb", ROOT}


@pytest.fixture
def tools():
    """A folder for programs that everybody can run."""
    with tempfile.TemporaryDirectory(prefix="tools") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.mark.parametrize(
    ("bwrap", "sentence"),
    [
        (None, "install bubblewrap 0.8 or newer"),
        ("echo bubblewrap 0.6.1", "This is bubblewrap 0.6.1, too old"),
        (
            'echo bubblewrap 0.8.0; [ "$1" = --version ] && exit; echo No such luck >&2; exit 1',
            "bubblewrap cannot build the walls here (No such luck).",
        ),
    ],
    ids=["absent", "old", "forbidden"],
)
def test_without_walls_nothing_is_graded_unless_one_asks_for_it(bwrap, sentence, tools, tmp_path):
    mounts = ("unshare", "mount", "umount", "mkdir", "touch")
    for tool in ("sh", "env", "setpriv", "chown", "rm", *mounts):
        with contextlib.suppress(OSError):
            (tools / tool).symlink_to(f"/usr/bin/{tool}")
    if bwrap:
        (tools / "bwrap").write_text(f"#!/bin/sh\n{bwrap}\n")
        (tools / "bwrap").chmod(0o755)
    argv = [sys.executable, "-m", "cs231n_vis.cli", "grade", f"notebooks/{NAME}.ipynb"]
    done = subprocess.run(
        [*argv, "--out", str(tmp_path / "out")],
        cwd=ROOT,
        env=os.environ | {"PATH": str(tools)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr and "Traceback" not in done.stderr
    assert not list(tmp_path.glob("out/*/*"))


# Limits -----------------------------------------------------------------------------------------


def test_it_ends_by_itself_with_its_own_status(who, room):
    assert run(who, room, "import os; os._exit(7)")[:2] == ["exited", 7]
    assert run(who, room, "import os; os.kill(os.getpid(), 11)")[:2] == ["exited", 128 + 11]
    _, code, printed, _ = run(who, room, ["/nothing/here"])
    assert code == 1 and "/nothing/here" in printed and "No such file" in printed
    assert "EOFError" in run(who, room, "input()")[2]


def test_one_that_keeps_every_processor_busy_runs_out_of_time(who, room, marker):
    program = f"""
"{marker}"
import os
for _ in range(os.cpu_count()):
    os.fork()
while True:
    pass
"""
    began = time.monotonic()
    assert run(who, room, program, Limits(seconds=1.5))[0] == "time"
    assert time.monotonic() - began < LONG


def test_one_that_waits_has_several_times_as_long(who, room):
    assert run(who, room, "import time; time.sleep(4)", Limits(seconds=3))[0] == "exited"
    assert run(who, room, "import time; time.sleep(60)", Limits(seconds=1))[0] == "time"


HOGS = {
    "one": "hoard = []\nwhile True: hoard.append(bytearray(b'x') * (20 << 20)); time.sleep(0.02)",
    "many": """
for _ in range(4):
    if not os.fork():
        hoard = bytearray(b"x") * (100 << 20)
        time.sleep(60)
time.sleep(60)""",
    "one that lets nobody look into it": """
import ctypes
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
hoard = [bytearray(b"x") * (20 << 20) for _ in range(20)]
time.sleep(60)""",
    "one that keeps it in files": """
for n in range(20):
    open(f"{n}", "wb").write(bytes(20 << 20))
time.sleep(60)""",
    "one that keeps it in descriptors": """
import socket
keep = []
for _ in range(12):
    if not os.fork():
        while True:
            try:
                keep += socket.socketpair()
            except OSError:
                time.sleep(60)
time.sleep(60)""",
}


@pytest.mark.parametrize("hog", HOGS)
def test_a_memory_hog_is_ended(who, room, marker, hog):
    program = f"'{marker}'\nimport os, time\n{HOGS[hog]}"
    reason, *_ = run(who, room, program, Limits(memory=300 * MB))
    assert reason == ("processes" if "descriptors" in hog else "memory")


def test_memory_that_processes_share_counts_once(who, room):
    program = """
import os, time
shared = bytearray(b"x") * (100 << 20)
children = [os.fork() for _ in range(3)]
time.sleep(1)
"""
    assert said(who, room, program, Limits(memory=300 * MB)) == ""


def test_a_control_group_ends_what_the_eye_is_too_slow_for(room):
    if not groups():
        assert "can be exceeded" in room.describe()
        return
    program = "hoard = bytearray(b'x') * (2600 << 20)\nimport time; time.sleep(60)"
    then = "running._exceeded = lambda: ''\n" + WAIT
    assert run("root", room, program, Limits(memory=1500 * MB), then)[0] == "memory"
    assert "control groups" in room.describe()


def test_a_request_for_too_much_memory_fails_at_once(who, room):
    _, _, printed, _ = run(who, room, "bytearray(10 << 30)", Limits(memory=300 * MB))
    assert "MemoryError" in printed


TASKS = {
    "a fork bomb": """
while True:
    try:
        os.fork()
    except OSError:
        pass""",
    "processes": """
for _ in range(60):
    if not os.fork():
        time.sleep(60)
time.sleep(60)""",
    "threads": """
import threading
for _ in range(55):
    threading.Thread(target=time.sleep, args=(60,)).start()""",
}


@pytest.mark.parametrize("tasks", TASKS)
def test_too_many_processes_or_threads_are_ended(who, room, marker, tasks):
    program = f"'{marker}'\nimport os, time\n{TASKS[tasks]}"
    assert run(who, room, program, Limits(processes=50))[0] == "processes"


def test_no_file_grows_beyond_its_limit_and_output_is_cut(who, room, marker):
    limits = Limits(seconds=20, file_size=3 * MB)
    program = "open('big', 'wb').write(bytes(8 << 20))"
    assert "File too large" in run(who, room, program, limits)[2]
    reason, _, printed, _ = run(who, room, f"while True: print('{marker}' * 1000)", limits)
    assert reason == "exited" and 0 < len(printed) <= 3 * MB


FLOODS = {
    "files": "open(f'{n}', 'wb').write(bytes(1 << 20))",
    "in tmp": "open(f'/tmp/{n}', 'wb').write(bytes(1 << 20))",
    "deleted but open": "f = open('x', 'wb', 0); f.write(bytes(1 << 20)); os.unlink('x'); k += [f]",
    "mapped and deleted": """f = open('x', 'w+b'); f.truncate(1 << 20); os.unlink('x')
    k += [mmap.mmap(f.fileno(), 0)]; k[-1][:] = bytes(1 << 20); f.close()""",
    "below long paths": """os.mkdir('d' * 200); os.chdir('d' * 200)
    open('f', 'wb').write(bytes(1 << 20))""",
    "where nobody may look": """os.mkdir(f'{n}'); open(f'{n}/f', 'wb').write(bytes(1 << 20))
    os.chmod(f'{n}', 0)""",
}


@pytest.mark.parametrize("flood", FLOODS)
def test_its_folder_holds_so_much_and_no_more(who, room, flood):
    program = f"""
import mmap, os
k = []
for n in range(100):
    {FLOODS[flood]}
"""
    reason, code, printed, _ = run(who, room, program, Limits(disk=20 * MB))
    killed = 128 + signal.SIGBUS  # what writing to a mapped file without room comes to
    assert reason == "exited" and code in (1, 120, killed), printed  # 120: no room for that
    assert code != 1 or "No space left" in printed


def test_too_many_files_are_ended(who, room, monkeypatch):
    then = "from cs231n_vis.grading import bounds; bounds._FILES = 500\n" + WAIT
    program = """
import time
for n in range(3000):
    open(f"{n}", "w").close()
time.sleep(60)
"""
    assert run(who, room, program, then=then)[0] == "disk"


def test_a_daemon_ends_with_the_program(who, room, marker):
    program = f"""
"{marker}"
import os, time
if not os.fork():
    os.setsid()
    if not os.fork():
        open("alive", "w").close()
        time.sleep(600)
    os._exit(0)
while not os.path.exists("alive"):
    time.sleep(0.01)
"""
    assert said(who, room, program) == ""


STUBBORN = """
import os, signal, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
os.fork(), os.fork()
open(f"ready{os.getpid()}", "w").close()
time.sleep(600)
"""
READY = "while len(list(running.home.glob('ready*'))) < 4: time.sleep(0.02)\n"


def test_kill_ends_processes_that_ignore_signals_and_returns_when_none_is_left(who, room, marker):
    then = f"""
{READY}
assert running.returncode is None
running.kill()
seen = len(running._tree())
running.kill()  # and once more does no harm
"""
    reason, _, _, seen = run(who, room, f"'{marker}'\n{STUBBORN}", then=then)
    assert (reason, seen) == ("killed", 0)


def test_when_the_one_who_watches_is_killed_nothing_is_left(who, room, marker):
    before = _groups()
    then = f"{READY}\nprint('ready', flush=True); time.sleep(600)"
    with driver(who, room, f"'{marker}'\n{STUBBORN}", then=then) as (command, how):
        with subprocess.Popen(command, **how, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "ready\n"
            assert len(_carriers(marker)) >= 4
            process.kill()
        end = time.monotonic() + LONG
        while _carriers(marker):
            assert time.monotonic() < end
            time.sleep(0.02)
    assert _groups() <= before


def _groups():
    return set(GROUPS.rglob(f"{OURS}*"))


# Without walls ----------------------------------------------------------------------------------


def test_without_walls_there_are_limits_and_no_new_rights_and_it_says_so(tmp_path, marker):
    with room_for(NAME, walls=False) as room:
        room.check([ROOT])
        assert room.describe().startswith("NOT walled off")
        options = {"folder": tmp_path}
        program = "print([l.split()[1] for l in open('/proc/self/status') if 'NoNewPrivs' in l])"
        assert said("root", room, program, **options) == "['1']"
        assert said("root", room, "import cs231n_vis; print(cs231n_vis.__all__)", **options)
        hog = f"'{marker}'\nimport os, time\n{HOGS['one']}"
        assert run("root", room, hog, Limits(memory=300 * MB), **options)[0] == "memory"
        sleeper = f"'{marker}'\nimport time; time.sleep(60)"
        assert run("root", room, sleeper, Limits(seconds=0.5), **options)[0] == "time"
        flood = f"'{marker}'\nimport os, time\n" + (
            "for n in range(60): open(f'{n}', 'wb').write(bytes(1 << 20))\ntime.sleep(60)"
        )
        assert run("root", room, flood, Limits(disk=20 * MB), **options)[0] == "disk"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_root_becomes_a_user_who_finds_what_lies_below_folders_that_only_root_may_pass(tmp_path):
    shown = tmp_path / "private" / "deeper" / "data"
    shown.mkdir(parents=True)
    (shown / "file").write_text("read")
    for folder in (shown.parent, shown.parents[1]):
        folder.chmod(0o700)
    home = Path(tempfile.mkdtemp(dir=tmp_path))
    argv = as_ordinary_user(["cat", str(shown / "file")], home, {str(shown)})
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "read"
    assert shown.parent.stat().st_mode & 0o777 == 0o700


# The whole way ----------------------------------------------------------------------------------


def test_an_ordinary_user_who_grades_gives_nothing_for_what_was_hidden(tmp_path):
    (cheat,) = (s for s in submissions("cheating") if s.name == "uncovers_what_is_hidden")
    student = student_version(read_source(ROOT / "notebooks/source/01_saliency_maps.py"))
    nbformat.write(as_notebook(cheat, student), tmp_path / "mallory.ipynb")
    files = [str(tmp_path / "mallory.ipynb"), "--out", str(tmp_path / "out")]
    argv = [sys.executable, "-m", "cs231n_vis.cli", "grade", *files]
    done = subprocess.run(as_an_ordinary_user(argv, tmp_path), cwd=ROOT, stdout=subprocess.PIPE)
    (result,) = map(read_result, tmp_path.glob("out/students/*/*/results.json"))
    assert done.returncode == 0 and "NOT walled off" not in done.stdout.decode()
    assert result.score == 0 and result.checks[0].status == "error", result
