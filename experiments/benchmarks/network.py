#!/usr/bin/env python3
"""Time the network engine beside PyTorch: the network rows of the speed table.

    network.py [--program build/release/network_benchmark] [--rows NAME ...] [--repeat 3] [--steps 5]

    cmake --build build/release --target network_benchmark      builds the program

Random data, f32, batches of 16, two threads, AdamW; a training step is forward, backward and
update. Each row runs, one after the other and so often as --repeat says, so that all see the same
machine: PyTorch (channels-last) as it comes, PyTorch "tuned" (glibc keeps freed pages: its mmap and
trim thresholds raised; threads wait as ours do), and ours as the program runs it. The first step of
each run is left out; figures are medians over all steps, in samples a second; peak memory is the
process's, in MB.

Rows: `cnn` (16-32-64-128 on 128 x 646), `resnet34` (3 x 224 x 224), and `shapes`, a table of twelve
other cnn. Needs PyTorch (measured with 2.15); no part of the tests.
"""
import argparse
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BATCH, CLASSES, THREADS = 16, 10, 2
OURS = {"GOMP_SPINCOUNT": "2000"}  # as in cli/main.c
TUNED = {**OURS, "MALLOC_MMAP_THRESHOLD_": "4000000000", "MALLOC_TRIM_THRESHOLD_": "40000000000"}
ROWS = {"cnn": [("16,32,64,128", 1, 128, 646)],
        "resnet34": [("resnet34", 3, 224, 224)],
        "shapes": [("16,32,64,128", 1, 64, 96), ("16,32,64,128", 1, 80, 216),
                   ("16,32,64,128", 1, 96, 431), ("16,32,64,128", 1, 128, 1292),
                   ("8,16,32", 1, 64, 646), ("8,16,32", 1, 128, 216), ("24,48,96", 1, 80, 431),
                   ("24,48,96", 1, 96, 96), ("32,64,128,256", 1, 96, 216),
                   ("32,64,128,256", 1, 128, 431), ("16", 1, 128, 646), ("64", 1, 64, 216)]}


def cnn(channels, n_in):
    from torch import nn
    layers = []
    for n_out in channels:
        layers += [nn.Conv2d(n_in, n_out, 3, padding=1, bias=False), nn.BatchNorm2d(n_out),
                   nn.ReLU(), nn.MaxPool2d(2)]
        n_in = n_out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5),
                         nn.Linear(n_in, CLASSES))


def resnet(depth, n_in):
    from torch import nn

    def conv(a, b, size, stride):
        return [nn.Conv2d(a, b, size, stride, size // 2, bias=False), nn.BatchNorm2d(b)]

    class Block(nn.Module):
        def __init__(self, a, b, stride):
            super().__init__()
            self.way = nn.Sequential(*conv(a, b, 3, stride), nn.ReLU(inplace=True),
                                     *conv(b, b, 3, 1))
            self.beside = nn.Sequential(*conv(a, b, 1, stride)) if stride > 1 else nn.Identity()
            self.relu = nn.ReLU(inplace=True)

        def forward(self, x):
            return self.relu(self.way(x) + self.beside(x))

    layers = [*conv(n_in, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    for stage, n_blocks in enumerate({18: [2, 2, 2, 2], 34: [3, 4, 6, 3]}[depth]):
        for i in range(n_blocks):
            b = 64 << stage
            first = i == 0 and stage > 0
            layers.append(Block(b // 2 if first else b, b, 2 if first else 1))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, CLASSES))


def peer(row, n_steps):
    """In a process of its own: prints what network_benchmark prints."""
    import torch
    name, channels, height, width = row
    torch.set_num_threads(THREADS)
    torch.manual_seed(1)
    model = (resnet(int(name[6:]), channels) if name.startswith("resnet")
             else cnn([int(c) for c in name.split(",")], channels))
    model = model.to(memory_format=torch.channels_last)
    x = torch.rand(BATCH, channels, height, width).to(memory_format=torch.channels_last)
    y = torch.arange(BATCH) % CLASSES
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    def inference():
        with torch.inference_mode():
            model(x)

    lines = []
    for work in (step, inference):
        seconds = []
        for _ in range(n_steps):
            start = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - start)
        lines.append(seconds)
        if work is step:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            model.eval()
    for seconds in lines:
        print(" ".join(f"{s:.6f}" for s in seconds))
    print(peak)


def run(command, extra):
    """Samples a second of training and inference steps, and the peak memory."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(THREADS), **extra}
    text = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    training, inference, peak = text.stdout.splitlines()
    return ([BATCH / float(s) for s in training.split()[1:]],
            [BATCH / float(s) for s in inference.split()[1:]], int(peak) / 1e6)


def measure(row, options):
    ours = [str(options.program), *map(str, row), str(options.steps)]
    theirs = [sys.executable, __file__, "--peer", *map(str, row), "--steps", str(options.steps)]
    ways = {"plain": (theirs, {}), "tuned": (theirs, TUNED), "ours": (ours, OURS)}
    found = {way: ([], [], []) for way in ways}
    for _ in range(options.repeat):
        for way, (command, extra) in ways.items():
            training, inference, peak = run(command, extra)
            found[way][0].extend(training)
            found[way][1].extend(inference)
            found[way][2].append(peak)
    return {way: [statistics.median(values) for values in lists] for way, lists in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path,
                        default=ROOT / "build/release/network_benchmark")
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--peer", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        name, *shape = options.peer
        peer((name, *map(int, shape)), options.steps)
        return
    print(f"{platform.processor() or platform.machine()}, {THREADS} threads, batch {BATCH}, medians "
          f"of {options.repeat} x {options.steps - 1}; load {os.getloadavg()[0]:.1f}")
    print(f"{'network':16}{'input':>14} {'':10}{'plain':>8}{'tuned':>8}{'ours':>8}{'of tuned':>10}")
    for name in options.rows:
        for row in ROWS[name]:
            found = measure(row, options)
            shape = "x".join(map(str, row[1:]))
            for i, what in enumerate(("training", "inference", "peak MB")):
                plain, tuned, ours = (found[way][i] for way in ("plain", "tuned", "ours"))
                print(f"{row[0]:16}{shape:>14} {what:10}{plain:8.1f}{tuned:8.1f}{ours:8.1f}"
                      f"{ours / tuned:9.2f}x", flush=True)


if __name__ == "__main__":
    main()
