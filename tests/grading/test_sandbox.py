"""The sandbox: what a program in it cannot reach, and what becomes of one that wants too much."""

import contextlib
import importlib.util
import os
import py_compile
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import pytest

from cs231n_vis.grading import sandbox
from cs231n_vis.grading.sandbox import BACKENDS, Limits, Sandbox
from cs231n_vis.grading.warm import WarmPython

psutil = pytest.importorskip("psutil")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no limits to test")

PACKAGE = Path(sandbox.__file__).resolve().parents[1]
MB = 1 << 20
LONG = 60  # seconds that no program here may take


def _working(backend, request):
    """Arguments for ``Sandbox``."""
    name = "namespaces" if backend == "warm" else backend
    if why_not := sandbox.problem(name):
        pytest.skip(f"{name}: {why_not}")
    if backend == "warm":
        return {"backend": name, "warm": request.getfixturevalue("warm").socket}
    return {"backend": name}


@pytest.fixture(scope="module")
def warm():
    if why_not := sandbox.problem("namespaces"):
        pytest.skip(f"namespaces: {why_not}")
    with WarmPython(Sandbox(Path("/")).environment()) as warm:
        yield warm


@pytest.fixture(params=[*BACKENDS[:2], "warm"])
def walls(request):
    return _working(request.param, request)


@pytest.fixture(params=[*BACKENDS, "warm"])
def backend(request):
    return _working(request.param, request)


@pytest.fixture
def folder():
    """A folder with a short path, for the sockets in it."""
    with tempfile.TemporaryDirectory(prefix="box") as name:
        yield Path(name)


@pytest.fixture
def marker():
    """A word in the environment of all that a test starts; nothing may carry it afterwards."""
    word = f"marker-{uuid.uuid4().hex}"
    yield word
    assert _carriers(word) == []


def _carriers(word):
    found = []
    for process in psutil.process_iter():
        try:
            carries = word in process.environ().values() or word in " ".join(process.cmdline())
            if carries and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue  # ended, or someone else's
    # what was forked from a warm Python shows the environment of that one
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if "cs231n_vis.grading.warm" in child.cmdline():
                found += [c for c in child.children(True) if c.status() != psutil.STATUS_ZOMBIE]
    return found


def run(box, program, **env):
    """What a Python program in a sandbox came to: its Running, after it ended."""
    running = box.start([sys.executable, "-c", program], env)
    try:
        running.wait(LONG)
    finally:
        running.kill()
    return running


def said(box, program, **env):
    """What a program that must succeed printed."""
    running = run(box, program, **env)
    assert (running.reason, running.returncode) == ("exited", 0), running.printed()
    return running.printed()


# Walls ------------------------------------------------------------------------------------------


def test_it_cannot_reach_the_network(walls, folder):
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = f"""
import socket
try:
    socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), timeout=5)
except OSError:
    print("no way")
"""
        assert said(Sandbox(folder, **walls), program) == "no way"


def test_it_reads_nothing_outside(walls, folder, tmp_path):
    name = f"secret-{uuid.uuid4().hex}"
    places = [tmp_path / name, Path(tempfile.gettempdir()) / name, Path.home() / name]
    places = [place for place in places if os.access(place.parent, os.W_OK)]
    try:
        for place in places:
            place.write_text("secret")
        program = f"""
import os
for path in {[str(place) for place in places]}:
    try:
        print(open(path).read())
    except FileNotFoundError:
        pass
for root, folders, files in os.walk("/"):
    folders[:] = [f for f in folders if (root, f) not in (("/", "proc"), ("/", "usr"))]
    if {name!r} in files:
        print("found", root)
"""
        assert said(Sandbox(folder, **walls), program) == ""
    finally:
        for place in places:
            place.unlink(missing_ok=True)


def test_it_writes_to_its_folder_and_nowhere_else(walls, folder, tmp_path):
    name = f"written-{uuid.uuid4().hex}"
    elsewhere = ["/", "/usr", "/dev", "/proc", "/etc", sys.prefix, PACKAGE, tmp_path, Path.home()]
    program = f"""
import os
for path in {[str(place) for place in elsewhere]}:
    try:
        open(os.path.join(path, {name!r}), "w").write("x")
        print("wrote to", path)
    except OSError:
        pass
for path in ("here", "/tmp/" + {name!r}, "/dev/shm/here", os.path.expanduser("~/there")):
    open(path, "w").write("mine")
"""
    wrote = said(Sandbox(folder, **walls), program)
    assert wrote in ("", f"wrote to {sys.prefix}")  # if it is below /tmp, for its /tmp is another
    assert not [path for path in elsewhere if (Path(path) / name).exists()]
    assert (folder / "here").read_text() == (folder / "there").read_text() == "mine"
    assert not (Path("/tmp") / name).exists()


def test_it_sees_no_process_but_its_own_and_reaches_none(walls, folder):
    program = f"""
import os, signal
print(len([name for name in os.listdir("/proc") if name.isdigit()]))
for pid in (os.getppid(), {os.getpid()}, {os.getppid()}, -1):
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
os.kill(os.getpid(), 0)
"""
    running = run(Sandbox(folder, **walls), program)
    assert running.reason == "exited"
    assert running.printed() in ("", "2", "3")  # it may have brought down its own first process


def test_the_graders_environment_does_not_leak(walls, folder, monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "very-secret-indeed")
    program = """
import glob, os
print("here" if "GRADER_SECRET" in os.environ else "")
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
    try:
        print(path if b"very-secret-" + b"indeed" in open(path, "rb").read() else "")
    except OSError:
        pass
"""
    assert said(Sandbox(folder, **walls), program) == ""


def test_what_is_hidden_can_be_neither_read_nor_imported(walls, folder):
    maps = PACKAGE.parent / "datasets" / "saved_maps"
    source = PACKAGE / "references" / "saliency.py"
    compiled = importlib.util.cache_from_source(str(source))
    if os.access(PACKAGE, os.W_OK):
        py_compile.compile(str(source), compiled)
    box = Sandbox(folder, **walls, hidden=(source, maps, PACKAGE / "grading"))
    program = f"""
import os
for path in ({str(source)!r}, {compiled!r}):
    try:
        print(open(path, "rb").read().decode("latin-1"), end="")
    except OSError:
        pass
for path in ({str(maps)!r}, {str(PACKAGE / "grading")!r}):
    print(*os.listdir(path) if os.path.exists(path) else "", end="")
import cs231n_vis.files
assert cs231n_vis.files.__file__ == {str(PACKAGE / "files.py")!r}
try:
    import cs231n_vis.references.saliency
    print(vars(cs231n_vis.references.saliency).get("compute_saliency_maps", ""))
except ImportError:
    pass
"""
    assert said(box, program) == ""


def test_of_the_datasets_folder_only_what_the_package_keeps_there_is_seen(
    walls, folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("CS231N_VIS_DATASETS", str(tmp_path))
    tmp_path.chmod(0o755)
    (tmp_path / "saved_maps").mkdir()
    for name in ("squeezenet_imagenet.safetensors", "imagenet_val_25.npz", "grades.csv"):
        (tmp_path / name).touch()
        (tmp_path / "saved_maps" / name).touch()
    program = """
import os
from cs231n_vis.files import datasets_dir, shipped
print(datasets_dir(), sorted(os.listdir(datasets_dir())))
print(os.path.exists(shipped("manifest.json")), os.path.exists(shipped("saved_maps")))
"""
    kept = ["imagenet_val_25.npz", "squeezenet_imagenet.safetensors"]
    assert said(Sandbox(folder, **walls), program).split("\n") == [
        f"{tmp_path} {kept}",
        "True False",
    ]


def test_what_is_readable_can_be_read_and_not_written(walls, folder, tmp_path):
    (tmp_path / "given.txt").write_text("given")
    tmp_path.chmod(0o755)
    program = f"""
print(open({str(tmp_path / "given.txt")!r}).read())
try:
    open({str(tmp_path / "given.txt")!r}, "a")
except OSError:
    print("only read")
"""
    box = Sandbox(folder, **walls, readable=(tmp_path,))
    assert said(box, program).split("\n") == ["given", "only read"]


def test_it_has_no_rights_and_gains_none(walls, folder):
    program = """
import ctypes, os
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
libc = ctypes.CDLL(None)
print(
    os.getuid() != 0, int(status["CapEff"], 16), int(status["CapPrm"], 16),
    status["NoNewPrivs"].strip(), libc.unshare(0x10000000), libc.unshare(0x20000),
    libc.memfd_create(b"x", 0), libc.ptrace(16, 1, None, None),
)
"""
    assert said(Sandbox(folder, **walls), program) == "True 0 0 1 -1 -1 -1 -1"


def test_it_inherits_no_open_file(walls, folder):
    program = (
        "import os; print([fd for fd in range(1024) if os.path.exists(f'/proc/self/fd/{fd}')])"
    )
    with open(__file__) as stream:
        os.set_inheritable(stream.fileno(), True)
        assert said(Sandbox(folder, **walls), program) == "[0, 1, 2]"


def test_links_left_in_the_folder_lead_nowhere(walls, folder, tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("as it was")
    tmp_path.chmod(0o777)
    outside.chmod(0o666)
    owner = outside.stat().st_uid
    said(
        Sandbox(folder, **walls),
        f"""
import glob, os
for name in glob.glob(".tmp*"):
    os.rename(name, "away")
    os.symlink({str(tmp_path)!r}, name)
os.symlink({str(tmp_path)!r}, ".tmp")
os.symlink({str(outside)!r}, "link")
""",
    )
    program = f"""
import glob
for path in ["link", "/tmp/outside.txt", {str(outside)!r}, *glob.glob("/tmp/*/outside.txt")]:
    try:
        open(path, "r+").write("changed")
    except OSError:
        pass
"""
    said(Sandbox(folder, **walls), program)
    assert (outside.read_text(), outside.stat().st_uid) == ("as it was", owner)


def test_a_sandbox_that_cannot_be_built_says_why(walls, folder, monkeypatch):
    monkeypatch.setattr(Sandbox, "_views", lambda *_: [("read", "/nowhere", "/nowhere")])
    with pytest.raises(OSError, match=f"{walls['backend']} did not start: .*No such file"):
        Sandbox(folder, **walls).start(["true"])


# Limits -----------------------------------------------------------------------------------------


def test_it_ends_by_itself_with_its_own_status(backend, folder, marker):
    running = run(Sandbox(folder, **backend), "import os; os._exit(7)", MARKER=marker)
    assert (running.reason, running.returncode) == ("exited", 7)
    assert running.poll() == 7
    running = run(Sandbox(folder, **backend), "import os; os.kill(os.getpid(), 11)")
    assert (running.reason, running.returncode) == ("exited", 128 + 11)


def test_a_program_that_does_not_exist_says_so(backend, folder):
    running = Sandbox(folder, **backend).start(["/nothing/here"])
    assert running.wait(LONG) == 1
    assert "No such file or directory" in running.printed()
    assert "/nothing/here" in running.printed()


def test_there_is_nobody_to_read_from(backend, folder):
    assert "EOFError" in run(Sandbox(folder, **backend), "input()").printed()


def test_an_endless_loop_runs_out_of_time(backend, folder, marker):
    box = Sandbox(folder, Limits(seconds=1), **backend)
    assert run(box, "while True: pass", MARKER=marker).reason == "time"


def little(backend):
    """Bytes that a program soon exceeds, but not by what a warm Python has imported."""
    return (900 if "warm" in backend else 300) * MB


def test_a_memory_hog_is_ended(backend, folder, marker):
    program = """
import time
hoard = []
while True:
    hoard.append(bytearray(b"x") * (20 << 20))
    time.sleep(0.02)
"""
    box = Sandbox(folder, Limits(memory=little(backend)), **backend)
    assert run(box, program, MARKER=marker).reason == "memory"


def test_memory_counts_for_the_whole_tree(backend, folder, marker):
    program = f"""
import os, time
for _ in range(4):
    if not os.fork():
        hoard = bytearray(b"x") * {little(backend) // 3}
        time.sleep(60)
time.sleep(60)
"""
    box = Sandbox(folder, Limits(memory=little(backend)), **backend)
    assert run(box, program, MARKER=marker).reason == "memory"


def test_memory_that_processes_share_counts_once(backend, folder):
    program = f"""
import os, time
shared = bytearray(b"x") * {little(backend) // 3}
children = [os.fork() for _ in range(3)]
time.sleep(1)
"""
    assert said(Sandbox(folder, Limits(memory=little(backend)), **backend), program) == ""


def test_a_request_for_too_much_memory_fails_at_once(backend, folder):
    if sys.platform != "linux":
        pytest.skip("only Linux refuses")
    box = Sandbox(folder, Limits(memory=300 * MB), **backend)
    assert "MemoryError" in run(box, "bytearray(10 << 30)").printed()


def test_a_fork_bomb_is_ended(walls, folder, marker):
    program = """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
    box = Sandbox(folder, Limits(processes=50), **walls)
    assert run(box, program, MARKER=marker).reason == "processes"


def test_too_many_processes_are_ended(backend, folder, marker):
    program = """
import os, time
for _ in range(60):
    if not os.fork():
        time.sleep(60)
time.sleep(60)
"""
    box = Sandbox(folder, Limits(processes=50), **backend)
    assert run(box, program, MARKER=marker).reason == "processes"


def test_too_many_threads_are_ended(backend, folder, marker):
    program = """
import threading, time
for _ in range(55):
    threading.Thread(target=time.sleep, args=(60,)).start()
"""
    box = Sandbox(folder, Limits(processes=50), **backend)
    assert run(box, program, MARKER=marker).reason == "processes"


def test_a_file_cannot_grow_beyond_its_limit(backend, folder):
    box = Sandbox(folder, Limits(file_size=3 * MB), **backend)
    assert "File too large" in run(box, "open('big', 'wb').write(bytes(8 << 20))").printed()
    assert (folder / "big").stat().st_size <= 3 * MB


def test_a_flood_of_output_is_cut(backend, folder, marker):
    box = Sandbox(folder, Limits(seconds=20, file_size=3 * MB), **backend)
    running = run(box, "while True: print('x' * 100_000)", MARKER=marker)
    assert running.reason == "exited"
    assert len(running.printed(100 * MB)) <= 3 * MB


@pytest.mark.parametrize(
    "flood",
    [
        "open(f'{n}', 'wb').write(bytes(1 << 20))",
        "open(f'{n}', 'wb').close()",
        "open(f'/tmp/{n}', 'wb').write(bytes(1 << 20))",
        "os.mkdir(f'{n}'); os.chdir(f'{n}')",
        "f = open('x', 'wb'); f.write(bytes(1 << 20)); f.flush(); os.unlink('x'); keep.append(f)",
    ],
    ids=["files", "empty files", "in tmp", "folders in folders", "deleted but open"],
)
def test_a_full_disk_is_prevented(walls, folder, marker, flood):
    program = f"""
import os, time
keep = []
for n in range(500):
    {flood}
    time.sleep(0.005)
time.sleep(60)
"""
    limit = 20 * MB if "<< 20" in flood else 1 * MB
    running = run(Sandbox(folder, Limits(disk=limit), **walls), program, MARKER=marker)
    assert running.reason == "disk"


def test_a_daemon_ends_with_the_program(backend, folder, marker):
    program = """
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
    if backend["backend"] == "limits" and sys.platform != "linux":
        pytest.skip("only Linux finds a daemon again")
    said(Sandbox(folder, **backend), program, MARKER=marker)
    assert _carriers(marker) == []


STUBBORN = """
import os, signal, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
os.fork(), os.fork()
open(f"ready{os.getpid()}", "w").close()
time.sleep(600)
"""


def _wait_until(true):
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_kill_ends_processes_that_ignore_signals_and_returns_when_none_is_left(
    backend, folder, marker
):
    running = Sandbox(folder, **backend).start([sys.executable, "-c", STUBBORN], {"MARKER": marker})
    _wait_until(lambda: len(list(folder.glob("ready*"))) == 4)
    assert running.poll() is None
    assert len(_carriers(marker)) >= 4
    running.kill()
    assert _carriers(marker) == []
    assert running.reason == "killed"
    running.kill()  # and once more does no harm


def test_when_the_grader_is_killed_nothing_is_left(backend, folder, marker):
    arguments = {name: str(value) for name, value in backend.items()}
    grader = f"""
import sys, time
from pathlib import Path
from cs231n_vis.grading.sandbox import Sandbox
box = Sandbox(Path({str(folder)!r}), **{arguments!r})
running = box.start([sys.executable, "-c", {STUBBORN!r}], {{"MARKER": {marker!r}}})
time.sleep(600)
"""
    environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent), "MARKER": marker}
    if backend["backend"] == "limits" and sys.platform != "linux":
        pytest.skip("only Linux tells a process that its parent ended")
    with subprocess.Popen([sys.executable, "-c", grader], env=environment) as process:
        _wait_until(lambda: len(list(folder.glob("ready*"))) == 4)
        process.kill()
    _wait_until(lambda: not _carriers(marker))


def test_it_outlives_the_thread_that_started_it(backend, folder):
    started = []
    box = Sandbox(folder, **backend)
    program = [sys.executable, "-c", "import time; time.sleep(0.5); print('done')"]
    thread = threading.Thread(target=lambda: started.append(box.start(program)))
    thread.start()
    thread.join()
    assert started[0].wait(LONG) == 0
    assert started[0].printed() == "done"


def test_a_signal_reaches_the_program(backend, folder):
    program = """
import time
try:
    open("ready", "w").close()
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted")
"""
    running = Sandbox(folder, **backend).start([sys.executable, "-c", program])
    _wait_until((folder / "ready").exists)
    running.send_signal(signal.SIGINT)
    assert running.wait(LONG) == 0
    assert running.printed() == "interrupted"


def test_it_says_what_is_missing():
    for name in BACKENDS:
        words = Sandbox(Path("."), backend=name).describe()
        assert words.startswith("NOT walled off" if name == "limits" else "Walled off by")


# What the course needs of it --------------------------------------------------------------------


def test_tensorflow_works_in_it(walls, folder):
    program = """
from cs231n_vis import load_imagenet_val, load_squeezenet, preprocess_image
X, y, names = load_imagenet_val()
print(load_squeezenet()(preprocess_image(X[:1])).shape)
"""
    assert said(Sandbox(folder, **walls), program).endswith("(1, 1000)")


def test_a_jupyter_kernel_works_in_it(walls, folder, marker, monkeypatch):
    from jupyter_client import KernelManager
    from jupyter_client.provisioning import LocalProvisioner

    running = []

    async def launch(self, cmd, **_):
        self.process = Sandbox(folder, **walls).start(cmd, {"MARKER": marker})
        self.pid = self.process.pid
        running.append(self.process)
        return self.connection_info

    monkeypatch.setattr(LocalProvisioner, "launch_kernel", launch)
    manager = KernelManager(
        transport="ipc", ip=str(folder / "k"), connection_file=str(folder / "k.json")
    )
    manager.start_kernel()
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=LONG)
        told = []
        reply = client.execute_interactive("1+1", timeout=LONG, output_hook=told.append)
        assert reply["content"]["status"] == "ok"
        results = [message for message in told if message["msg_type"] == "execute_result"]
        assert [message["content"]["data"]["text/plain"] for message in results] == ["2"]

        client.execute("open('looping', 'w').close()\nwhile True: pass")
        _wait_until((folder / "looping").exists)
        manager.interrupt_kernel()
        assert client.get_shell_msg(timeout=LONG)["content"]["ename"] == "KeyboardInterrupt"

        client.stop_channels()
        manager.shutdown_kernel()
        running[0].wait(LONG)
        assert running[0].reason == "exited"
    finally:
        client.stop_channels()
        running[0].kill()


def test_what_is_hidden_is_hidden_under_every_name_it_is_seen_by(walls, folder, tmp_path):
    """As in a virtual environment, where lib64 is a link to lib."""
    real, link = tmp_path / "lib", tmp_path / "lib64"
    real.mkdir()
    (real / "secret").write_text("expected maps")
    (real / "open").write_text("")
    link.symlink_to(real)
    box = Sandbox(folder, **walls, readable=(real, link), hidden=(real / "secret",))
    program = f"print(*(open(f'{tmp_path}/{{name}}/secret').read() for name in ('lib', 'lib64')))"
    with open(folder / "printed", "w+b") as printed:
        box.start([sys.executable, "-c", program], output=printed).wait()
        printed.seek(0)
        assert b"maps" not in printed.read()


# A copy of a warm Python ------------------------------------------------------------------------


def test_copies_have_the_imports_behind_them_and_draw_numbers_of_their_own(warm, folder):
    program = """
import random, sys
print("tensorflow" in sys.modules, "ipykernel" in sys.modules)
import numpy as np
print(random.random(), np.random.rand())
"""
    box = Sandbox(folder, backend="namespaces", warm=warm.socket)
    first, second = (said(box, program).splitlines() for _ in range(2))
    assert first[0] == second[0] == "True True"
    assert not set(first[1].split()) & set(second[1].split())


def test_a_copy_has_none_of_our_modules_and_finds_none_that_are_hidden(warm, folder):
    program = """
import sys
print([name for name in sys.modules if name.startswith("cs231n_vis")])
import cs231n_vis
print("load_squeezenet" in cs231n_vis.__all__, "compute_saliency_maps" in cs231n_vis.__all__)
try:
    import cs231n_vis.grading.merge
except ImportError:
    print("no grader")
"""
    hidden = (PACKAGE / "references" / "saliency.py", PACKAGE / "grading")
    box = Sandbox(folder, hidden=hidden, backend="namespaces", warm=warm.socket)
    assert said(box, program).splitlines() == ["[]", "True False", "no grader"]


def test_a_warm_python_leaves_nothing_and_one_that_is_gone_says_so(folder):
    with WarmPython(Sandbox(Path("/")).environment()) as warm:
        box = Sandbox(folder, backend="namespaces", warm=warm.socket)
        running = box.start([sys.executable, "-c", "import time; time.sleep(60)"])
    assert running.wait(LONG) != 0
    assert not warm.socket.exists()
    with pytest.raises(OSError, match="the warm Python"):
        box.start(["true"])
