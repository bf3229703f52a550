"""A file written by atomic_write is whole or not there, whatever happens; and where files go."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cs231n_vis import files
from cs231n_vis.files import (
    DamagedFileError,
    atomic_write,
    datasets_dir,
    open_regular,
    sha256,
    shipped,
)

posix = pytest.mark.skipif(
    os.name == "nt", reason="Windows has no umask, no RLIMIT_FSIZE, and locks open files"
)


def child(program: str, *arguments, **options) -> subprocess.Popen:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)


def only(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# --- atomic_write -----------------------------------------------------------------------------


def test_the_file_is_there_once_the_block_ends_and_not_before(tmp_path):
    path = tmp_path / "new" / "folder" / "file"
    with atomic_write(path) as temporary:
        temporary.write_bytes(b"whole")
        assert not path.exists()
    assert only(path.parent) == {"file": b"whole"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(error), atomic_write(path) as temporary:
        temporary.write_bytes(b"ha")
        raise error
    assert only(tmp_path) == {"file": b"old"}


def test_a_process_that_is_killed_while_writing_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    program = (
        "import sys, time; from cs231n_vis.files import atomic_write\n"
        "with atomic_write(sys.argv[1]) as temporary:\n"
        "    temporary.write_bytes(b'half'); print('half', flush=True); time.sleep(60)\n"
    )
    with child(program, path) as writer:
        assert writer.stdout.readline() == "half\n"
        writer.kill()
    assert path.read_bytes() == b"old"


@posix
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    program = (
        "import resource, sys; from cs231n_vis.files import atomic_write\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    with atomic_write(sys.argv[1]) as temporary: temporary.write_bytes(b'new' * 1000)\n"
        "except OSError as problem: print(type(problem).__name__)\n"
    )
    with child(program, path) as writer:
        assert writer.stdout.read() == "OSError\n"
    assert only(tmp_path) == {"file": b"old"}


@posix
def test_of_many_writers_at_once_one_wins_whole(tmp_path):
    path = tmp_path / "file"
    program = (
        "import sys; from cs231n_vis.files import atomic_write\n"
        "for _ in range(50):\n"
        "    with atomic_write(sys.argv[1]) as temporary:\n"
        "        temporary.write_bytes(sys.argv[2].encode() * 100_000)\n"
    )
    writers = [child(program, path, letter) for letter in "abc"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        if path.exists():
            seen.add(path.read_bytes())
    for writer in writers:
        with writer:
            assert writer.wait() == 0
    whole = {letter * 100_000 for letter in (b"a", b"b", b"c")}
    assert seen | {path.read_bytes()} <= whole
    assert list(only(tmp_path)) == ["file"]


@posix
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_the_umask_decides_who_may_read_the_file(tmp_path, umask):
    before = os.umask(umask)
    try:
        with atomic_write(tmp_path / "file") as temporary:
            temporary.write_bytes(b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o666 & ~umask


@posix
def test_writing_does_not_change_what_other_threads_files_may_be_read_by(tmp_path):
    def write(number):
        for _ in range(300):
            with atomic_write(tmp_path / f"file {number}"):
                pass

    before, interval = os.umask(0o027), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    permissions = set()
    try:
        writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for writer in writers:
            writer.start()
        while any(writer.is_alive() for writer in writers):
            other = tmp_path / "other"
            other.touch()
            permissions.add(other.stat().st_mode & 0o777)
            other.unlink()
    finally:
        sys.setswitchinterval(interval)
        after = os.umask(before)
    permissions |= {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert (after, permissions) == (0o027, {0o640})


# --- where files are --------------------------------------------------------------------------


def test_the_environment_chooses_the_folder_first(tmp_path, monkeypatch):
    monkeypatch.setenv("CS231N_VIS_DATASETS", str(tmp_path / "mine"))
    assert datasets_dir() == tmp_path / "mine"
    monkeypatch.setenv("CS231N_VIS_DATASETS", "~/mine")
    assert datasets_dir() == Path.home() / "mine"


@pytest.mark.parametrize("chosen", [None, ""])
def test_then_the_checkout_has_it(monkeypatch, chosen):
    monkeypatch.delenv("CS231N_VIS_DATASETS", raising=False)
    if chosen is not None:
        monkeypatch.setenv("CS231N_VIS_DATASETS", chosen)
    assert datasets_dir() == Path(__file__).resolve().parents[1] / "datasets"


def test_without_a_checkout_it_is_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.delenv("CS231N_VIS_DATASETS", raising=False)
    monkeypatch.setattr(files, "_CHECKOUT", tmp_path)
    assert datasets_dir().name == "cs231n-vis" or datasets_dir().parent.name == "cs231n-vis"
    assert not datasets_dir().is_relative_to(Path(files.__file__).parent)


def test_shipped_files_are_the_checkouts_or_the_wheels(tmp_path, monkeypatch):
    assert shipped("manifest.json").is_file()
    monkeypatch.setattr(files, "_CHECKOUT", tmp_path)
    assert shipped("a", "b") == Path(files.__file__).parent / "_datasets" / "a" / "b"


def test_sha256_is_that_of_the_bytes(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    assert sha256(tmp_path / "file").startswith("ba7816bf8f01cfea414140de5dae2223")


# --- what strangers made ------------------------------------------------------------------------


@posix
def test_what_is_no_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "link", "/dev/zero"):
        for read in (open_regular, sha256):
            with pytest.raises(DamagedFileError, match="is a folder, a pipe or a device; give the"):
                read(path)
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "none")


def test_a_file_is_opened_up_to_a_size_and_through_links(tmp_path):
    (tmp_path / "file").write_bytes(b"abcd")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with open_regular(tmp_path / "link", 4) as stream:
        assert stream.read() == b"abcd" and not os.get_inheritable(stream.fileno())
    with pytest.raises(
        DamagedFileError, match=r"file is too large, .* see whether it is the right"
    ):
        open_regular(tmp_path / "file", 3)
