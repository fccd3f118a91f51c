"""Softmax and cross-entropy of learn/nn/loss.h. Labels, with their smoothing and class weights, go
into torch.nn.functional.cross_entropy as they are; samples mixed of two classes as probabilities.
For those PyTorch's mean is over samples, so that with class weights headnod's is its sum over the
weights of the classes by their shares."""
import numpy as np
import torch
from torch.nn.functional import cross_entropy, one_hot

SAMPLES, CLASSES = 7, 5


def tensors():
    rng = np.random.default_rng(11)
    logits = rng.normal(size=(SAMPLES, CLASSES)).astype(np.float32) * 3
    logits[1] += 80  # exp overflows in float32
    logits[2, 3] -= 200  # a probability of 0
    y = rng.integers(0, CLASSES, SAMPLES).astype(np.int32)
    other = rng.integers(0, CLASSES, SAMPLES).astype(np.int32)
    other[4] = y[4]
    share = rng.uniform(size=SAMPLES).astype(np.float32)
    share[0] = 1
    weights = np.array([0.5, 2, 1, 0, 3], dtype=np.float32)
    found = {"logits": logits, "y": y, "other": other, "share": share, "weights": weights}
    labels, mass = torch.from_numpy(y).long(), torch.from_numpy(share).double()[:, None]
    shares = mass * one_hot(labels, CLASSES)
    shares = shares + (1 - mass) * one_hot(torch.from_numpy(other).long(), CLASSES)

    z = torch.from_numpy(logits).double()
    found["softmax"] = z.softmax(1).numpy()
    found["sum"] = cross_entropy(z, labels, reduction="sum").numpy().reshape(1)
    found["mixed.sum"] = cross_entropy(z, shares, reduction="sum").numpy().reshape(1)
    for mixed in ("", "mixed."):
        for smoothing in (0, 0.2):
            for weighted in ("", "weighted."):
                z = torch.from_numpy(logits).double().requires_grad_()
                w = torch.from_numpy(weights).double() if weighted else None
                if mixed:
                    loss = cross_entropy(z, shares, weight=w, label_smoothing=smoothing,
                                         reduction="sum")
                    loss = loss / (shares if w is None else shares * w).sum()
                else:
                    loss = cross_entropy(z, labels, weight=w, label_smoothing=smoothing)
                loss.backward()
                key = f"{mixed}{weighted}{'smooth.' if smoothing else ''}"
                found[f"{key}objective"] = loss.detach().numpy().reshape(1)
                found[f"{key}gradient"] = z.grad.numpy()
    return found
