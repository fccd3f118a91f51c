#!/usr/bin/env python3
"""Compare headnod's random forest with scikit-learn's, tree for tree and row for row.

usage: forest_accuracy.py HEADNOD [--data ../shared/data] [--seeds 10] [--sets region,words]

Both programs grow as many trees with their defaults on the same rows and are scored on the same
other ones; every seed divides the set anew. It prints a Markdown table of means over the seeds, and
exits with 1 unless on each set
  - the mean difference of accuracy is within half a point and within three standard errors (of
    the seeds' differences, each of the same rows);
  - nodes and depth of a tree differ by less than 2 %.
Two equal programs miss the three standard errors on one set in seventy by chance (Student's t, ten
seeds). So a set that misses anything is measured again, with three times as many new seeds and a
row of its own, which decides. A set that --data lacks is left out, and said so.
Needs numpy, scipy and scikit-learn, none of which headnod itself needs.
"""
import argparse
import json
import os
import sys
import tempfile

import numpy as np
import scipy.sparse
import sklearn
from sklearn.ensemble import RandomForestClassifier

import forest_sets
from forest import THREADS, run_headnod, save_features

MOST_POINTS, MOST_ERRORS, MOST_SHAPE = 0.5, 3, 0.02

# What it is, rows to learn from, trees (more of them where chance is large), how to make it.
SETS = {
    "region": ("rap songs, TF-IDF", 2000, 400,
               lambda data: forest_sets.rapcast_tfidf(data, "region")),
    "era": ("rap songs, counts", 2000, 400, lambda data: forest_sets.rapcast(data, "era")),
    "genre": ("Spotify's audio features", 4000, 100, forest_sets.spotify_genres),
    "words": ("simulated lyrics", 4000, 100,
              lambda _: forest_sets.sparse_set(8000, 20000, 180, 4, 1)),
    "signed": ("simulated, classes 85:12:3", 2000, 100,
               lambda _: forest_sets.signed_set(10000, 400, [0.85, 0.12, 0.03], 2)),
    "blobs": ("simulated, 14 classes", 4000, 100,
              lambda _: forest_sets.dense_set(12000, 13, 14, 3)),
    "counts": ("simulated, many ties", 4000, 100,
               lambda _: forest_sets.counts_set(12000, 40, 5, 4)),
}


def read_tensors(path):
    """The arrays of a safetensors file."""
    kinds = {"I64": "<i8", "I32": "<i4", "F32": "<f4"}
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        body = file.read()
    header.pop("__metadata__", None)
    return {name: np.frombuffer(body[slice(*tensor["data_offsets"])], kinds[tensor["dtype"]])
            .reshape(tensor["shape"]) for name, tensor in header.items()}


def shape_of_ours(path):
    """Mean nodes and depth of the trees of a saved forest (learn/forest/forest_io.c)."""
    tensors = read_tensors(path)
    feature, right, start = (tensors[name] for name in ("feature", "next", "tree_start"))
    tree = np.arange(len(start) - 1)
    node = start[:-1]
    depths = np.zeros(len(tree))
    for depth in range(len(feature)):
        depths[tree] = depth
        is_inner = feature[node] >= 0
        tree, node = tree[is_inner], node[is_inner]
        if len(tree) == 0:
            break
        node = np.concatenate([node + 1, start[tree] + right[node]])
        tree = np.concatenate([tree, tree])
    return len(feature) / len(depths), depths.mean()


def measure_ours(program, train, test, trees, seed, folder):
    """Accuracy, mean nodes, mean depth."""
    train_x, test_x, labels, model, out = (
        os.path.join(folder, name) for name in ("train", "test", "y.npy", "model", "p.npy"))
    np.save(labels, train[1].astype(np.int32))
    train_x, test_x = save_features(train_x, train[0]), save_features(test_x, test[0])
    threads = ["--threads", str(THREADS)]
    run_headnod(program, ["fit", "forest", "--x", train_x, "--y", labels, "-o", model,
                          "--n_estimators", str(trees), "--seed", str(seed), *threads])
    run_headnod(program, ["apply", model, "--x", test_x, "-o", out, *threads])
    return (np.load(out).argmax(1) == test[1]).mean(), *shape_of_ours(model)


def measure_theirs(train, test, trees, seed):
    forest = RandomForestClassifier(trees, n_jobs=THREADS, random_state=seed).fit(*train)
    grown = [estimator.tree_ for estimator in forest.estimators_]
    return (forest.score(*test), np.mean([tree.node_count for tree in grown]),
            np.mean([tree.max_depth for tree in grown]))


def compare(program, x, y, n_train, trees, seeds, folder):
    """(len(seeds), 2, 3): for each seed our three measures and theirs."""
    results = []
    for seed in seeds:
        rows = np.random.default_rng(seed).permutation(len(y))
        train, test = ((x[part], y[part]) for part in (rows[:n_train], rows[n_train:]))
        results.append((measure_ours(program, train, test, trees, seed, folder),
                        measure_theirs(train, test, trees, seed)))
    return np.array(results)


def report(name, x, y, results):
    """Print the row of a set; what is wrong with it."""
    what, n_train, trees, _ = SETS[name]
    points = 100 * (results[:, 0, 0] - results[:, 1, 0])
    mean, error = points.mean(), points.std(ddof=1) / len(points) ** 0.5
    (ours, nodes, depth), (theirs, their_nodes, their_depth) = results.mean(0)
    node_ratio, depth_ratio = nodes / their_nodes, depth / their_depth
    form = "CSR" if scipy.sparse.issparse(x) else "dense"
    cells = (f"{name}: {what}", f"{form} {n_train:,} × {x.shape[1]:,}", f"{len(y) - n_train:,}",
             trees, len(points), f"{100 * ours:.2f}", f"{100 * theirs:.2f}",
             f"{mean:+.2f} ± {error:.2f}", f"{nodes:.1f}", f"{node_ratio:.3f}", f"{depth:.2f}",
             f"{depth_ratio:.3f}")
    print("|", *(f"{cell} |" for cell in cells), flush=True)
    faults = {
        f"{mean:+.2f} points, more than {MOST_POINTS}": abs(mean) > MOST_POINTS,
        f"{mean:+.2f} points, more than {MOST_ERRORS} standard errors":
            abs(mean) > MOST_ERRORS * error,
        f"nodes in the ratio {node_ratio:.3f}": abs(node_ratio - 1) > MOST_SHAPE,
        f"depths in the ratio {depth_ratio:.3f}": abs(depth_ratio - 1) > MOST_SHAPE,
    }
    return [f"{name}: {fault}" for fault, is_there in faults.items() if is_there]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("headnod")
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--sets", default=",".join(SETS), help="names separated by commas")
    options = parser.parse_args()
    names = options.sets.split(",")
    unknown = [name for name in names if name not in SETS]
    if unknown or options.seeds < 2:
        parser.error(f"set {unknown[0]!r} is none of {', '.join(SETS)}" if unknown
                     else "--seeds is at least 2")
    print(f"scikit-learn {sklearn.__version__}; accuracy in %, difference in points ± its standard "
          "error\n\n"
          "| set | learned from | scored on | trees | seeds | headnod | scikit-learn | difference "
          "| nodes a tree | ratio | depth | ratio |\n"
          "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            _, n_train, trees, make = SETS[name]
            try:
                x, y = make(options.data)
            except FileNotFoundError as missing:
                print(f"{name}: left out, {missing.filename} is not there", file=sys.stderr)
                continue
            first, new = range(options.seeds), range(options.seeds, 4 * options.seeds)
            for seeds in (first, new):
                results = compare(options.headnod, x, y, n_train, trees, seeds, folder)
                missed = report(name, x, y, results)
                if not missed:
                    break
            faults += missed
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
