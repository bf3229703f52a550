"""Makes the PyTorch files that test_weights.py reads: run it in an environment with torch.

    python tests/data/make_torch_files.py

The names and shapes are those of torchvision's squeezenet1_1. The numbers repeat a short pattern,
so that 5 MB shrink to a few kilobytes; gzip adds no time of day, so the files are reproducible.
"""

import gzip
import hashlib
import io
from collections import OrderedDict
from pathlib import Path

import torch

HERE = Path(__file__).parent
FIRES = {3: (64, 16, 64), 4: (128, 16, 64), 6: (128, 32, 128), 7: (256, 32, 128)}
FIRES |= {9: (256, 48, 192), 10: (384, 48, 192), 11: (384, 64, 256), 12: (512, 64, 256)}


def state_dict() -> OrderedDict:
    state = OrderedDict()

    def add(name, out, inputs, size):
        for part, shape in (("weight", (out, inputs, size, size)), ("bias", (out,))):
            count = torch.Size(shape).numel()
            pattern = torch.arange(count, dtype=torch.float32).remainder(251) / 512 - 0.125
            state[f"{name}.{part}"] = pattern.reshape(shape)

    add("features.0", 64, 3, 3)
    for place, (inputs, squeeze, expand) in FIRES.items():
        add(f"features.{place}.squeeze", squeeze, inputs, 1)
        add(f"features.{place}.expand1x1", expand, squeeze, 1)
        add(f"features.{place}.expand3x3", expand, squeeze, 3)
    add("classifier.1", 1000, 512, 1)
    return state


def save(name: str, content: object, **options) -> None:
    buffer = io.BytesIO()
    torch.save(content, buffer, **options)
    digits = hashlib.sha256(buffer.getvalue()).hexdigest()[:8]
    path = HERE / f"{name}-{digits}.pth.gz"
    path.write_bytes(gzip.compress(buffer.getvalue(), mtime=0))
    print(f"{path.name}: {path.stat().st_size} bytes, torch {torch.__version__}")


save("squeezenet_zip", state_dict())
save("squeezenet_stream", state_dict(), _use_new_zipfile_serialization=False)
save("small_strided", OrderedDict(view=torch.arange(24.0).reshape(4, 6).t()[1:5:2]))
save("other_network", OrderedDict({"conv1.weight": torch.zeros(8, 3, 7, 7)}))
