"""Golden values of tests/eval, from scikit-learn 1.9.1, SciPy 1.17.1 and NumPy 2.4.6.

    python make_golden.py > golden.h

Results are computed in float64 from float32 inputs, unless a line says otherwise.
"""

import sys
import warnings

import numpy as np
import scipy.sparse
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

warnings.simplefilter("ignore")
out = sys.stdout


def array(name, values, kind="double"):
    values = np.asarray(values).ravel()
    if kind == "double":
        text = [repr(float(v)).replace("nan", "NAN") for v in values]
    elif kind == "float":
        text = ["NAN" if np.isnan(v) else f"{float(v):.9g}" for v in values]
        text = [t if t == "NAN" or "." in t or "e" in t else t + ".0" for t in text]
        text = [t if t == "NAN" else t + "f" for t in text]
    else:
        text = [str(int(v)) for v in values]
    lines, line = [], "   "
    for t in text:
        if len(line) + len(t) + 2 > 98:
            lines.append(line)
            line = "   "
        line += f" {t},"
    lines.append(line)
    out.write(f"static const {kind} {name}[{len(text)}] = {{\n" + "\n".join(lines) + "};\n")


def splits():
    rng = np.random.default_rng(1)
    n, n_artists = 240, 40
    region = rng.integers(0, 4, n_artists)
    artist = rng.choice(n_artists, n, p=rng.dirichlet(np.ones(n_artists) * 2))
    label = np.where(rng.random(n) < 0.9, region[artist], rng.integers(0, 4, n))
    label[rng.random(n) < 0.05] = -1
    known = np.flatnonzero(label >= 0)
    random, disjoint = np.full(n, -1), np.full(n, -1)
    for f, (_, test) in enumerate(StratifiedKFold(5).split(known, label[known])):
        random[known[test]] = f
    folds = StratifiedGroupKFold(5).split(known, label[known], artist[known])
    for f, (_, test) in enumerate(folds):
        disjoint[known[test]] = f
    array("split_labels", label, "int32_t")
    array("split_artists", artist, "int32_t")
    array("split_random", random, "int32_t")
    array("split_disjoint", disjoint, "int32_t")


def scores():
    rng = np.random.default_rng(2)
    n, k = 60, 5
    truth = rng.integers(0, 4, n)  # class 4 is never the truth
    p = rng.dirichlet(np.ones(k) * 0.6, n)
    p[np.arange(n), truth] += rng.random(n)
    p[:, 3] *= 0.05
    p[:5] = np.eye(k)[rng.integers(0, 3, 5)]  # certain, right or wrong
    p /= p.sum(1, keepdims=True)
    p[5:9] = [0.5, 0.5, 0, 0, 0]  # ties
    p = p.astype(np.float32)
    predicted = p.argmax(1)
    array("score_truth", truth, "int32_t")
    array("score_p", p, "float")
    labels = np.arange(k)
    array("score_confusion", metrics.confusion_matrix(truth, predicted, labels=labels), "int64_t")
    prf = metrics.precision_recall_fscore_support(truth, predicted, labels=labels)
    array("score_classes", np.array(prf[:3]).T)
    array("score_support", prf[3], "int64_t")
    p64 = p.astype(np.float64)
    top = p64.max(1)
    bins = np.clip(np.ceil(top * 10).astype(int) - 1, 0, 9)
    right = predicted == truth
    ece = sum(abs(right[bins == b].mean() - top[bins == b].mean()) * (bins == b).mean()
              for b in set(bins))
    array("score_values", [
        metrics.accuracy_score(truth, predicted),
        metrics.balanced_accuracy_score(truth, predicted),
        metrics.f1_score(truth, predicted, average="macro"),
        metrics.log_loss(truth, p, labels=labels),  # clips at float32's epsilon
        metrics.brier_score_loss(truth, p64, labels=labels, scale_by_half=False),
        ece,
    ])


def significance():
    pairs = [(0, 5), (3, 3), (4, 11), (10, 25), (120, 180), (1500, 1700), (1, 0)]
    array("mcnemar_pairs", pairs, "int64_t")
    array("mcnemar_p", [binomtest(a, a + b, 0.5).pvalue for a, b in pairs])

    rng = np.random.default_rng(3)
    n = 300
    artist = rng.integers(0, 25, n)
    skill = rng.normal(0, 0.15, 25)[artist]
    a = (rng.random(n) < 0.7 + skill).astype(int)
    b = (rng.random(n) < 0.6 + skill).astype(int)
    a[rng.random(n) < 0.03] = -1
    array("pair_artists", artist, "int32_t")
    array("pair_a", a, "int32_t")
    array("pair_b", b, "int32_t")

    def bootstrap(values, take):
        g = np.unique(artist[take], return_inverse=True)[1]
        s, c = np.bincount(g, values[take]), np.bincount(g)
        draws = rng.integers(0, len(c), (200000, len(c)))
        ratio = s[draws].sum(1) / c[draws].sum(1)
        low, high = np.percentile(ratio, [2.5, 97.5])
        tail = min((ratio <= 0).sum(), (ratio >= 0).sum())
        return [values[take].mean(), low, high, min(1, 2 * (1 + tail) / (1 + len(ratio)))]

    array("pair_accuracy", bootstrap(a.astype(float), a >= 0)[:3])
    array("pair_difference", bootstrap((a - b).astype(float), (a >= 0) & (b >= 0)))

    p = np.array([0.01, 0.04, 0.03, 0.005, 0.5, 0.03])
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    for i, at in enumerate(order):
        adjusted[at] = min(1, max((len(p) - j) * p[order[j]] for j in range(i + 1)))
    array("holm_p", p)
    array("holm_adjusted", adjusted)


def canonical(labels):
    first = {}
    return np.array([first.setdefault(v, len(first)) for v in labels]), list(first)


def clusters():
    rng = np.random.default_rng(4)
    dense = np.concatenate([rng.normal(m, 1, (40, 3)) for m in ([0, 0, 0], [3, 1, 0], [0, 4, 2])])
    dense = dense[rng.permutation(len(dense))].astype(np.float32)
    topic = np.repeat(np.eye(4), 5, axis=1) * 2.5 + 0.15
    sparse = rng.poisson(topic[rng.integers(0, 4, 80)]).astype(np.float32)
    csr = scipy.sparse.csr_matrix(sparse)
    for name, x, k in (("dense", dense, 3), ("sparse", csr, 4)):
        fit = KMeans(k, n_init=50, random_state=0).fit(x.astype(np.float64))
        labels, first = canonical(fit.labels_)
        array(f"{name}_labels", labels, "int32_t")
        array(f"{name}_inertia", [fit.inertia_])
        array(f"{name}_centers", fit.cluster_centers_[first])
    start = np.concatenate([dense[:3], [[90, 90, 90]]]).astype(np.float64)  # the last runs empty
    fit = KMeans(4, init=start, n_init=1, max_iter=3).fit(dense.astype(np.float64))
    labels, first = canonical(fit.labels_)
    array("lloyd_start", start)
    array("lloyd_labels", labels, "int32_t")
    array("lloyd_inertia", [fit.inertia_])
    array("lloyd_centers", fit.cluster_centers_[first])
    array("dense_x", dense, "float")
    array("sparse_x", sparse, "float")


def agreement():
    rng = np.random.default_rng(5)
    a = rng.integers(0, 4, 100)
    b = np.where(rng.random(100) < 0.6, a, rng.integers(0, 6, 100)) * 7
    cases = [(a, b), (a, a), (a, np.zeros(100)), (np.zeros(100), np.zeros(100)),
             (np.arange(100), np.arange(100)), (np.arange(100), np.zeros(100)),
             (a, rng.permutation(a)), (np.tile([0, 0, 1, 1], 25), np.tile([0, 1, 0, 1], 25))]
    array("agree_a", [x for x, _ in cases], "int32_t")
    array("agree_b", [y for _, y in cases], "int32_t")
    array("agree_values", [
        [metrics.adjusted_rand_score(x, y), metrics.normalized_mutual_info_score(x, y),
         *metrics.homogeneity_completeness_v_measure(x, y)] for x, y in cases])


out.write("/* Made by make_golden.py; do not edit. */\n")
out.write("#ifndef HN_TESTS_EVAL_GOLDEN_H\n#define HN_TESTS_EVAL_GOLDEN_H\n\n")
out.write("#include <math.h>\n#include <stdint.h>\n\n#pragma GCC diagnostic push\n")
out.write('#pragma GCC diagnostic ignored "-Wunused-const-variable"\n\n')
for part in (splits, scores, significance, clusters, agreement):
    part()
out.write("\n#pragma GCC diagnostic pop\n\n#endif\n")
