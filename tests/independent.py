"""SqueezeNet and its saliency maps worked out by hand: NumPy, float64, no TensorFlow.

It starts from the original Caffe numbers and Caffe's own preprocessing, so it shares nothing with
the package: not the fold into conv1, not the framework, not the precision, not the derivative.
"""

import hashlib
import importlib.metadata
import pickle

import numpy as np

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
CAFFE_MEAN_BGR = np.array([103.939, 116.779, 123.68])
PICKLE_SHA256 = "f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1"


def original_weights():
    distribution = importlib.metadata.distribution("ndf")
    path = distribution.locate_file("ndf/example_models/weights/squeezenet_weights.pkl")
    with open(path, "rb") as stream:
        content = stream.read()
    assert hashlib.sha256(content).hexdigest() == PICKLE_SHA256
    return {
        name: (np.array(kernel, float), np.array(bias, float).ravel())
        for name, (kernel, bias) in pickle.loads(content, encoding="latin1").items()
    }


class Conv:
    def __init__(self, kernel, bias, stride=1, pad=0):
        self.kernel, self.bias, self.stride, self.pad = kernel, bias, stride, pad

    def _taps(self, shape):
        s, (kh, kw) = self.stride, self.kernel.shape[:2]
        h, w = (shape[0] - kh) // s + 1, (shape[1] - kw) // s + 1
        for i in range(kh):
            for j in range(kw):
                yield (slice(i, i + s * h, s), slice(j, j + s * w, s)), self.kernel[i, j]

    def forward(self, x):
        x = np.pad(x, ((self.pad,) * 2, (self.pad,) * 2, (0, 0)))
        self.shape = x.shape
        z = self.bias + sum(x[place] @ tap for place, tap in self._taps(x.shape))
        self.on = z > 0
        return z * self.on

    def backward(self, g):
        g = g * self.on
        dx = np.zeros(self.shape)
        for place, tap in self._taps(self.shape):
            dx[place] += g @ tap.T
        return dx[self.pad : self.shape[0] - self.pad, self.pad : self.shape[1] - self.pad]


class MaxPool:
    def forward(self, x):
        h, w = (x.shape[0] - 3) // 2 + 1, (x.shape[1] - 3) // 2 + 1
        self.shape = x.shape
        self.places = [
            (slice(i, i + 2 * h, 2), slice(j, j + 2 * w, 2)) for i in range(3) for j in range(3)
        ]
        windows = np.stack([x[place] for place in self.places])
        self.winner = windows.argmax(0)
        return windows.max(0)

    def backward(self, g):
        dx = np.zeros(self.shape)
        for k, place in enumerate(self.places):
            dx[place] += g * (self.winner == k)
        return dx


class Fire:
    def __init__(self, weights, name):
        self.squeeze = Conv(*weights[f"{name}/squeeze1x1"])
        self.left = Conv(*weights[f"{name}/expand1x1"])
        self.right = Conv(*weights[f"{name}/expand3x3"], pad=1)

    def forward(self, x):
        x = self.squeeze.forward(x)
        left, right = self.left.forward(x), self.right.forward(x)
        self.split = left.shape[2]
        return np.concatenate([left, right], axis=2)

    def backward(self, g):
        left = self.left.backward(g[..., : self.split])
        return self.squeeze.backward(left + self.right.backward(g[..., self.split :]))


def scores_and_gradients(X, y):
    """Scores (N, 1000) and the gradient of each image's class score, (N, H, W, 3), both float64."""
    weights = original_weights()
    scores, gradients = [], []
    for image, label in zip(np.asarray(X, float), y, strict=True):
        fires = {k: Fire(weights, f"fire{k}") for k in range(2, 10)}
        network = [
            Conv(*weights["conv1"], stride=2),
            MaxPool(),
            *(fires[2], fires[3], MaxPool()),
            *(fires[4], fires[5], MaxPool()),
            *(fires[6], fires[7], fires[8], fires[9]),
            Conv(*weights["conv10"]),
        ]
        x = ((image * STD + MEAN) * 255)[..., ::-1] - CAFFE_MEAN_BGR
        for layer in network:
            x = layer.forward(x)
        scores.append(x.mean(axis=(0, 1)))
        g = np.zeros_like(x)
        g[..., label] = 1 / (x.shape[0] * x.shape[1])
        for layer in reversed(network):
            g = layer.backward(g)
        gradients.append(g[..., ::-1] * 255 * STD)
    return np.array(scores), np.array(gradients)


def relative_l2(a, b):
    """‖a − b‖ / ‖b‖ of each image (or of each row)."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    axes = tuple(range(1, b.ndim))
    return np.sqrt(((a - b) ** 2).sum(axes) / (b**2).sum(axes))
