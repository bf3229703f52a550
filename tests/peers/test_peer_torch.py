"""The second network's scores and gradients are those of PyTorch, which reads the file itself."""

import numpy as np
import torch
from independent import relative_l2
from torch.nn import functional as F

from cs231n_vis import load_efficientnet_lite, sources, tf

STRIDES = {1: 2, 3: 2, 5: 2, 11: 2}  # of the blocks, counted from 0; the others have 1


def same(x, kernel, stride, groups):
    """A convolution padded as TensorFlow's "same": what is odd goes behind."""
    pads = []
    for size in reversed(x.shape[2:]):
        total = max((-(-size // stride) - 1) * stride + kernel.shape[-1] - size, 0)
        pads += [total // 2, total - total // 2]
    return F.conv2d(F.pad(x, pads), kernel, stride=stride, groups=groups)


def scores(x, weights):
    """Images (N, 3, H, W), RGB minus 127 over 128, to scores (N, 1000)."""

    def normalised(x, name):
        mean, var, scale, bias = (
            weights[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return F.batch_norm(x, mean, var, scale, bias, eps=1e-3)

    x = F.relu6(normalised(same(x, weights["_conv_stem.weight"], 2, 1), "_bn0"))
    for number in range(16):
        block, start = f"_blocks.{number}.", x
        if f"{block}_expand_conv.weight" in weights:
            x = F.conv2d(x, weights[f"{block}_expand_conv.weight"])
            x = F.relu6(normalised(x, f"{block}_bn0"))
        stride = STRIDES.get(number, 1)
        x = same(x, weights[f"{block}_depthwise_conv.weight"], stride, x.shape[1])
        x = F.relu6(normalised(x, f"{block}_bn1"))
        x = normalised(F.conv2d(x, weights[f"{block}_project_conv.weight"]), f"{block}_bn2")
        x = x + start if x.shape == start.shape else x
    x = F.relu6(normalised(F.conv2d(x, weights["_conv_head.weight"]), "_bn1"))
    return F.linear(x.mean((2, 3)), weights["_fc.weight"], weights["_fc.bias"])


def test_scores_and_gradients_are_those_that_pytorch_computes(images):
    X, y = images[0][:4], images[1][:4]
    (path,) = sources.locate("efficientnet-lite0")
    weights = torch.load(path, weights_only=True)
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    x = torch.tensor(X.transpose(0, 3, 1, 2).copy(), requires_grad=True)
    moved = (
        255 * (x * torch.tensor(std)[:, None, None] + torch.tensor(mean)[:, None, None])
    ).float()
    expected = scores((moved - 127) / 128, weights)
    expected[range(4), y].sum().backward()

    network, image = load_efficientnet_lite(), tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        found = network(image)
        chosen = tf.reduce_sum(tf.gather(found, y, axis=1, batch_dims=1))
    assert relative_l2(found.numpy(), expected.detach().numpy()).max() < 1e-5
    gradient = tape.gradient(chosen, image).numpy()
    # where a ReLU is at its kink, another order of sums may come out on its other side
    assert relative_l2(gradient, x.grad.numpy().transpose(0, 2, 3, 1)).max() < 5e-3
