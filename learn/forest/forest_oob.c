#include "learn/forest/forest_model.h"

#include "base/memory.h"

#include <math.h>

static size_t most_probable(const float *p, size_t n_classes) {
  size_t best = 0;
  for (size_t k = 1; k < n_classes; k++)
    if (p[k] > p[best]) best = k;
  return best;
}

/* Accuracy over the rows that at least one tree left out; NaN when there is none. */
static double accuracy(const float *p, const int32_t *y, size_t n_rows, size_t n_classes) {
  size_t n_asked = 0, n_right = 0;
  for (size_t i = 0; i < n_rows; i++) {
    const float *row = p + i * n_classes;
    size_t best = most_probable(row, n_classes);
    if (!(row[best] > 0)) continue;
    n_asked++;
    n_right += best == (size_t)y[i];
  }
  return n_asked ? (double)n_right / (double)n_asked : NAN;
}

hn_status hn_forest_score_oob(hn_forest *forest, const hn_features *x, const int32_t *y,
                              const hn_forest_bags *bags, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_rows = hn_features_n_rows(x);
  float *p = NULL;
  HN_NEW(p, n_rows * forest->n_classes, err);
  HN_TRY(hn_forest_predict_oob(forest, x, bags, p, err));
  forest->n_oob_rows = n_rows;
  forest->oob_score = accuracy(p, y, n_rows, forest->n_classes);
  forest->oob_proba = p;
  p = NULL;
done:
  hn_free(p);
  return status;
}

double hn_forest_oob_score(const void *model) {
  return ((const hn_forest *)model)->oob_score;
}
