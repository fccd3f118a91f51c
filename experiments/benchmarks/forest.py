#!/usr/bin/env python3
"""Time headnod's random forest beside scikit-learn's, in one run on the same seeded data.

usage: forest.py HEADNOD [--repeats 5] [--quick] [--curve]

Both are timed inside either process, headnod's by its own lines on stderr: fitting without reading
the data, predicting without reading data and model or writing the probabilities. The two programs
take turns; the medians and their ratio are printed, with the accuracy of the last forests on 1,000
held-out rows, which two points of chance can part: forest_accuracy.py compares that.
--curve times headnod's fitting alone, by the number of trees and by the number of samples.
Needs numpy, scipy and scikit-learn, none of which headnod itself needs.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import scipy.sparse
import sklearn
from sklearn.ensemble import RandomForestClassifier

from forest_sets import dense_set, sparse_set

THREADS = 2


def run_headnod(program, arguments):
    """The seconds that it says the work took."""
    done = subprocess.run([program, *arguments], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"headnod {' '.join(arguments)}: {done.stderr}")
    return float(re.search(r"(?:trees|rows) in ([0-9.]+) s", done.stderr).group(1))


def save_features(stem, x):
    """Write a matrix beside others; its path."""
    path = stem + (".npz" if scipy.sparse.issparse(x) else ".npy")
    scipy.sparse.save_npz(path, x) if scipy.sparse.issparse(x) else np.save(path, x)
    return path


def fit_forest(program, x, y, model, trees, seed):
    return run_headnod(
        program, ["fit", "forest", "--x", x, "--y", y, "-o", model, "--n_estimators", str(trees),
                  "--threads", str(THREADS), "--seed", str(seed)])


def compare(program, name, x, y, trees, repeats, folder):
    cut = len(y) - 1000
    train, test = (save_features(os.path.join(folder, name), part)
                   for name, part in (("train", x[:cut]), ("test", x[cut:])))
    np.save(os.path.join(folder, "y.npy"), y[:cut].astype(np.int32))
    model, out = os.path.join(folder, "model"), os.path.join(folder, "p.npy")
    times = {"ours": [], "theirs": [], "ours p": [], "theirs p": []}
    for repeat in range(repeats):
        forest = RandomForestClassifier(trees, n_jobs=THREADS, random_state=repeat)
        began = time.perf_counter()
        forest.fit(x[:cut], y[:cut])
        times["theirs"].append(time.perf_counter() - began)
        began = time.perf_counter()
        theirs = forest.predict_proba(x[cut:])
        times["theirs p"].append(time.perf_counter() - began)

        times["ours"].append(
            fit_forest(program, train, os.path.join(folder, "y.npy"), model, trees, repeat))
        times["ours p"].append(run_headnod(
            program, ["apply", model, "--x", test, "-o", out, "--threads", str(THREADS)]
        ))
    ours = np.load(out)
    median = {key: statistics.median(value) for key, value in times.items()}
    accuracy = [float((p.argmax(1) == y[cut:]).mean()) for p in (ours, theirs)]
    print(f"{name}\n"
          f"  fit      {median['ours']:8.2f} s  scikit-learn {median['theirs']:8.2f} s  "
          f"ratio {median['theirs'] / median['ours']:5.1f}\n"
          f"  predict  {median['ours p']:8.3f} s  scikit-learn {median['theirs p']:8.3f} s  "
          f"ratio {median['theirs p'] / median['ours p']:5.1f}\n"
          f"  accuracy {accuracy[0]:8.3f}    scikit-learn {accuracy[1]:8.3f}", flush=True)


def curve(program, repeats, folder):
    """Near-linear: the milliseconds a tree stay, and those a tree and 1,000 samples grow slowly."""
    x, labels = sparse_set(16000, 20000, 180, 4, 1)
    y, model = os.path.join(folder, "y.npy"), os.path.join(folder, "model")
    print("samples   trees   fit s   ms a tree   ms a tree and 1,000 samples")
    for samples, trees in [(4000, n) for n in (50, 100, 200, 400, 800)] + [
            (n, 100) for n in (1000, 2000, 4000, 8000, 16000)]:
        train = save_features(os.path.join(folder, "train"), x[:samples])
        np.save(y, labels[:samples].astype(np.int32))
        seconds = statistics.median(
            fit_forest(program, train, y, model, trees, seed) for seed in range(repeats))
        per_tree = 1000 * seconds / trees
        print(f"{samples:7d}  {trees:6d}  {seconds:6.2f}  {per_tree:10.2f}  "
              f"{1000 * per_tree / samples:10.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("headnod")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a tenth of the trees, once")
    parser.add_argument("--curve", action="store_true", help="headnod alone, by size")
    options = parser.parse_args()
    share = 10 if options.quick else 1
    repeats = 1 if options.quick else options.repeats
    print(f"scikit-learn {sklearn.__version__}, {THREADS} threads, median of {repeats}")
    with tempfile.TemporaryDirectory() as folder:
        if options.curve:
            return curve(options.headnod, repeats, folder)
        for name, x, y, trees in (
            ("CSR 4,000 x 20,000, 4 classes, 500 trees",
             *sparse_set(5000, 20000, 180, 4, 1), 500),
            ("CSR 28,000 x 50,000, 4 classes, 100 trees",
             *sparse_set(29000, 50000, 180, 4, 2), 100),
            ("dense 100,000 x 13, 14 classes, 100 trees", *dense_set(101000, 13, 14, 3), 100),
        ):
            compare(options.headnod, name, x, y, trees // share, repeats, folder)


if __name__ == "__main__":
    main()
