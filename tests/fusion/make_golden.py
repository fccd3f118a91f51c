"""Golden values of tests/fusion, from scikit-learn 1.9.1, SciPy 1.17.1 and NumPy 2.4.6.

    python make_golden.py > golden.h
"""

import sys

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

out = sys.stdout
rng = np.random.default_rng(11)
N, M, K = 90, 3, 4


def array(name, values, kind="double"):
    values = np.asarray(values).ravel()
    if kind == "int32_t":
        text = [str(int(v)) for v in values]
    elif kind == "float":
        text = ["NAN" if np.isnan(v) else f"{float(v):.9g}" for v in values]
        text = [t if t == "NAN" or "." in t or "e" in t else t + ".0" for t in text]
        text = [t if t == "NAN" else t + "f" for t in text]
    else:
        text = [repr(float(v)).replace("nan", "NAN") for v in values]
    lines, line = [], "   "
    for t in text:
        if len(line) + len(t) + 2 > 98:
            lines.append(line)
            line = "   "
        line += f" {t},"
    lines.append(line)
    out.write(f"static const {kind} {name}[{len(text)}] = {{\n" + "\n".join(lines) + "};\n")


out.write("/* Made by make_golden.py; do not edit. */\n")
out.write("#ifndef HN_TESTS_FUSION_GOLDEN_H\n#define HN_TESTS_FUSION_GOLDEN_H\n\n")
out.write("#include <math.h>\n#include <stdint.h>\n\n")


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def logs(p):
    return np.log(np.clip(p, 1e-3, 1))


def weights(p, y, present):
    """The simplex weights of least log loss, renormalised over the models present."""
    right = np.where(present, np.take_along_axis(p, y[None, :, None], 2)[:, :, 0], 0)

    def loss(z):
        w = softmax(np.append(z, 0.0))
        return -np.mean(np.log((w @ right) / (w @ present)))

    fit = minimize(loss, np.zeros(len(p) - 1), method="Nelder-Mead",
                   options={"xatol": 1e-10, "fatol": 1e-14, "maxiter": 20000})
    return softmax(np.append(fit.x, 0.0))


def shared(x, y, c):
    """Conditional logit with the penalty towards coefficient 1, bias 0; x is (N, J, K)."""
    j = x.shape[1]

    def loss(t):
        z = np.einsum("j,njk->nk", t[:j], x) + t[j:]
        nll = np.logaddexp.reduce(z, 1) - z[np.arange(len(y)), y]
        return nll.sum() + (((t[:j] - 1) ** 2).sum() + (t[j:] ** 2).sum()) / (2 * c)

    def gradient(t):
        z = np.einsum("j,njk->nk", t[:j], x) + t[j:]
        d = softmax(z) - np.eye(x.shape[2])[y]
        g = np.append(np.einsum("nk,njk->j", d, x), d.sum(0))
        return g + np.append(t[:j] - 1, t[j:]) / c

    start = np.append(np.ones(j), np.zeros(x.shape[2]))
    return minimize(loss, start, jac=gradient, method="BFGS", options={"gtol": 1e-9}).x


y = rng.integers(0, K, N)
noise = rng.normal(0, 1, (M, N, K))
noise[np.arange(M)[:, None], np.arange(N), y] += np.array([1.6, 0.9, 0.5])[:, None]
p = softmax(noise * np.array([0.8, 2.0, 1.0])[:, None, None])
p[0, :4] = np.eye(K)[[0, 1, 2, 3]]  # certain models: zeros
p[1, :4] = np.eye(K)[[1, 1, 0, 3]]
p = p.astype(np.float32).astype(np.float64)
present = rng.random((M, N)) > np.array([0.1, 0.15, 0.2])[:, None]
present[:, :4] = True
present[:, 4] = False  # a track that no model has
p[~present] = np.nan
array("golden_p", p, "float")
array("golden_truth", y, "int32_t")

some = present.any(0)
with np.errstate(invalid="ignore", divide="ignore"):
    array("golden_mean", np.nansum(p, 0) / present.sum(0)[:, None])
    product = np.nansum(np.log(np.maximum(p, 1e-12)), 0)
    product[~some] = np.nan
    array("golden_product", softmax(product))

w = weights(np.nan_to_num(p)[:, some], y[some], present[:, some])
array("golden_weights", w)
with np.errstate(invalid="ignore"):
    array("golden_weighted", np.einsum("m,mnk->nk", w, np.nan_to_num(p)) / (w @ present)[:, None])

stacked, free = np.full((N, K), np.nan), np.full((N, K), np.nan)
for subset in range(1, 1 << M):
    models = [m for m in range(M) if subset >> m & 1]
    here = np.flatnonzero((present == [[bool(subset >> m & 1)] for m in range(M)]).all(0))
    if len(models) == 1:
        stacked[here] = free[here] = p[models[0], here]
        continue
    fit = np.flatnonzero(present[models].all(0))
    t = shared(logs(p[models][:, fit]).transpose(1, 0, 2), y[fit], 1.0)
    z = np.einsum("j,jnk->nk", t[:len(models)], logs(p[models][:, here])) + t[len(models):]
    stacked[here] = softmax(z)
    side = np.hstack([p[m] for m in models])
    if len(here):
        lr = LogisticRegression(C=1.0).fit(side[fit], y[fit])
        free[here] = lr.predict_proba(side[here])
array("golden_shared", stacked)
array("golden_free", free)

# Two classes: classes 0 and 1 of the first two models, renormalised, on the tracks of these.
two = np.flatnonzero(present[:2].all(0) & (y < 2))
binary = p[:2, two][:, :, :2]
binary = binary[:, (binary.sum(2) > 0).all(0)]
two = two[(p[:2, two][:, :, :2].sum(2) > 0).all(0)]
binary = (binary / binary.sum(2, keepdims=True)).astype(np.float32).astype(np.float64)
lr = LogisticRegression(C=1.0).fit(binary[:, :, 1].T, y[two])
array("binary_p", binary, "float")
array("binary_truth", y[two], "int32_t")
array("binary_free", lr.predict_proba(binary[:, :, 1].T))
out.write("\n#endif\n")
