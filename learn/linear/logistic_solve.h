/* The optimisation inside logistic regression: loss, gradient and L-BFGS. */
#ifndef HN_LEARN_LOGISTIC_SOLVE_H
#define HN_LEARN_LOGISTIC_SOLVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/matrix.h"
#include "base/progress.h"

/* N rows, D columns, M outputs (free scores). Minimise over w (D + 1, M), the last row being the
 * intercepts, the mean weighted cross-entropy of the softmax over the M scores (and over one more
 * that stays 0, when has_reference) + penalty / (2 * sum of weights) * |w without intercepts|^2. */
typedef struct {
  const hn_features *x;        /* dense or sparse */
  const int32_t *y;            /* (N) class, for class_weights */
  const int32_t *targets;      /* (N) output of the row's class, -1: the reference */
  const double *class_weights; /* (K) */
  size_t n_outputs;
  int has_reference, fit_intercept, max_iter;
  double penalty, tol;
  hn_progress *progress; /* advanced by max_iter in all */
} hn_logistic_problem;

/* w_out: caller frees. Starts from zeros; liblbfgs with SciPy's stopping rules (largest gradient
 * component below tol, or a decrease of the loss within 64 rounding errors), 10 corrections.
 * Errors: HN_NO_MEMORY; HN_NUMERIC when the loss leaves the finite numbers or no step lowers it. */
hn_status hn_logistic_solve(const hn_logistic_problem *problem, double **w_out, hn_error *err);

#endif
