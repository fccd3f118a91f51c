"""Make golden.safetensors for the tests of learn/, with scikit-learn 1.9.1 and NumPy.

    python tests/learn/make_golden.py

Deterministic trees (no bootstrap, all columns) are kept only if scikit-learn grows the same one from
twenty seeds, so that no tie between columns decides."""

import json
import os
import struct

import numpy as np
import sklearn
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

assert sklearn.__version__ == "1.9.1", sklearn.__version__
NAMES = {"f4": "F32", "f8": "F64", "i4": "I32"}
arrays = {}


def add(name, values, kind):
    arrays[name] = np.ascontiguousarray(values, dtype="<" + kind)


def write(path):
    header, blobs, at = {"__metadata__": {"scikit-learn": sklearn.__version__}}, [], 0
    for name, a in arrays.items():
        blob = a.tobytes()
        header[name] = {"dtype": NAMES[a.dtype.str[1:]], "shape": list(a.shape),
                        "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def make_sets(rng):
    """Three sets of 150 x 6: continuous; mostly zeros with negative values; small counts with many
    ties. Three classes, the last of the two-class set unused."""
    n, d = 150, 6
    y = rng.integers(0, 3, n) % (rng.integers(0, 2, n) + 2)
    means = rng.normal(size=(3, d))
    continuous = means[y] + 1.5 * rng.normal(size=(n, d))
    signed = np.where(rng.random((n, d)) < 0.6, 0, continuous)
    counts = rng.poisson(np.exp(0.6 * means[y])) * (rng.random((n, d)) < 0.7)
    return {"continuous": (continuous, y), "signed": (signed, y), "counts": (counts, y),
            "binary": (continuous, (y > 0).astype(int))}


LOGISTIC = {"default": {}, "strong": {"C": 0.05}, "origin": {"fit_intercept": False},
            "balanced": {"class_weight": "balanced"}}
SVM = {"default": {}, "strong": {"C": 0.05}, "origin": {"fit_intercept": False},
       "balanced": {"class_weight": "balanced"}, "scaled": {"intercept_scaling": 10},
       "dual": {"C": 0.05, "dual": True}, "hinge": {"C": 0.02, "loss": "hinge"}}
BAYES = {"default": (MultinomialNB, {}), "alpha": (MultinomialNB, {"alpha": 0.1}),
         "uniform": (MultinomialNB, {"fit_prior": False}), "complement": (ComplementNB, {}),
         "norm": (ComplementNB, {"norm": True, "alpha": 0.3})}
TREES = {"gini": {"max_depth": 3, "min_samples_leaf": 7},
         "entropy": {"criterion": "entropy", "max_depth": 3, "min_samples_leaf": 9},
         "balanced": {"class_weight": "balanced", "max_depth": 3, "min_samples_leaf": 8},
         "decrease": {"min_impurity_decrease": 0.02, "min_samples_split": 12},
         "best": {"max_leaf_nodes": 6, "min_samples_leaf": 5},
         "best_balanced": {"max_leaf_nodes": 9, "min_samples_leaf": 6, "class_weight": "balanced"},
         "pruned_little": {"ccp_alpha": 0.006, "max_depth": 5, "min_samples_leaf": 5},
         "pruned": {"ccp_alpha": 0.012, "max_depth": 6, "min_samples_leaf": 6},
         "pruned_most": {"ccp_alpha": 0.03, "max_depth": 6, "min_samples_leaf": 4},
         "pruned_balanced": {"ccp_alpha": 0.02, "class_weight": "balanced", "max_depth": 6,
                             "min_samples_leaf": 4},
         "pruned_best": {"ccp_alpha": 0.02, "criterion": "log_loss", "max_leaf_nodes": 12,
                         "min_samples_leaf": 5}}


FOREST = {"default": {}, "two": {"max_features": 2}, "balanced": {"class_weight": "balanced"},
          "subsample": {"class_weight": "balanced_subsample"},
          "small": {"max_samples": 0.4, "criterion": "entropy"},
          "best": {"max_leaf_nodes": 12, "max_features": 3}, "pruned": {"ccp_alpha": 0.01}}
EXTRA = {"default": {}, "all": {"max_features": None, "criterion": "entropy"},
         "leaf": {"max_features": 3, "min_samples_leaf": 4, "class_weight": "balanced"},
         "bootstrap": {"bootstrap": True, "max_features": 1},
         "best": {"max_leaf_nodes": 12, "max_features": 3}}
TWO_VALUES = {"gini": {"max_depth": 4, "min_samples_leaf": 5},
              "entropy": {"criterion": "entropy", "max_depth": 4, "min_samples_leaf": 5},
              "balanced": {"class_weight": "balanced", "max_depth": 4, "min_samples_leaf": 5},
              "best": {"max_leaf_nodes": 7, "min_samples_leaf": 5},
              "pruned": {"ccp_alpha": 0.01, "max_depth": 5, "min_samples_leaf": 5}}


def add_logistic(name, x, y):
    for case, options in LOGISTIC.items():
        model = LogisticRegression(tol=1e-10, max_iter=100000, **options).fit(x.astype(float), y)
        key = f"logistic.{name}.{case}."
        add(key + "coef", model.coef_, "f8")
        add(key + "intercept", np.broadcast_to(model.intercept_, len(model.coef_)), "f8")
        add(key + "p", model.predict_proba(x.astype(float)), "f8")


def add_svm(name, x, y):
    """Fitted to the end, where the solvers meet."""
    for case, options in SVM.items():
        model = LinearSVC(tol=1e-10, max_iter=10**6, random_state=0, **options).fit(x, y)
        key = f"svm.{name}.{case}."
        add(key + "coef", model.coef_, "f8")
        add(key + "intercept", np.broadcast_to(model.intercept_, len(model.coef_)), "f8")


def add_bayes(name, x, y):
    for case, (kind, options) in BAYES.items():
        add(f"bayes.{name}.{case}.p", kind(**options).fit(x, y).predict_proba(x), "f4")


GROUP = [0, 3, 4]


class Grouped(ClassifierMixin, BaseEstimator):
    """Sees row numbers instead of the columns GROUP: to permute the numbers is to permute these
    columns together."""

    def __init__(self, model=None, x=None):
        self.model, self.x = model, x

    def fit(self, x, y):
        self.classes_ = self.model.classes_
        return self

    def predict(self, rows):
        x = self.x.copy()
        x[:, GROUP] = self.x[rows[:, 0]][:, GROUP]
        return self.model.predict(x)


def add_permutation(name, x, y, n_fit=100, n_repeats=4000):
    """Accuracy, then means and deviations of the columns and of the group, on rows held out."""
    x = x.astype(float)
    model = LogisticRegression(tol=1e-10, max_iter=100000).fit(x[:n_fit], y[:n_fit])
    x, y = x[n_fit:], y[n_fit:]
    rows = np.arange(len(x))[:, None]
    single = permutation_importance(model, x, y, n_repeats=n_repeats, random_state=0)
    group = permutation_importance(Grouped(model, x).fit(None, y), rows, y, n_repeats=n_repeats,
                                   random_state=0)
    means = np.append(single.importances_mean, group.importances_mean)
    deviations = np.append(single.importances_std, group.importances_std)
    add(f"permutation.{name}", [[model.score(x, y)] + list(means), [0] + list(deviations)], "f8")


def in_preorder(tree):
    """Node numbers in our order; growing best-first, scikit-learn has another."""
    order, waiting = [], [0]
    while waiting:
        node = waiting.pop()
        order.append(node)
        if tree.children_left[node] >= 0:
            waiting += [tree.children_right[node], tree.children_left[node]]
    return np.array(order)


def features_of(tree):
    """Leaves have feature -1."""
    order = in_preorder(tree)
    return np.where(tree.children_left < 0, -1, tree.feature)[order]


def is_near_pruning_path(kind, options, x, y):
    """Would rounding decide whether a branch is pruned?"""
    grown = kind(random_state=0, **{**options, "ccp_alpha": 0.0}).fit(x, y)
    path = grown.cost_complexity_pruning_path(x, y).ccp_alphas
    return np.abs(path - options.get("ccp_alpha", -1)).min() < 1e-6


def add_trees(name, x, y, kind=DecisionTreeClassifier, cases=TREES):
    for case, options in cases.items():
        options = {"max_features": None, **options}
        grown = [kind(random_state=s, **options).fit(x, y) for s in range(20)]
        first = features_of(grown[0].tree_)
        if not all(np.array_equal(features_of(g.tree_), first) for g in grown):
            print(f"tree.{name}.{case}: columns tie, left out")
            continue
        if is_near_pruning_path(kind, options, x, y):
            print(f"tree.{name}.{case}: ccp_alpha is on the path, left out")
            continue
        threshold = grown[0].tree_.threshold[in_preorder(grown[0].tree_)]
        key = f"tree.{name}.{case}."
        add(key + "feature", first, "i4")
        add(key + "threshold", np.where(first < 0, 0, threshold), "f8")
        add(key + "importances", grown[0].feature_importances_, "f8")
        add(key + "p", grown[0].predict_proba(x), "f4")


def make_wide(rng):
    """200 rows of 2,000 columns, nearly all zero, few columns frequent: the shape of lyrics."""
    n, d, k = 200, 2000, 3
    y = rng.integers(0, k, n)
    share = np.arange(2, d + 2) ** -0.9 * np.exp(0.7 * rng.normal(size=(k, d)))
    x = np.array([rng.multinomial(30, share[c] / share[c].sum()) for c in y])
    return sparse.csr_matrix(x * np.exp(0.1 * rng.normal(size=x.shape))), y


def measure(tree):
    """Nodes, depth, and the importance of the first sixth of the columns. With class weights,
    rounding makes scikit-learn divide some nodes of one class further, which no prediction sees: they count as the leaves that they are."""
    shares = tree.value[:, 0]

    def walk(node):
        if tree.children_left[node] < 0 or (shares[node] > 0).sum() == 1:
            return 1, 0
        left, right = walk(tree.children_left[node]), walk(tree.children_right[node])
        return 1 + left[0] + right[0], 1 + max(left[1], right[1])

    importances = tree.compute_feature_importances()
    return *walk(0), importances[: len(importances) // 6].sum()


def add_forest(name, x, y, kind=RandomForestClassifier, prefix="forest", cases=FOREST):
    """Means over 1,000 trees, and the standard deviation of one tree, of what measure() gives."""
    for case, options in cases.items():
        trees = kind(1000, random_state=0, **options).fit(x, y).estimators_
        size = [measure(t.tree_) for t in trees]
        add(f"{prefix}.{name}.{case}", [np.mean(size, 0), np.std(size, 0)], "f8")


def add_scores(name, x, y):
    """Of forests of 30 trees on the first 100 rows, the mean and standard deviation over 40 seeds of
    the accuracy out of the bag and on the other rows; the same of extremely randomized trees."""
    for prefix, kind in ("forest", RandomForestClassifier), ("extra", ExtraTreesClassifier):
        scores = []
        for seed in range(40):
            model = kind(30, bootstrap=True, oob_score=True, random_state=seed).fit(x[:100], y[:100])
            scores.append([model.oob_score_, model.score(x[100:], y[100:])])
        add(f"scores.{prefix}.{name}", [np.mean(scores, 0), np.std(scores, 0)], "f8")


def make_two_values(x):
    """Columns of two values each, where every random cut is the same cut."""
    low, high = np.array([0, -2, 0, -2, 0, -1.0]), np.array([1.5, 0, 1, 0, 0.5, 3])
    return np.where(x > np.array([0, 0.5, -0.5, 0.2, 0.8, 0]), high, low)


def main():
    for name, (x, y) in make_sets(np.random.default_rng(7)).items():
        x = x.astype(np.float32)
        add(f"{name}.x", x, "f4")
        add(f"{name}.y", y, "i4")
        add_logistic(name, x, y)
        add_svm(name, x, y)
        add_bayes(name, np.abs(x), y)
        add_trees(name, x, y)
        add_forest(name, x, y)
        add_permutation(name, x, y)
        add_forest(name, x, y, ExtraTreesClassifier, "extra", EXTRA)
        add_scores(name, x, y)
        if name == "continuous":
            x = make_two_values(x).astype(np.float32)
            add("two.x", x, "f4")
            add("two.y", y, "i4")
            add_trees("two", x, y, ExtraTreeClassifier, TWO_VALUES)
    x, y = make_wide(np.random.default_rng(8))
    x = x.astype(np.float32)
    add("wide.indptr", x.indptr, "i4")
    add("wide.indices", x.indices, "i4")
    add("wide.values", x.data, "f4")
    add("wide.y", y, "i4")
    add_forest("wide", x, y)
    add_forest("wide", x, y, ExtraTreesClassifier, "extra", EXTRA)
    add_bayes("wide", x, y)
    write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden.safetensors"))


if __name__ == "__main__":
    main()
