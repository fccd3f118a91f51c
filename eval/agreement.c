#include "eval/agreement.h"

#include "base/memory.h"
#include "eval/compact.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

typedef struct {
  int32_t a, b;
} pair;

static int compare_pairs(const void *x, const void *y) {
  const pair *p = x, *q = y;
  if (p->a != q->a) return p->a < q->a ? -1 : 1;
  return (p->b > q->b) - (p->b < q->b);
}

/* The contingency table without its zeros: cell c has n_ij tracks. */
typedef struct {
  size_t n, n_cells, n_a, n_b;
  pair *cells;
  size_t *counts;
  size_t *sums_a, *sums_b;
} contingency;

static void free_contingency(contingency *t) {
  hn_free(t->cells);
  hn_free(t->counts);
  hn_free(t->sums_a);
  hn_free(t->sums_b);
}

/* a and b are compacted in place. */
static hn_status tabulate(int32_t *a, int32_t *b, size_t n, contingency *t, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(hn_compact(a, n, a, &t->n_a, err));
  HN_TRY(hn_compact(b, n, b, &t->n_b, err));
  HN_NEW(t->cells, n, err);
  HN_NEW(t->counts, n, err);
  HN_NEW(t->sums_a, t->n_a, err);
  HN_NEW(t->sums_b, t->n_b, err);
  t->n = n;
  for (size_t i = 0; i < n; i++) {
    t->cells[i] = (pair){a[i], b[i]};
    t->sums_a[a[i]]++;
    t->sums_b[b[i]]++;
  }
  qsort(t->cells, n, sizeof *t->cells, compare_pairs);
  for (size_t i = 0; i < n; i++) {
    if (i == 0 || compare_pairs(&t->cells[i], &t->cells[t->n_cells - 1]) != 0)
      t->cells[t->n_cells++] = t->cells[i];
    t->counts[t->n_cells - 1]++;
  }
done:
  return status;
}

static double sum_of_squares(const size_t *counts, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)counts[i] * (double)counts[i];
  return sum;
}

/* Ordered pairs of tracks: together in both, in one, in none. */
static double adjusted_rand_index(const contingency *t) {
  double n = (double)t->n, both = sum_of_squares(t->counts, t->n_cells);
  double in_a = sum_of_squares(t->sums_a, t->n_a), in_b = sum_of_squares(t->sums_b, t->n_b);
  double tp = both - n, fn = in_a - both, fp = in_b - both, tn = n * n - in_a - in_b + both;
  if (fn == 0 && fp == 0) return 1;
  return 2 * (tp * tn - fn * fp) / ((tp + fn) * (fn + tn) + (tp + fp) * (fp + tn));
}

static double entropy(const size_t *counts, size_t n_counts, double n) {
  double sum = 0;
  if (n_counts == 1) return 0;
  for (size_t i = 0; i < n_counts; i++) sum -= (double)counts[i] / n * log((double)counts[i] / n);
  return sum;
}

/* Terms below the rounding error count as none, so that independent labellings give 0. */
static double mutual_information(const contingency *t) {
  double n = (double)t->n, sum = 0;
  if (t->n_a == 1 || t->n_b == 1) return 0;
  for (size_t c = 0; c < t->n_cells; c++) {
    double in_a = (double)t->sums_a[t->cells[c].a], in_b = (double)t->sums_b[t->cells[c].b];
    double term = (double)t->counts[c] / n * log((double)t->counts[c] * n / (in_a * in_b));
    if (fabs(term) >= DBL_EPSILON) sum += term;
  }
  return fmax(0, sum);
}

hn_status hn_agreement_score(const int32_t *a, const int32_t *b, size_t n,
                             hn_agreement *agreement_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_agreement s = {0, 0, NAN, NAN, NAN, NAN, NAN};
  contingency t = {0};
  int32_t *kept_a = NULL, *kept_b = NULL;

  HN_NEW(kept_a, n, err);
  HN_NEW(kept_b, n, err);
  for (size_t i = 0; i < n; i++) {
    if (a[i] < 0 || b[i] < 0) continue;
    kept_a[s.n_scored] = a[i];
    kept_b[s.n_scored++] = b[i];
  }
  s.n_excluded = n - s.n_scored;
  if (s.n_scored > 0) {
    HN_TRY(tabulate(kept_a, kept_b, s.n_scored, &t, err));
    double information = mutual_information(&t);
    double h_a = entropy(t.sums_a, t.n_a, (double)t.n), h_b = entropy(t.sums_b, t.n_b, (double)t.n);
    s.ari = adjusted_rand_index(&t);
    s.nmi = h_a + h_b > 0 ? 2 * information / (h_a + h_b) : 1;
    s.homogeneity = h_a > 0 ? information / h_a : 1;
    s.completeness = h_b > 0 ? information / h_b : 1;
    double both = s.homogeneity + s.completeness;
    s.v_measure = both > 0 ? 2 * s.homogeneity * s.completeness / both : 0;
  }
  *agreement_out = s;
done:
  free_contingency(&t);
  hn_free(kept_a);
  hn_free(kept_b);
  return status;
}
