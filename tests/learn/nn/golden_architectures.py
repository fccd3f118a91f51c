"""The architectures of learn/nn/arch, written from their papers with PyTorch's own modules: ResNet
after torchvision's resnet.py, VGG with batch norm, musicnn with headnod's simplifications (see
arch/musicnn.h). Their layers are listed in headnod's order."""
from torch import cat, nn

from golden import results

CLASSES, STEPS, TOLERANCE = 5, 5, 5e-4


def conv_norm(n_in, n_out, kernel, **options):
    return nn.Conv2d(n_in, n_out, kernel, bias=False, **options), nn.BatchNorm2d(n_out)


class BasicBlock(nn.Module):
    def __init__(self, n_in, n_out, stride):
        super().__init__()
        self.conv1, self.bn1 = conv_norm(n_in, n_out, 3, stride=stride, padding=1)
        self.conv2, self.bn2 = conv_norm(n_out, n_out, 3, padding=1)
        self.relu1, self.relu2 = nn.ReLU(), nn.ReLU()
        self.layers = [(self.conv1, self.bn1), (self.conv2, self.bn2)]
        self.downsample = None
        if stride != 1 or n_in != n_out:
            self.downsample = nn.Sequential(*conv_norm(n_in, n_out, 1, stride=stride))
            self.layers.insert(0, tuple(self.downsample))

    def forward(self, x):
        out = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        return self.relu2(out + (self.downsample(x) if self.downsample else x))


class ResNet(nn.Module):
    def __init__(self, blocks, width):
        super().__init__()
        self.conv1, self.bn1 = conv_norm(1, width, 7, stride=2, padding=3)
        self.relu, self.maxpool = nn.ReLU(), nn.MaxPool2d(3, stride=2, padding=1)
        self.stages, n_in = nn.Sequential(), width
        for stage, n_blocks in enumerate(blocks):
            for i in range(n_blocks):
                n_out = width * 2**stage
                self.stages.append(BasicBlock(n_in, n_out, 2 if stage > 0 and i == 0 else 1))
                n_in = n_out
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(n_in, CLASSES)
        self.layers = [(self.conv1, self.bn1)]
        self.layers += [layer for block in self.stages for layer in block.layers]
        self.layers.append((self.fc, None))

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        return self.fc(self.avgpool(self.stages(x)).flatten(1))


class VGG(nn.Module):
    """configuration: outputs in units of width, and "M", as in torchvision's vgg.py; shape: of the
    picture, because an axis of one pixel is not pooled."""

    def __init__(self, configuration, width, shape):
        super().__init__()
        self.features, self.layers = nn.Sequential(), []
        n_in, size = shape[0], list(shape[1:])
        for entry in configuration:
            if entry == "M":
                kernel = [2 if pixels > 1 else 1 for pixels in size]
                self.features.append(nn.MaxPool2d(tuple(kernel), tuple(kernel)))
                size = [pixels // k for pixels, k in zip(size, kernel)]
                continue
            self.layers.append(conv_norm(n_in, entry * width, 3, padding=1))
            self.features.extend([*self.layers[-1], nn.ReLU()])
            n_in = entry * width
        self.avgpool, self.classifier = nn.AdaptiveAvgPool2d(1), nn.Linear(n_in, CLASSES)
        self.layers.append((self.classifier, None))

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


class Musicnn(nn.Module):
    def __init__(self, height, window, width):
        super().__init__()
        kernels = [(int(share * height), 7) for share in (0.4, 0.7)]
        kernels += [(1, length) for length in (129, 65, 33)]
        channels = [3 * width] * 2 + [3 * width // 4] * 3
        self.layers, self.filters, self.middle = [], nn.ModuleList(), nn.ModuleList()
        for kernel, n in zip(kernels, channels):
            self.layers.append(conv_norm(1, n, kernel, padding=(0, kernel[1] // 2)))
            self.filters.append(nn.Sequential(*self.layers[-1], nn.ReLU(),
                                              nn.MaxPool2d((height - kernel[0] + 1, 1))))
        n_in = sum(channels)
        self.relus = nn.ModuleList(nn.ReLU() for _ in range(4))
        for i in range(3):
            self.layers.append(conv_norm(n_in if i == 0 else width, width, (1, 7), padding=(0, 3)))
            self.middle.append(nn.Sequential(*self.layers[-1]))
        self.max_pool, self.mean_pool = nn.MaxPool2d((1, window)), nn.AvgPool2d((1, window))
        self.dense1 = nn.Linear(2 * (n_in + 3 * width), 3 * width)
        self.dense2 = nn.Linear(3 * width, CLASSES)
        self.layers += [(self.dense1, None), (self.dense2, None)]

    def forward(self, x):
        front = cat([f(x) for f in self.filters], 1)
        a = self.relus[0](self.middle[0](front))
        b = self.relus[1](self.middle[1](a) + a)
        c = self.relus[2](self.middle[2](b) + b)
        found = cat([front, a, b, c], 1)
        pooled = cat([self.max_pool(found), self.mean_pool(found)], 1).flatten(1)
        return self.dense2(self.relus[3](self.dense1(pooled)))


VGG11 = [1, "M", 2, "M", 4, 4, "M", 8, 8, "M", 8, 8, "M"]
VGG16 = [1, 1, "M", 2, 2, "M", 4, 4, 4, "M", 8, 8, 8, "M", 8, 8, 8, "M"]


def tensors():
    """Widths that fill blocks of 16 channels, and some that do not; pictures with odd sides."""
    picture, small, bands = (1, 21, 35), (1, 16, 37), (1, 23, 20)
    cases = {
        "resnet18.5": (ResNet([2, 2, 2, 2], 5), picture),
        "resnet18.16": (ResNet([2, 2, 2, 2], 16), picture),
        "resnet34.4": (ResNet([3, 4, 6, 3], 4), picture),
        "vgg11.16": (VGG(VGG11, 16, small), small),
        "vgg16.5": (VGG(VGG16, 5, small), small),
        "musicnn.8": (Musicnn(23, 20, 8), bands),
        "musicnn.16": (Musicnn(23, 20, 16), bands),
    }
    found = {}
    for name, (model, shape) in cases.items():
        found |= results(name, model, shape, TOLERANCE, STEPS)
    return found
