"""Golden values of the network engine, from PyTorch in float64 (made with torch 2.15.0, numpy 2).

    python make_golden.py        writes all .safetensors of this folder

A small `cnn` (channels 4 and 8, dropout 0) is trained three times for ten steps: with AdamW; with
SGD, momentum, weighted classes and clipped gradients; with SGD and Nesterov's momentum. Weight decay
is on the weights of convolutions and the dense layer only. The file holds the first and the last
parameters under headnod's names, the batches, the loss of each step, the gradients of the first step
(AdamW) and the logits in evaluation mode at the end. One scale of batch norm is negative, one zero.

A network of every other layer (a strided 5 × 3 convolution, overlapping maximum pooling, a residual
block with a strided way beside it, a convolution of two groups with a bias, average pooling) gives
one forward and backward pass, with the gradient of its input.

golden_layers.py has every layer by itself, golden_architectures.py whole architectures,
golden_loss.py the loss.
"""
import copy

import numpy as np
import torch
from torch import nn

import golden_architectures
import golden_layers
import golden_loss
from golden import write

STEPS, BATCH, HEIGHT, WIDTH, CLASSES = 10, 6, 13, 21, 3
torch.manual_seed(7)
torch.set_default_dtype(torch.float64)


def block(n_in, n_out):
    return [nn.Conv2d(n_in, n_out, 3, padding=1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU(),
            nn.MaxPool2d(2)]


model = nn.Sequential(*block(1, 4), *block(4, 8), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                      nn.Linear(8, CLASSES))
layers = {"conv1": model[0], "norm1": model[1], "conv2": model[4], "norm2": model[5],
          "dense1": model[10]}
with torch.no_grad():
    model[1].weight[1] = -0.8
    model[1].bias[1] = 0.3
    model[5].weight[2] = 0.0
    model[5].bias[2] = 0.5
    for parameter in model.parameters():  # exactly what float32 will hold
        parameter.copy_(parameter.float().double())


def parameters(prefix):
    found = {}
    for name, layer in layers.items():
        for key, value in layer.state_dict().items():
            if key != "num_batches_tracked":
                found[f"{prefix}{name}.{key}"] = value.detach().numpy().copy()
    return found


rng = np.random.default_rng(7)
x = rng.normal(size=(STEPS, BATCH, HEIGHT, WIDTH)).astype(np.float32)
y = rng.integers(0, CLASSES, size=(STEPS, BATCH)).astype(np.int32)
x += y[:, :, None, None] * np.sin(np.arange(WIDTH)).astype(np.float32)

tensors = parameters("")
first = copy.deepcopy(model.state_dict())


def train(prefix, make_optimizer, class_weights=None, max_norm=None):
    model.load_state_dict(first)
    model.train()
    weights = [model[0].weight, model[4].weight, model[10].weight]
    others = [p for p in model.parameters() if all(p is not w for w in weights)]
    optimizer = make_optimizer([{"params": weights, "weight_decay": 0.05},
                                {"params": others, "weight_decay": 0.0}])
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        logits = model(torch.from_numpy(x[step]).double()[:, None])
        loss = nn.functional.cross_entropy(logits, torch.from_numpy(y[step]).long(),
                                           weight=class_weights, label_smoothing=0.1)
        loss.backward()
        if step == 0 and prefix == "":
            for name, layer in layers.items():
                for key, value in layer.named_parameters():
                    tensors[f"gradient.{name}.{key}"] = value.grad.numpy().copy()
        if max_norm:
            norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            print(prefix, "norm", norm.item(), "clipped to", max_norm)
        optimizer.step()
        losses.append(loss.item())
    print(prefix, "losses", losses)
    tensors.update(parameters(prefix + "last."))
    model.eval()
    with torch.no_grad():
        tensors[prefix + "logits"] = model(torch.from_numpy(x[0]).double()[:, None]).numpy()
    tensors[prefix + "losses"] = np.array(losses)


train("", lambda groups: torch.optim.AdamW(groups, lr=2e-3))
train("sgd.", lambda groups: torch.optim.SGD(groups, lr=2e-2, momentum=0.9),
      class_weights=torch.tensor([0.5, 2.0, 1.0]), max_norm=0.5)
train("nesterov.", lambda groups: torch.optim.SGD(groups, lr=1e-2, momentum=0.8, nesterov=True))
tensors.update({"x": x, "y": y})
write("cnn_golden.safetensors", tensors)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 18, (5, 3), stride=(2, 1), padding=(2, 1), bias=False)
        self.norm1 = nn.BatchNorm2d(18)
        self.conv2 = nn.Conv2d(18, 20, 1, stride=2, bias=False)
        self.norm2 = nn.BatchNorm2d(20)
        self.conv3 = nn.Conv2d(18, 20, 3, stride=2, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(20)
        self.conv4 = nn.Conv2d(20, 20, 3, padding=1, bias=False)
        self.norm4 = nn.BatchNorm2d(20)
        self.conv5 = nn.Conv2d(20, 6, 3, padding=1, groups=2)
        self.max_pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.average_pool = nn.AvgPool2d((3, 2), stride=(2, 1), padding=(1, 0),
                                         count_include_pad=False)

    def forward(self, x):
        x = self.max_pool(torch.relu(self.norm1(self.conv1(x))))
        beside = self.norm2(self.conv2(x))
        x = torch.relu(self.norm3(self.conv3(x)))
        x = torch.relu(self.norm4(self.conv4(x)) + beside)
        return self.average_pool(torch.relu(self.conv5(x)))


model = Block()
with torch.no_grad():
    for name, parameter in model.named_parameters():
        if name.startswith("norm"):
            parameter.copy_(torch.randn_like(parameter))
        parameter.copy_(parameter.float().double())
x = torch.from_numpy(rng.normal(size=(3, 2, 21, 19)).astype(np.float32)).double()
x.requires_grad_()
y = model(x)
weights = torch.from_numpy(rng.normal(size=tuple(y.shape)).astype(np.float32)).double()
(y * weights).sum().backward()
tensors = {"x": x, "y": y, "weights": weights, "gradient.x": x.grad}
tensors.update({name: value for name, value in model.state_dict().items()
                if "running" not in name and "tracked" not in name})
tensors.update({f"gradient.{name}": value.grad for name, value in model.named_parameters()})
for i in range(1, 5):  # as they are before the first step
    n = getattr(model, f"norm{i}").num_features
    tensors[f"norm{i}.running_mean"], tensors[f"norm{i}.running_var"] = torch.zeros(n), torch.ones(n)
write("block_golden.safetensors", {key: value.detach().numpy() for key, value in tensors.items()})

write("loss_golden.safetensors", golden_loss.tensors())
write("layers_golden.safetensors", golden_layers.tensors())
write("architectures_golden.safetensors", golden_architectures.tensors())
