#include "vision/columns.h"

#include <float.h>
#include <math.h>

enum { TILE = 16 }; /* columns at a time: a cache line of each row */

static void add_row(const float *row, size_t n, double p, double sums[TILE]) {
  for (size_t t = 0; t < n; t++) {
    double magnitude = fabs((double)row[t]);
    if (isinf(p))
      sums[t] = fmax(sums[t], magnitude);
    else
      sums[t] += p == 1 ? magnitude : p == 2 ? magnitude * magnitude : pow(magnitude, p);
  }
}

void hn_columns_normalize(hn_matrix *m, double p) {
  if (p == 0) return;
  for (size_t from = 0; from < m->n_cols; from += TILE) {
    size_t n = m->n_cols - from < TILE ? m->n_cols - from : TILE;
    double norms[TILE] = {0};
    for (size_t i = 0; i < m->n_rows; i++) add_row(m->values + i * m->n_cols + from, n, p, norms);
    for (size_t t = 0; t < n; t++) {
      if (!isinf(p)) norms[t] = pow(norms[t], 1 / p);
      if (norms[t] < (double)FLT_MIN) norms[t] = 1;
    }
    for (size_t i = 0; i < m->n_rows; i++) {
      float *row = m->values + i * m->n_cols + from;
      for (size_t t = 0; t < n; t++) row[t] = (float)((double)row[t] / norms[t]);
    }
  }
}

void hn_rows_summarize(const hn_matrix *m, float *statistics_out) {
  double n = m->n_cols ? (double)m->n_cols : 1;
  for (size_t h = 0; h < m->n_rows; h++) {
    const float *row = m->values + h * m->n_cols;
    double sum = 0, squares = 0;
    for (size_t t = 0; t < m->n_cols; t++) sum += (double)row[t];
    for (size_t t = 0; t < m->n_cols; t++) {
      double d = (double)row[t] - sum / n;
      squares += d * d;
    }
    statistics_out[h] = (float)(sum / n);
    statistics_out[m->n_rows + h] = (float)sqrt(squares / n);
  }
}
