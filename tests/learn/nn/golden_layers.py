"""Every layer of learn/nn by itself, in the combinations of test_layers_golden.c."""
import torch
from torch import nn

from golden import results

TOLERANCE = 5e-5


class Layers(nn.Module):
    """Of modules one after the other; those with parameters in headnod's order are `layers`. The
    first, where `blocks` is given, turns the picture's channels into so many by a 1×1 convolution:
    a layer behind it takes its input in blocks."""

    def __init__(self, n_in, blocks, *modules):
        super().__init__()
        before = [nn.Conv2d(n_in, blocks, 1)] if blocks else []
        self.all = nn.Sequential(*before, *modules)
        self.layers = []
        for module in self.all:
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                self.layers.append((module, None))
            elif isinstance(module, nn.BatchNorm2d):
                self.layers[-1] = (self.layers[-1][0], module)

    def forward(self, x):
        return self.all(x)


def conv(shape, n_out, kernel, stride=1, padding=0, *, blocks=0, groups=1, norm=False, relu=False,
         pool=1):
    modules = [nn.Conv2d(blocks or shape[0], n_out, kernel, stride, padding, groups=groups,
                         bias=not norm)]
    modules += [nn.BatchNorm2d(n_out)] if norm else []
    modules += [nn.ReLU()] if relu else []
    modules += [nn.MaxPool2d(pool, pool)] if pool != 1 else []
    return Layers(shape[0], blocks, *modules), shape


def plain(shape, *modules, blocks=0):
    return Layers(shape[0], blocks, *modules), shape


class Residual(nn.Module):
    """The sum of a convolution and of its own input, or of another convolution's output."""

    def __init__(self, n_in, channels, norm, relu):
        super().__init__()
        self.before = nn.Conv2d(n_in, channels, 1)
        self.beside = nn.Conv2d(channels, channels, 1)
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=not norm)
        self.norm = nn.BatchNorm2d(channels) if norm else None
        self.relu = nn.ReLU() if relu else nn.Identity()
        self.layers = [(self.before, None), (self.beside, None), (self.conv, self.norm)]

    def forward(self, x):
        x = self.before(x)
        y = self.conv(x)
        return self.relu((self.norm(y) if self.norm else y) + self.beside(x))


class Concat(nn.Module):
    """Two convolutions of one input, the first output once more behind the second."""

    def __init__(self, n_in, n_first, n_second):
        super().__init__()
        self.first, self.second = nn.Conv2d(n_in, n_first, 1), nn.Conv2d(n_first, n_second, 1)
        self.last = nn.Conv2d(n_first + n_second, 3, 3, padding=1)
        self.layers = [(self.first, None), (self.second, None), (self.last, None)]

    def forward(self, x):
        x = self.first(x)
        return self.last(torch.cat([self.second(x), x], 1))


def average(kernel, stride, padding):
    return nn.AvgPool2d(kernel, stride, padding, count_include_pad=False)


def cases():
    planes, wide, large, one = (3, 8, 9), (2, 3, 203), (2, 29, 34), (3, 1, 1)
    mean = [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return {
        "conv.1x1": conv(planes, 5, 1),
        "conv.1x1 stride 2": conv(planes, 5, 1, 2),
        "conv.3x3": conv(planes, 5, 3, 1, 1),
        "conv.3x3 unpadded": conv(planes, 17, 3),
        "conv.7x7 stride 2": conv((1, 13, 15), 18, 7, 2, 3),
        "conv.5x3": conv(planes, 4, (5, 3), (2, 1), (2, 1)),
        "conv.2x4 wide padding": conv(planes, 4, (2, 4), (1, 2), (3, 2)),
        "conv.2x1 gaps": conv(planes, 4, (2, 1), (3, 2)),
        "conv.wide": conv(wide, 4, 3, 1, 1),
        "conv.groups": conv((4, 5, 6), 6, 3, 1, 1, groups=2),
        "conv.one pixel": conv(one, 4, 5, 1, 2),
        "blocks.1x1": conv(planes, 33, 1, blocks=18),
        "blocks.1x1 stride 2": conv(planes, 20, 1, 2, blocks=18),
        "blocks.3x3": conv(planes, 18, 3, 1, 1, blocks=20),
        "blocks.3x3 large": conv(large, 16, 3, 1, 1, blocks=16),
        "blocks.3x3 of one column": conv((2, 9, 1), 5, 3, 1, 1, blocks=17),
        "blocks.3x3 stride 2": conv(planes, 18, 3, 2, 1, blocks=20),
        "blocks.3x3 unpadded": conv(planes, 18, 3, blocks=20),
        "blocks.4x4 stride 2": conv(planes, 5, 4, 2, 1, blocks=17),
        "blocks.2x2 stride 2": conv(planes, 5, 2, 2, blocks=17),
        "blocks.1x9": conv(planes, 5, (1, 9), 1, (0, 4), blocks=17),
        "blocks.5x1 wide padding": conv(planes, 5, (5, 1), (2, 3), (4, 0), blocks=17),
        "blocks.wide": conv(wide, 4, (3, 2), (1, 2), 1, blocks=17),
        "blocks.groups": conv(planes, 10, 3, 1, 1, blocks=20, groups=5),
        "blocks.depthwise": conv(planes, 36, 3, 2, 1, blocks=18, groups=18),
        "blocks.one pixel": conv(one, 18, 3, 1, 1, blocks=17),
        "norm.planes": conv(planes, 5, 3, 1, 1, norm=True),
        "norm.blocks": conv(planes, 18, 3, 1, 1, blocks=17, norm=True),
        "norm.one pixel": conv(one, 18, 1, blocks=17, norm=True),
        "relu.planes": conv(planes, 5, 3, 1, 1, relu=True),
        "relu.blocks": conv(planes, 18, 3, 1, 1, blocks=17, norm=True, relu=True),
        "pool.bias": conv((3, 7, 9), 18, 3, 1, 1, pool=2),
        "pool.bias relu": conv((3, 7, 9), 18, 3, 1, 1, blocks=17, relu=True, pool=2),
        "pool.norm": conv((1, 7, 9), 3, 3, 1, 1, norm=True, pool=2),
        "pool.norm relu": conv((3, 7, 9), 18, 3, 1, 1, blocks=17, norm=True, relu=True, pool=2),
        "pool.rows": conv(planes, 5, 5, 1, 2, norm=True, relu=True, pool=(2, 1)),
        "pool.columns": conv(wide, 5, 3, 1, 1, blocks=17, norm=True, relu=True, pool=(1, 2)),
        "max.2x2": plain(planes, nn.MaxPool2d(2, 2)),
        "max.3x3 stride 2": plain((3, 9, 8), nn.MaxPool2d(3, 2, 1)),
        "max.3x2": plain((3, 7, 6), nn.MaxPool2d((3, 2), (1, 3), (1, 1)), blocks=17),
        "max.whole": plain(planes, nn.MaxPool2d((8, 9), (8, 9)), blocks=17),
        "max.gaps": plain(planes, nn.MaxPool2d((1, 2), 3), blocks=17),
        "max.one pixel": plain(one, nn.MaxPool2d(3, 1, 1)),
        "average.2x2": plain(planes, average(2, 2, 0)),
        "average.3x3 stride 2": plain((3, 9, 8), average(3, 2, 1), blocks=17),
        "average.4x2": plain((3, 7, 6), average((4, 2), (1, 3), (2, 1))),
        "average.whole": plain(planes, average((8, 9), (8, 9), 0), blocks=17),
        "average.one pixel": plain(one, average(3, 1, 1)),
        "global.planes": plain(planes, *mean),
        "global.blocks": plain(planes, *mean, blocks=18),
        "dense.linear": plain(planes, *mean, nn.Linear(18, 5), blocks=18),
        "dense.relu": plain(planes, *mean, nn.Linear(18, 7), nn.ReLU(), nn.Linear(7, 3), blocks=18),
        "residual.bias": (Residual(3, 17, False, False), planes),
        "residual.norm relu": (Residual(3, 17, True, True), planes),
        "concat.unaligned": (Concat(3, 18, 5), planes),
        "concat.aligned": (Concat(3, 16, 32), planes),
    }


def dropout():
    """Which values PyTorch drops is its own; what it makes of the others is to be the same."""
    torch.manual_seed(3)
    x, dy = torch.randn(4, 60, requires_grad=True), torch.randn(4, 60)
    y = nn.functional.dropout(x, 0.25)
    y.backward(dy)
    return {"dropout.x": x.detach(), "dropout.dy": dy, "dropout.y": y.detach(),
            "dropout.dx": x.grad}


def tensors():
    found = {key: value.numpy() for key, value in dropout().items()}
    for name, (model, shape) in cases().items():
        found |= results(name, model, shape, TOLERANCE)
    return found
