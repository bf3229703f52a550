"""SqueezeNet 1.1 in PyTorch, with this package's weights, for libraries that explain PyTorch."""

import numpy as np
import torch
from torch import nn

from cs231n_vis.weights import read_weights


class Convolution(nn.Sequential):
    """A convolution and a ReLU of its own: captum hooks each ReLU, so none may be used twice."""

    def __init__(self, kernel, bias, **options):
        height, width, inputs, outputs = kernel.shape
        convolution = nn.Conv2d(inputs, outputs, (height, width), **options)
        with torch.no_grad():
            convolution.weight.copy_(torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy()))
            convolution.bias.copy_(torch.from_numpy(bias.copy()))
        super().__init__(convolution, nn.ReLU())


class Fire(nn.Module):
    """Squeeze to few channels, then expand with 1x1 and 3x3 filters side by side."""

    def __init__(self, weights, name):
        super().__init__()
        self.squeeze = Convolution(*weights[f"{name}_squeeze1x1"])
        self.left = Convolution(*weights[f"{name}_expand1x1"])
        self.right = Convolution(*weights[f"{name}_expand3x3"], padding=1)

    def forward(self, x):
        x = self.squeeze(x)
        return torch.cat([self.left(x), self.right(x)], dim=1)


class TorchSqueezeNet(nn.Module):
    """Images (N, 3, H, W) to scores (N, 1000)."""

    def __init__(self):
        super().__init__()
        weights = read_weights()
        fires = {k: Fire(weights, f"fire{k}") for k in range(2, 10)}
        self.features = nn.Sequential(
            Convolution(*weights["conv1"], stride=2),
            *(nn.MaxPool2d(3, 2), fires[2], fires[3]),
            *(nn.MaxPool2d(3, 2), fires[4], fires[5]),
            *(nn.MaxPool2d(3, 2), fires[6], fires[7], fires[8], fires[9]),
        )
        self.conv10 = Convolution(*weights["conv10"])
        self.eval()

    def forward(self, x):
        return self.conv10(self.features(x)).mean(dim=(2, 3))


def to_torch(X):
    """(N, H, W, C) to (N, C, H, W)"""
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(X, 3, 1)))


def to_numpy(tensor):
    """(N, C, H, W) to (N, H, W, C)"""
    return np.moveaxis(tensor.detach().numpy(), 1, 3)
