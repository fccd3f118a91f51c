#include "vision/chroma.h"

#include "base/memory.h"
#include "vision/columns.h"
#include "vision/tuning.h"

#include <math.h>

hn_chroma_options hn_chroma_defaults(double sr) {
  return (hn_chroma_options){
      .sr = sr, .tuning = NAN, .n_chroma = 12, .ctroct = 5, .octwidth = 2, .norm = HUGE_VAL};
}

/* Octaves above A0 of a bin's frequency. Bin 0 has none: 1.5 octaves below bin 1 stand for it, so
 * that it is wide and turned by half a circle. */
static double octaves_of_bin(const hn_chroma_options *o, size_t n_fft, size_t k) {
  double hz = (double)(k ? k : 1) * o->sr / (double)n_fft;
  double a0 = 27.5 * exp2(o->tuning / (double)o->n_chroma);
  return log2(hz / a0) - (k ? 0 : 1.5);
}

/* Gaussian bumps around the bin's place on the circle of chroma, of unit length together. */
static void fill_bin(const hn_chroma_options *o, double place, double width, double *bumps) {
  double n = (double)o->n_chroma, half = rint(n / 2), sum = 0;
  for (size_t c = 0; c < o->n_chroma; c++) {
    double turned = place - (double)c + half + 10 * n;
    double distance = turned - n * floor(turned / n) - half;
    bumps[c] = exp(-0.5 * pow(2 * distance / width, 2));
    sum += bumps[c] * bumps[c];
  }
  for (size_t c = 0; c < o->n_chroma && sum > 0; c++) bumps[c] /= sqrt(sum);
}

hn_status hn_chroma_filters(const hn_chroma_options *o, size_t n_fft, float *weights_out,
                            hn_error *err) {
  hn_status status = HN_OK;
  double *bumps = NULL;
  size_t n = o->n_chroma, to_c = 3 * (n / 12); /* the scale of bins begins at A */
  HN_NEW(bumps, n, err);
  for (size_t k = 0; k <= n_fft / 2; k++) {
    double octaves = octaves_of_bin(o, n_fft, k), next = octaves_of_bin(o, n_fft, k + 1);
    double width = k + 1 < n_fft ? fmax((double)n * (next - octaves), 1) : 1;
    fill_bin(o, (double)n * octaves, width, bumps);
    double gain = isinf(o->octwidth) ? 1 : exp(-0.5 * pow((octaves - o->ctroct) / o->octwidth, 2));
    for (size_t c = 0; c < n; c++) weights_out[k * n + c] = (float)(gain * bumps[(c + to_c) % n]);
  }
done:
  hn_free(bumps);
  return status;
}

static hn_status fill_chroma(const hn_stft *stft, const float *weights, const float *samples,
                             size_t n, hn_matrix *out, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_bins = hn_stft_n_bins(stft), n_chroma = out->n_rows;
  float *power = NULL, *scratch = NULL, *sums = NULL;
  HN_NEW(power, n_bins, err);
  HN_NEW(scratch, hn_stft_n_scratch(stft), err);
  HN_NEW(sums, n_chroma, err);
  for (size_t t = 0; t < out->n_cols; t++) {
    hn_stft_power(stft, samples, n, t, 2, power, scratch);
    for (size_t c = 0; c < n_chroma; c++) sums[c] = 0;
    for (size_t k = 0; k < n_bins; k++)
      for (size_t c = 0; c < n_chroma; c++) sums[c] += power[k] * weights[k * n_chroma + c];
    for (size_t c = 0; c < n_chroma; c++) out->values[c * out->n_cols + t] = sums[c];
  }
done:
  hn_free(power);
  hn_free(scratch);
  hn_free(sums);
  return status;
}

hn_status hn_chroma(const hn_stft *stft, const hn_chroma_options *options, const float *samples,
                    size_t n, double *tuning_out, hn_matrix *chroma_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_chroma_options o = *options;
  hn_matrix made = {0};
  float *weights = NULL;
  size_t n_frames = hn_stft_n_frames(stft, n);
  if (n_frames == 0)
    return hn_fail(err, HN_INVALID, "chroma: %zu samples are too few for a frame of %zu", n,
                   hn_stft_n_fft(stft));
  if (isnan(o.tuning))
    HN_TRY(hn_tuning_estimate(stft, o.sr, o.n_chroma, 2, samples, n, &o.tuning, err));
  HN_NEW(weights, hn_stft_n_bins(stft) * o.n_chroma, err);
  HN_TRY(hn_chroma_filters(&o, hn_stft_n_fft(stft), weights, err));
  HN_TRY(hn_matrix_init(&made, o.n_chroma, n_frames, err));
  HN_TRY(fill_chroma(stft, weights, samples, n, &made, err));
  hn_columns_normalize(&made, o.norm);
  if (tuning_out) *tuning_out = o.tuning;
  *chroma_out = made;
  made = (hn_matrix){0};
done:
  hn_free(weights);
  hn_matrix_free(&made);
  return status;
}
