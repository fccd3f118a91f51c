#include "experiments/shortcuts.h"

#include "base/memory.h"

#include <math.h>

/* Counts by class and value. */
typedef struct {
  size_t n_classes, n_values, n;
  size_t *cells; /* (n_values, n_classes) */
  size_t *by_class, *by_value;
} crosstab;

static hn_status count(const int32_t *classes, const int32_t *values, size_t n, crosstab *t,
                       hn_error *err) {
  hn_status status = HN_OK;
  HN_NEW(t->cells, t->n_classes * t->n_values, err);
  HN_NEW(t->by_class, t->n_classes, err);
  HN_NEW(t->by_value, t->n_values, err);
  for (size_t i = 0; i < n; i++) {
    if (classes[i] < 0 || values[i] < 0) continue;
    t->cells[(size_t)values[i] * t->n_classes + (size_t)classes[i]]++;
    t->by_class[classes[i]]++;
    t->by_value[values[i]]++;
    t->n++;
  }
done:
  return status;
}

static size_t largest(const size_t *counts, size_t n) {
  size_t best = 0;
  for (size_t i = 1; i < n; i++)
    if (counts[i] > counts[best]) best = i;
  return best;
}

/* The class guessed for an item of class `own` from the others in its row of the table. */
static size_t guess(const crosstab *t, const size_t *row, size_t own) {
  size_t best = largest(t->by_class, t->n_classes);
  for (size_t k = 0; k < t->n_classes; k++)
    if (row[k] - (k == own) > row[best] - (best == own)) best = k;
  return best;
}

static double guess_all(const crosstab *t) {
  size_t n_right = 0;
  for (size_t v = 0; v < t->n_values; v++) {
    const size_t *row = t->cells + v * t->n_classes;
    for (size_t k = 0; k < t->n_classes; k++)
      if (row[k] > 0 && guess(t, row, k) == k) n_right += row[k];
  }
  return (double)n_right / (double)t->n;
}

static size_t n_used(const size_t *counts, size_t n) {
  size_t used = 0;
  for (size_t i = 0; i < n; i++) used += counts[i] > 0;
  return used;
}

static double chi_squared(const crosstab *t) {
  double sum = 0;
  for (size_t v = 0; v < t->n_values; v++)
    for (size_t k = 0; k < t->n_classes; k++) {
      double expected = (double)t->by_value[v] * (double)t->by_class[k] / (double)t->n;
      double excess = (double)t->cells[v * t->n_classes + k] - expected;
      if (expected > 0) sum += excess * excess / expected;
    }
  return sum;
}

/* Bergsma's correction takes the mean of phi-squared under independence off it, and shrinks the
 * numbers of rows and columns accordingly. */
static double corrected_v(double chi2, double n, double rows, double columns) {
  double phi2 = chi2 / n - (rows - 1) * (columns - 1) / (n - 1);
  double r = rows - (rows - 1) * (rows - 1) / (n - 1);
  double c = columns - (columns - 1) * (columns - 1) / (n - 1);
  double least = fmin(r, c) - 1;
  return phi2 > 0 && least > 0 ? fmin(1, sqrt(phi2 / least)) : 0;
}

hn_status hn_shortcut_measure(const int32_t *classes, size_t n_classes, const int32_t *values,
                              size_t n_values, size_t n, hn_shortcut *shortcut_out, hn_error *err) {
  hn_status status = HN_OK;
  crosstab t = {.n_classes = n_classes, .n_values = n_values};
  hn_shortcut s = {0};
  HN_TRY(count(classes, values, n, &t, err));
  if (t.n > 0) {
    size_t rows = n_used(t.by_value, n_values), columns = n_used(t.by_class, n_classes);
    double freedom = (double)(rows - 1) * (double)(columns - 1), chi2 = chi_squared(&t);
    s.n = t.n;
    s.majority = (double)t.by_class[largest(t.by_class, n_classes)] / (double)t.n;
    s.accuracy = fmax(guess_all(&t), s.majority);
    if (freedom > 0) s.cramers_v = corrected_v(chi2, (double)t.n, (double)rows, (double)columns);
    double gain = s.accuracy - s.majority;
    double error = sqrt(s.majority * (1 - s.majority) / (double)t.n);
    s.is_shortcut =
        freedom > 0 && ((gain >= 0.05 && gain >= 2 * error) ||
                        (s.cramers_v >= 0.3 && chi2 >= freedom + 2 * sqrt(2 * freedom)));
  }
  *shortcut_out = s;
done:
  hn_free(t.cells);
  hn_free(t.by_class);
  hn_free(t.by_value);
  return status;
}
