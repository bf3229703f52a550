"""SqueezeNet 1.1 in PyTorch with this package's weights, for comparison with PyTorch's libraries."""

from collections import OrderedDict

import torch
from torch import nn

from cs231n_vis.weights import read_weights


class Fire(nn.Module):
    """A fire module. Each ReLU is a module of its own, because captum hooks into them."""

    def __init__(self, channels: int, squeeze: int, expand: int):
        super().__init__()
        self.squeeze1x1 = nn.Conv2d(channels, squeeze, 1)
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)
        self.relus = nn.ModuleList(nn.ReLU() for _ in range(3))

    def forward(self, x):
        x = self.relus[0](self.squeeze1x1(x))
        left, right = self.relus[1](self.expand1x1(x)), self.relus[2](self.expand3x3(x))
        return torch.cat([left, right], 1)


def torch_squeezenet(dtype: torch.dtype = torch.float32) -> nn.Sequential:
    """Images (N, 3, H, W) to scores (N, 1000), in evaluation mode; layers are named as in Keras."""
    network = nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(3, 64, 3, stride=2),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(3, 2),
            fire2=Fire(64, 16, 64),
            fire3=Fire(128, 16, 64),
            pool3=nn.MaxPool2d(3, 2),
            fire4=Fire(128, 32, 128),
            fire5=Fire(256, 32, 128),
            pool5=nn.MaxPool2d(3, 2),
            fire6=Fire(256, 48, 192),
            fire7=Fire(384, 48, 192),
            fire8=Fire(384, 64, 256),
            fire9=Fire(512, 64, 256),
            conv10=nn.Conv2d(512, 1000, 1),
            relu10=nn.ReLU(),
            mean=nn.AdaptiveAvgPool2d(1),
            flat=nn.Flatten(),
        )
    )
    state = {}
    for name, (kernel, bias) in read_weights().items():
        name = name.replace("_", ".")
        state[f"{name}.weight"] = torch.tensor(kernel.transpose(3, 2, 0, 1).copy())
        state[f"{name}.bias"] = torch.tensor(bias)
    network.load_state_dict(state)
    return network.to(dtype).eval()
