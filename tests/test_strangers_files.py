"""What a stranger made is read or refused in a sentence, soon, and in bounded memory.

All files are read by one process of their own, which can have little more memory than when it
began: what would take more ends in a MemoryError, which is told apart.
"""

import io
import json
import os
import pickle
import struct
import subprocess
import sys
import zipfile
import zlib

import h5py
import numpy as np
import pytest
from numpy.lib import format as npy
from PIL import Image

from cs231n_vis.weights import CONVOLUTIONS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded in Linux' way")

WEIGHTS, NPZ, IMAGE, NOTEBOOK = "weights", "npz", "image", "notebook"
MEGABYTES = 900  # beyond what the process has; 600 for pictures, 64 for weights are promised
SECONDS = 30
FILES = {}  # name -> (what reads it, what writes it, a part of the sentence; none if it is read)


def file(reader, name, sentence=""):
    def keep(write):
        FILES[name] = reader, write, sentence
        return write

    return keep


def torch_zip(path, pickled, storages=(), **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        archive.writestr("a/data.pkl", pickled)
        for key, megabytes in storages:
            with archive.open(f"a/data/{key}", "w", force_zip64=True) as stream:
                for _ in range(megabytes):
                    stream.write(bytes(1 << 20))


def tensors(stride=None, size=None):
    """A pickle of SqueezeNet's tensors as PyTorch writes it, all in one storage."""
    begin = b"\x80\x02}("
    for conv in CONVOLUTIONS:
        height, width, inputs, out = conv.kernel
        for part, shape in (("weight", (out, inputs, height, width)), ("bias", (out,))):
            shape = size or shape
            strides = stride or tuple(np.cumprod((1, *shape[:0:-1]))[::-1].tolist())
            begin += pickle.dumps(f"{conv.torch}.{part}", 2)[2:-1]
            begin += b"ctorch._utils\n_rebuild_tensor_v2\n(("
            begin += (
                b"X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0" + b"0X\x03\0\0\0cpuK\x01tQ"
            )
            begin += b"K\x00" + b"".join(pickle.dumps(n, 2)[2:-1] for n in (shape, strides))
            begin += b"\x89}tR"
    return begin + b"u."


def doubled(times=60):
    return b")" + b"".join(b"q%c" % n + b"h%c" % n + b"\x86" for n in range(times))


@file(WEIGHTS, "storage.pth", "holds far more than the weights")
def _(path):
    torch_zip(path, tensors(), [("0", 950)], compression=zipfile.ZIP_DEFLATED, compresslevel=1)


@file(WEIGHTS, "bzip2.pth", "packed in a way that is not read here")
def _(path):
    torch_zip(path, tensors(), [("0", 3)], compression=zipfile.ZIP_BZIP2)


@file(WEIGHTS, "contents.pth", "its table of contents is too long")
def _(path):
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(8000):
            archive.writestr(f"a/{number}/" + 100 * "x", b"")


@file(WEIGHTS, "size.pth", "does not hold the weights of SqueezeNet 1.1")
def _(path):
    torch_zip(path, tensors((0,), (1 << 31,)), [("0", 1)])


@file(WEIGHTS, "key.pth", "it refers to data outside the file")
def _(path):
    key = b"X\x07\0\0\0storagectorch\nFloatStorage\n" + doubled()
    torch_zip(path, b"\x80\x02}X\x01\0\0\0a(" + key + b"tQs.")


@file(WEIGHTS, "tables.pth", "it holds far more than such a file needs")
def _(path):
    torch_zip(path, b"\x80\x02(" + b"}" * 20_000_000 + b"l.", compression=zipfile.ZIP_DEFLATED)


@file(WEIGHTS, "stream.pth", "longer than what is stored")
def _(path):
    numbers = b"".join(pickle.dumps(n, 2) for n in (0x1950A86A20F9469CFC6C, 1001, {}))
    path.write_bytes(numbers + tensors() + pickle.dumps(["0"], 2) + struct.pack("<Q", 1 << 40))


@file(WEIGHTS, "large.pth", "is too large, 5000.00 MB where 64.00 MB are the most")
def _(path):
    with open(path, "wb") as stream:
        stream.truncate(5_000_000_000)


@file(WEIGHTS, "header.safetensors", "it says 60000000 bytes of its tensors")
def _(path):
    path.write_bytes(struct.pack("<Q", 60_000_000) + b"[" * 60_000_000)


def h5(path, change):
    """A file of weights with Keras's names, whose conv10 is another."""
    with h5py.File(path, "w") as root:
        for conv in CONVOLUTIONS:
            group = root.create_group(f"{conv.name}/{conv.name}")
            group["bias"] = np.zeros(conv.kernel[-1], "f4")
            if conv.name != "conv1":
                group["kernel"] = np.zeros(conv.kernel, "f4")
        change(root["conv1/conv1"])


KERNEL = CONVOLUTIONS[0].kernel


@file(WEIGHTS, "external.h5", "compressed, or in another file")
def _(path):
    other = path.with_name("secret")
    other.write_bytes(bytes(4 * np.prod(KERNEL)))
    h5(path, lambda g: g.create_dataset("kernel", KERNEL, "f4", external=[(str(other), 0, 6912)]))


@file(WEIGHTS, "virtual.h5", "compressed, or in another file")
def _(path):
    layout = h5py.VirtualLayout(KERNEL, "f4")
    layout[:] = h5py.VirtualSource(str(path.with_name("other.h5")), "x", KERNEL)
    h5(path, lambda group: group.create_virtual_dataset("kernel", layout))


@file(WEIGHTS, "external link.h5", "is a link to elsewhere")
def _(path):
    h5(path.with_name("other.h5"), lambda group: None)
    link = h5py.ExternalLink(str(path.with_name("other.h5")), "/conv2")
    h5(path, lambda group: group.__setitem__("kernel", link))


@file(WEIGHTS, "soft link.h5", "is a link to elsewhere")
def _(path):
    h5(path, lambda group: group.__setitem__("kernel", h5py.SoftLink("/conv2")))


@file(WEIGHTS, "circle.h5", "does not hold the weights")
def _(path):
    h5(path, lambda group: group.__setitem__("kernel", group))


@file(WEIGHTS, "compressed.h5", "compressed, or in another file")
def _(path):
    def change(group):
        kernel = group.create_dataset("kernel", KERNEL, "f4", chunks=KERNEL, compression="gzip")
        packed = zlib.compressobj(1)
        bomb = b"".join(packed.compress(bytes(1 << 20)) for _ in range(950)) + packed.flush()
        kernel.id.write_direct_chunk((0, 0, 0, 0), bomb)

    h5(path, change)


@file(WEIGHTS, "chunk.h5", "something else than numbers")
def _(path):
    h5(
        path,
        lambda g: g.create_dataset("kernel", KERNEL, "f4", chunks=(3, 3, 3, 1 << 25),
                                   maxshape=(3, 3, 3, None)),
    )  # fmt: skip


@file(WEIGHTS, "shape.h5", "does not hold the weights")
def _(path):
    h5(path, lambda group: group.create_dataset("kernel", (3, 3, 3, 1 << 34), "f4"))


def npz(path, claimed=(2, 224, 224, 3), megabytes=1, version=b"\1\0", compression=8, pickled=b""):
    def header(descr, shape):
        stream = io.BytesIO()
        npy.write_array_header_1_0(
            stream, {"descr": descr, "fortran_order": False, "shape": tuple(shape)}
        )
        return stream.getvalue()

    with zipfile.ZipFile(path, "w", compression, compresslevel=1) as archive:
        with archive.open("X.npy", "w", force_zip64=True) as stream:
            stream.write(header("|u1", claimed).replace(b"\1\0", version, 1))
            for _ in range(megabytes):
                stream.write(bytes(1 << 20))
        archive.writestr("y.npy", header("<i8", claimed[:1]) + bytes(8 * 2))
        archive.writestr("label_map.npy", header("|O", ()) + pickled)


@file(NPZ, "images.npz", "with num at most 1000")
def _(path):
    npz(path, (20_000, 224, 224, 3))


@file(NPZ, "shape.npz", "X must be uint8 of shape")
def _(path):
    npz(path, (2, 1 << 40))


@file(NPZ, "header.npz", "is not like CS231n's")
def _(path):
    npz(path, megabytes=950, version=b"\2\0")


@file(NPZ, "packed.npz", "packed in a way that is not read here")
def _(path):
    npz(path, (1000, 224, 224, 3), megabytes=3, compression=zipfile.ZIP_BZIP2)


@file(NPZ, "names.npz", "label_map is far larger than 1000 names are")
def _(path):
    npz(path, pickled=bytes(100_000_000))


def png(path, width, height, depth, colour, more=b"", lines=None):
    """A PNG of one colour, of any size, in a few kilobytes; of its lines, so many are there."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content)) + kind + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )  # fmt: skip

    line = 1 + width * depth * {0: 1, 2: 3, 3: 1, 6: 4}[colour] // 8
    packed = zlib.compressobj(1)
    content = (
        b"".join(packed.compress(bytes(line)) for _ in range(lines or height)) + packed.flush()
    )
    start = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", start) + more + chunk(b"IDAT", content)
        + chunk(b"IEND", b"")
    )  # fmt: skip


@file(IMAGE, "palette.png")
def _(path):
    palette = struct.pack(">I", 6) + b"PLTE\0\0\0\xff\xff\xff"
    palette += struct.pack(">I", zlib.crc32(palette[4:]))
    clear = struct.pack(">I", 1) + b"tRNS\0"
    clear += struct.pack(">I", zlib.crc32(clear[4:]))
    png(path, 14_000, 14_000, 1, 3, palette + clear)


@file(IMAGE, "colour.png", "decoding its 196 megapixels would take 784 MB of memory")
def _(path):
    png(path, 14_000, 14_000, 8, 2, lines=9)


@file(IMAGE, "clear.png")
def _(path):
    png(path, 10_000, 8_000, 8, 6)


@file(IMAGE, "grey of 16 bits.png")
def _(path):
    png(path, 10_000, 10_000, 16, 0)


@file(IMAGE, "ribbon.png")
def _(path):
    png(path, 1_000_000, 80, 8, 2)


@file(IMAGE, "icon.ico", "limit of 4000000 pixels")
def _(path):
    png(path, 14_000, 14_000, 8, 0)
    content = path.read_bytes()
    entry = struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, len(content), 22)
    path.write_bytes(struct.pack("<HHH", 0, 1, 1) + entry + content)


def jpeg(path, sides, **options):
    Image.new("L" if options.pop("grey", 0) else "RGB", sides, 99).save(path, "JPEG", **options)


@file(IMAGE, "photo.jpg")
def _(path):
    jpeg(path, (13_000, 10_000))


@file(IMAGE, "progressive.jpg", "megapixels would take")
def _(path):
    jpeg(path, (64, 64), progressive=True, subsampling=0, quality=10)
    content = bytearray(path.read_bytes())
    start = content.index(b"\xff\xc2") + 5
    content[start : start + 4] = struct.pack(">HH", 14_000, 14_000)
    path.write_bytes(content)


@file(IMAGE, "one channel after the other.jpg", "megapixels would take")
def _(path):
    jpeg(path, (64, 64), subsampling=0, quality=10)
    content = bytearray(path.read_bytes())
    start = content.index(b"\xff\xc0") + 5
    content[start : start + 4] = struct.pack(">HH", 14_000, 14_000)
    scan = content.index(b"\xff\xda")
    content[scan + 2 : scan + 14] = b"\0\x08\x01\x01\x00\0\x3f\0" + bytes(4)
    path.write_bytes(content)


@file(IMAGE, "lossless.webp", "megapixels would take")
def _(path):
    Image.new("RGB", (64, 64)).save(path, "WEBP", lossless=True)
    content = bytearray(path.read_bytes())
    start = content.index(b"VP8L") + 9
    sides = int.from_bytes(content[start : start + 4], "little") & ~0xFFFFFFF
    content[start : start + 4] = (sides | 9_999 | 9_999 << 14).to_bytes(4, "little")
    path.write_bytes(content)


@file(IMAGE, "scan.jp2", "megapixels would take")
def _(path):
    Image.new("RGB", (64, 64)).save(path, "JPEG2000")
    content = path.read_bytes()
    sides = struct.pack(">II", 64, 64)
    path.write_bytes(content.replace(sides, struct.pack(">II", 9000, 9000)))


@file(IMAGE, "animation.gif")
def _(path):
    Image.new("L", (9_000, 9_000)).save(path, "GIF")


@file(IMAGE, "large.jpg", "is too large, 5000.00 MB")
def _(path):
    with open(path, "wb") as stream:
        stream.truncate(5_000_000_000)


def notebook(path, content):
    path.write_bytes(b'{"nbformat": 4, "cells": [' + content + b"]}")


@file(NOTEBOOK, "tables.ipynb", "holds far more than a notebook does")
def _(path):
    notebook(path, b"{}," * 20_000_000 + b"{}")


@file(NOTEBOOK, "lists.ipynb", "holds far more than a notebook does")
def _(path):
    notebook(path, b"[]," * 20_000_000 + b"[]")


@file(NOTEBOOK, "words.ipynb", "holds far more than a notebook does")
def _(path):
    notebook(path, b'"ab",' * 12_000_000 + b'""')


@file(NOTEBOOK, "deep.ipynb", "it is not valid JSON")
def _(path):
    notebook(path, b"[" * 900_000 + b"]" * 900_000)


@file(NOTEBOOK, "number.ipynb", "it is not valid JSON")
def _(path):
    notebook(path, b"1" * 60_000_000)


for reader, ends in (
    (WEIGHTS, (".pth", ".h5", ".safetensors", ".ckpt.index")),
    (NPZ, (".npz",)),
    (IMAGE, (".png",)),
    (NOTEBOOK, (".ipynb",)),
):
    for end in ends:
        said = {NPZ: "There is no file", NOTEBOOK: "a link or a folder"}.get(reader, "a pipe or a")
        FILES[f"pipe{end}"] = reader, os.mkfifo, said
        FILES[f"device{end}"] = reader, lambda path: os.symlink("/dev/zero", path), said

PROGRAM = """
import json, resource, sys, time
from pathlib import Path
from cs231n_vis.grading.merge import read_submission
from cs231n_vis.image_utils import load_image
from cs231n_vis.imagenet import load_imagenet_val
from cs231n_vis.weights import read_weights
import h5py, safetensors
from cs231n_vis import tf

read = {
    "weights": read_weights,
    "npz": lambda path: load_imagenet_val(source=path),
    "image": load_image,
    "notebook": lambda path: read_submission(Path(path)),
}
pages = int(open("/proc/self/statm").read().split()[0])
most = pages * resource.getpagesize() + MEGABYTES * 1_000_000
resource.setrlimit(resource.RLIMIT_AS, (most, most))
for line in sys.stdin:
    reader, path = json.loads(line)
    start = time.monotonic()
    try:
        read[reader](path)
        said = ""
    except BaseException as problem:
        said = f"{type(problem).__name__}: {problem}"
    print(json.dumps([said, time.monotonic() - start]), flush=True)
"""


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """``read(name)``: what the process that reads all files says of one, and after how long."""
    folder = tmp_path_factory.mktemp("files")
    command = [sys.executable, "-c", PROGRAM.replace("MEGABYTES", str(MEGABYTES))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, text=True, cwd=folder) as process:

        def read(name):
            reader, write, _ = FILES[name]
            write(folder / name)
            process.stdin.write(json.dumps([reader, str(folder / name)]) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            (folder / name).unlink()
            return json.loads(answer)

        yield read
        process.kill()


@pytest.mark.parametrize("name", FILES)
def test_a_strangers_file_is_read_or_refused_within_bounds(name, read):
    said, seconds = read(name)
    sentence = FILES[name][2]
    assert sentence in said if sentence else not said, said
    assert "emory" not in said.replace("MB of memory", "") and seconds < SECONDS
    assert said.count("\n") == 0
