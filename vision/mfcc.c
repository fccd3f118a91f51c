#include "vision/mfcc.h"

#include "base/memory.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* The weight of input h in output k of n, as scipy.fft.dct has it. */
static double dct_weight(int type, int ortho, size_t k, size_t h, size_t n) {
  double N = (double)n, K = (double)k, H = (double)h;
  if (type == 2) {
    double scale = ortho ? sqrt((k ? 2 : 1) / N) : 2;
    return scale * cos(pi * K * (2 * H + 1) / (2 * N));
  }
  if (type == 3) {
    double scale = ortho ? sqrt((h ? 2 : 1) / N) : h ? 2 : 1;
    return scale * cos(pi * (2 * K + 1) * H / (2 * N));
  }
  int in_ends = h == 0 || h + 1 == n, out_ends = k == 0 || k + 1 == n;
  double scale = in_ends ? 1 : 2;
  if (ortho) scale *= (in_ends ? sqrt(2) : 1) * 0.5 * sqrt((out_ends ? 1 : 2) / (N - 1));
  return scale * cos(pi * K * H / (N - 1));
}

hn_status hn_mfcc(const hn_matrix *db, const hn_mfcc_options *o, hn_matrix *mfcc_out,
                  hn_error *err) {
  hn_status status = HN_OK;
  size_t H = db->n_rows, W = db->n_cols;
  hn_matrix made = {0};
  double *sums = NULL;
  if (o->n_mfcc > H)
    return hn_fail(err, HN_INVALID, "n_mfcc: %zu is more than the %zu bands (n_mels)", o->n_mfcc,
                   H);
  if (o->dct_type == 1 && H == 1)
    return hn_fail(err, HN_INVALID, "dct_type: 1 needs two bands (n_mels) or more");
  HN_TRY(hn_matrix_init(&made, o->n_mfcc, W, err));
  HN_NEW(sums, W, err);
  for (size_t k = 0; k < o->n_mfcc; k++) {
    double lift = o->lifter > 0 ? 1 + o->lifter / 2 * sin(pi * (double)(k + 1) / o->lifter) : 1;
    for (size_t t = 0; t < W; t++) sums[t] = 0;
    for (size_t h = 0; h < H; h++) {
      double weight = lift * dct_weight(o->dct_type, o->ortho, k, h, H);
      for (size_t t = 0; t < W; t++) sums[t] += weight * (double)db->values[h * W + t];
    }
    for (size_t t = 0; t < W; t++) made.values[k * W + t] = (float)sums[t];
  }
  *mfcc_out = made;
  made = (hn_matrix){0};
done:
  hn_free(sums);
  hn_matrix_free(&made);
  return status;
}
