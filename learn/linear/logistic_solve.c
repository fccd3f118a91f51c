#include "learn/linear/logistic_solve.h"

#include "base/memory.h"
#include "learn/columns.h"

#include <float.h>
#include <lbfgs.h>
#include <math.h>
#include <string.h>

typedef struct {
  const hn_logistic_problem *problem;
  size_t n_rows, n_cols, n_entries;
  hn_columns columns; /* of a sparse x */
  double weight_sum;
  double *residuals; /* (N, M) weighted p - truth */
  double *losses;    /* (N) */
  double last_loss;
  int n_iterations;
} solver;

static void row_scores(const solver *s, const double *w, size_t i, double *z) {
  size_t m = s->problem->n_outputs;
  const hn_features *x = s->problem->x;
  const double *intercept = w + s->n_cols * m;
  for (size_t k = 0; k < m; k++) z[k] = s->problem->fit_intercept ? intercept[k] : 0;
  if (x->kind == HN_FEATURES_DENSE) {
    const float *row = x->as.dense.values + i * s->n_cols;
    for (size_t j = 0; j < s->n_cols; j++)
      for (size_t k = 0; k < m; k++) z[k] += row[j] * w[j * m + k];
  } else {
    const hn_csr *csr = &x->as.csr;
    for (int64_t e = csr->indptr[i]; e < csr->indptr[i + 1]; e++) {
      const double *wj = w + (size_t)csr->indices[e] * m;
      for (size_t k = 0; k < m; k++) z[k] += csr->values[e] * wj[k];
    }
  }
}

/* Cross-entropy of row i; its scores z turn into weighted residuals. */
static double row_loss(const solver *s, size_t i, double *z) {
  const hn_logistic_problem *p = s->problem;
  size_t m = p->n_outputs;
  double weight = p->class_weights[p->y[i]];
  double top = p->has_reference ? 0 : -INFINITY;
  for (size_t k = 0; k < m; k++)
    if (z[k] > top) top = z[k];
  double sum = p->has_reference ? exp(-top) : 0;
  int32_t target = p->targets[i];
  double truth = target < 0 ? 0 : z[target];
  for (size_t k = 0; k < m; k++) sum += z[k] = exp(z[k] - top);
  for (size_t k = 0; k < m; k++) z[k] = weight * (z[k] / sum - ((int32_t)k == target));
  return weight * (log(sum) + top - truth);
}

/* Columns j of [from, to) of x^T residuals; every sum runs over ascending rows. */
static void gradient_block(const solver *s, size_t from, size_t to, double *g) {
  size_t m = s->problem->n_outputs;
  memset(g + from * m, 0, (to - from) * m * sizeof *g);
  if (s->problem->x->kind == HN_FEATURES_DENSE) {
    for (size_t i = 0; i < s->n_rows; i++) {
      const float *row = s->problem->x->as.dense.values + i * s->n_cols;
      const double *r = s->residuals + i * m;
      for (size_t j = from; j < to; j++)
        for (size_t k = 0; k < m; k++) g[j * m + k] += row[j] * r[k];
    }
  } else {
    for (size_t j = from; j < to; j++)
      for (size_t e = s->columns.start[j]; e < s->columns.start[j + 1]; e++) {
        const double *r = s->residuals + s->columns.rows[e] * m;
        for (size_t k = 0; k < m; k++) g[j * m + k] += s->columns.values[e] * r[k];
      }
  }
}

static lbfgsfloatval_t evaluate(void *instance, const lbfgsfloatval_t *w, lbfgsfloatval_t *g,
                                const int n_params, const lbfgsfloatval_t step) {
  (void)n_params;
  (void)step;
  enum { BLOCK = 32, WORTH_THREADS = 20000 }; /* columns; multiplications a pass */
  solver *s = instance;
  size_t m = s->problem->n_outputs, n_cols = s->n_cols;
#pragma omp parallel if (s->n_entries * m > WORTH_THREADS)
  {
#pragma omp for schedule(static)
    for (size_t i = 0; i < s->n_rows; i++) {
      row_scores(s, w, i, s->residuals + i * m);
      s->losses[i] = row_loss(s, i, s->residuals + i * m);
    }
#pragma omp for schedule(dynamic)
    for (size_t from = 0; from < n_cols; from += BLOCK)
      gradient_block(s, from, from + BLOCK < n_cols ? from + BLOCK : n_cols, g);
  }
  double loss = 0, norm = 0, penalty = s->problem->penalty;
  double *intercept = g + n_cols * m;
  memset(intercept, 0, m * sizeof *intercept);
  for (size_t i = 0; i < s->n_rows; i++) {
    loss += s->losses[i];
    for (size_t k = 0; s->problem->fit_intercept && k < m; k++)
      intercept[k] += s->residuals[i * m + k];
  }
  for (size_t k = 0; k < m; k++) intercept[k] /= s->weight_sum;
  for (size_t k = 0; k < n_cols * m; k++) {
    norm += w[k] * w[k];
    g[k] = (g[k] + penalty * w[k]) / s->weight_sum;
  }
  return (loss + 0.5 * penalty * norm) / s->weight_sum;
}

/* SciPy's stopping rules; liblbfgs knows others, which are switched off. */
static int is_done(void *instance, const lbfgsfloatval_t *w, const lbfgsfloatval_t *g,
                   const lbfgsfloatval_t loss, const lbfgsfloatval_t w_norm,
                   const lbfgsfloatval_t g_norm, const lbfgsfloatval_t step, int n_params,
                   int iteration, int n_evaluations) {
  (void)w;
  (void)w_norm;
  (void)g_norm;
  (void)step;
  (void)n_evaluations;
  solver *s = instance;
  double largest = 0;
  for (int k = 0; k < n_params; k++) largest = fmax(largest, fabs(g[k]));
  double scale = fmax(fmax(fabs(s->last_loss), fabs(loss)), 1);
  int is_flat = s->last_loss - loss <= 64 * DBL_EPSILON * scale;
  s->last_loss = loss;
  s->n_iterations = iteration;
  hn_progress_advance(s->problem->progress, 1);
  return largest <= s->problem->tol || is_flat;
}

static hn_status run_lbfgs(solver *s, double *w, size_t n_params, hn_error *err) {
  lbfgs_parameter_t parameters;
  lbfgs_parameter_init(&parameters);
  parameters.m = 10;
  parameters.epsilon = 0;
  parameters.max_iterations = s->problem->max_iter;
  parameters.max_linesearch = 50;
  double loss = NAN;
  int code = lbfgs((int)n_params, w, &loss, evaluate, is_done, s, &parameters);
  if (code == LBFGSERR_OUTOFMEMORY) return hn_fail_memory(err);
  for (size_t k = 0; k < n_params; k++)
    if (!isfinite(w[k])) loss = NAN;
  /* Where no step lowers the loss any more after some did, rounding has the last word: that is the
   * minimum. */
  int has_failed = code < 0 && code != LBFGSERR_MAXIMUMITERATION && s->n_iterations == 0;
  if (has_failed || !isfinite(loss))
    return hn_fail(err, HN_NUMERIC,
                   "logistic regression found no step that lowers its loss (liblbfgs %d, loss %g); "
                   "standardise the columns or lower C",
                   code, loss);
  hn_progress_advance(s->problem->progress, (size_t)(s->problem->max_iter - s->n_iterations));
  return HN_OK;
}

hn_status hn_logistic_solve(const hn_logistic_problem *problem, double **w_out, hn_error *err) {
  hn_status status = HN_OK;
  double *w = NULL;
  solver s = {.problem = problem,
              .n_rows = hn_features_n_rows(problem->x),
              .n_cols = hn_features_n_cols(problem->x),
              .last_loss = NAN};
  s.n_entries = problem->x->kind == HN_FEATURES_CSR ? hn_csr_n_entries(&problem->x->as.csr)
                                                    : s.n_rows * s.n_cols;
  size_t n_params = (s.n_cols + 1) * problem->n_outputs;
  if (n_params > INT32_MAX - 16)
    HN_TRY(hn_fail(err, HN_UNSUPPORTED, "%zu columns times %zu classes are too many coefficients",
                   s.n_cols, problem->n_outputs));
  /* liblbfgs works on whole blocks of aligned numbers and may pass the end. */
  w = hn_alloc_aligned(n_params + 16, sizeof *w);
  if (!w) HN_TRY(hn_fail_memory(err));
  HN_NEW(s.losses, s.n_rows, err);
  HN_NEW(s.residuals, s.n_rows * problem->n_outputs, err);
  if (problem->x->kind == HN_FEATURES_CSR)
    HN_TRY(hn_columns_init(&s.columns, &problem->x->as.csr, err));
  for (size_t i = 0; i < s.n_rows; i++) s.weight_sum += problem->class_weights[problem->y[i]];
  HN_TRY(run_lbfgs(&s, w, n_params, err));
  *w_out = w;
  w = NULL;
done:
  hn_free(w);
  hn_free(s.losses);
  hn_free(s.residuals);
  hn_columns_free(&s.columns);
  return status;
}
