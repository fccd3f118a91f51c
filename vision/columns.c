#include "vision/columns.h"

#include <float.h>
#include <math.h>

static double column_norm(const float *column, size_t n_rows, size_t stride, double p) {
  double sum = 0;
  for (size_t i = 0; i < n_rows; i++) {
    double magnitude = fabs((double)column[i * stride]);
    if (isinf(p))
      sum = fmax(sum, magnitude);
    else
      sum += p == 1 ? magnitude : p == 2 ? magnitude * magnitude : pow(magnitude, p);
  }
  return isinf(p) ? sum : pow(sum, 1 / p);
}

void hn_columns_normalize(hn_matrix *m, double p) {
  if (p == 0) return;
  for (size_t t = 0; t < m->n_cols; t++) {
    double norm = column_norm(m->values + t, m->n_rows, m->n_cols, p);
    if (norm < (double)FLT_MIN) continue;
    for (size_t i = 0; i < m->n_rows; i++) {
      float *value = m->values + i * m->n_cols + t;
      *value = (float)((double)*value / norm);
    }
  }
}
