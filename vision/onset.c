#include "vision/onset.h"

#include "base/memory.h"
#include "vision/columns.h"
#include "vision/fft.h"
#include "vision/window.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_floats(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static float median(float *values, size_t n) {
  qsort(values, n, sizeof *values, compare_floats);
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static float mean(const float *values, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)values[i];
  return (float)(sum / (double)n);
}

/* The largest of the max_size bands around h in one frame; those beyond the ends do not count. */
static float band_maximum(const hn_matrix *db, size_t h, size_t t, size_t max_size) {
  size_t from = h > max_size / 2 ? h - max_size / 2 : 0, to = h + (max_size - 1) / 2;
  float largest = db->values[h * db->n_cols + t];
  for (size_t i = from; i <= to && i < db->n_rows; i++)
    largest = fmaxf(largest, db->values[i * db->n_cols + t]);
  return largest;
}

static void remove_trend(float *x, size_t n) {
  double before = 0, y = 0;
  for (size_t t = 0; t < n; t++) {
    y = (double)x[t] - before + 0.99 * y;
    before = (double)x[t];
    x[t] = (float)y;
  }
}

hn_status hn_onset_strength(const hn_matrix *db, const hn_onset_options *o, float *onsets_out,
                            hn_error *err) {
  hn_status status = HN_OK;
  size_t H = db->n_rows, W = db->n_cols;
  size_t delay = o->center ? o->n_fft / (2 * o->hop_length) : 0;
  float *rises = NULL;
  HN_NEW(rises, H, err);
  for (size_t t = 0; t < W && t < o->lag + delay; t++) onsets_out[t] = 0;
  for (size_t t = o->lag; t + delay < W; t++) {
    for (size_t h = 0; h < H; h++)
      rises[h] = fmaxf(0, db->values[h * W + t] - band_maximum(db, h, t - o->lag, o->max_size));
    onsets_out[t + delay] = o->median ? median(rises, H) : mean(rises, H);
  }
  if (o->detrend) remove_trend(onsets_out, W);
done:
  hn_free(rises);
  return status;
}

/* Autocorrelation of windows of one length by the transform of a length that holds no wrap. */
typedef struct {
  size_t n, n_padded;
  hn_fft *fft;
  float *window, *frame, *spectrum, *scratch;
} correlator;

/* The least even product of 2, 3 and 5 that is at least n. */
static size_t fast_length(size_t n) {
  for (size_t length = n + n % 2;; length += 2) {
    size_t rest = length;
    while (rest % 2 == 0) rest /= 2;
    while (rest % 3 == 0) rest /= 3;
    while (rest % 5 == 0) rest /= 5;
    if (rest == 1) return length;
  }
}

static void correlator_free(correlator *c) {
  hn_fft_destroy(c->fft);
  hn_free(c->window);
  hn_free(c->frame);
  hn_free(c->spectrum);
  hn_free(c->scratch);
}

static hn_status correlator_init(correlator *c, const hn_tempogram_options *o, hn_error *err) {
  hn_status status = HN_OK;
  double *window = NULL;
  *c = (correlator){.n = o->win_length, .n_padded = fast_length(2 * o->win_length - 1)};
  HN_TRY(hn_fft_create(c->n_padded, &c->fft, err));
  HN_NEW(c->window, c->n, err);
  HN_NEW(c->frame, c->n_padded, err);
  HN_NEW(c->spectrum, 2 * hn_fft_n_bins(c->fft), err);
  HN_NEW(c->scratch, hn_fft_n_scratch(c->fft), err);
  HN_NEW(window, c->n, err);
  hn_window_fill(o->window, c->n, window);
  for (size_t i = 0; i < c->n; i++) c->window[i] = (float)window[i];
done:
  hn_free(window);
  return status;
}

/* c->frame becomes the autocorrelation of c->frame (n). A power spectrum is real and even, so that
 * transforming it forwards is transforming it back. */
static void correlate(correlator *c) {
  size_t n_bins = hn_fft_n_bins(c->fft);
  memset(c->frame + c->n, 0, (c->n_padded - c->n) * sizeof *c->frame);
  hn_fft_forward(c->fft, c->frame, c->spectrum, c->scratch);
  for (size_t k = 0; k < n_bins; k++) {
    float re = c->spectrum[2 * k], im = c->spectrum[2 * k + 1];
    c->frame[k] = (re * re + im * im) / (float)c->n_padded;
  }
  for (size_t k = n_bins; k < c->n_padded; k++) c->frame[k] = c->frame[c->n_padded - k];
  hn_fft_forward(c->fft, c->frame, c->spectrum, c->scratch);
  for (size_t l = 0; l < c->n; l++) c->frame[l] = c->spectrum[2 * l];
}

/* Onset strength at any position, on a ramp to 0 within `reach` frames beyond the ends. */
static float ramped(const float *onsets, ptrdiff_t n, ptrdiff_t t, ptrdiff_t reach) {
  if (t >= 0 && t < n) return onsets[t];
  ptrdiff_t beyond = t < 0 ? -t : t - n + 1;
  double edge = (double)onsets[t < 0 ? 0 : n - 1];
  return (float)(edge * (double)(reach - beyond) / (double)reach);
}

/* The frame under the window that begins at `start`. */
static void fill_window(correlator *c, const float *onsets, ptrdiff_t n, ptrdiff_t start,
                        ptrdiff_t reach) {
  for (size_t i = 0; i < c->n; i++)
    c->frame[i] = c->window[i] * ramped(onsets, n, start + (ptrdiff_t)i, reach);
}

/* Columns from … to - 1, which lie one behind the other, into their places: a cache line of each
 * row at once. */
enum { TILE = 16 };
static void turn_tile(const float *tile, size_t from, size_t to, hn_matrix *out) {
  for (size_t l = 0; l < out->n_rows; l++)
    for (size_t t = from; t < to; t++)
      out->values[l * out->n_cols + t] = tile[(t - from) * out->n_rows + l];
}

hn_status hn_tempogram(const float *onsets, size_t n, const hn_tempogram_options *o,
                       hn_matrix *tempogram_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_matrix made = {0};
  correlator c = {0};
  float *tile = NULL;
  size_t length = o->win_length, reach = o->center ? length / 2 : 0;
  if (n < length && !o->center)
    return hn_fail(
        err, HN_INVALID,
        "win_length: %zu is more than the %zu frames that there are, and center is false", length,
        n);
  HN_TRY(hn_matrix_init(&made, length, o->center ? n : n - length + 1, err));
  HN_TRY(correlator_init(&c, o, err));
  HN_NEW(tile, TILE * length, err);
  for (size_t t = 0; t < made.n_cols; t++) {
    float *column = tile + (t % TILE) * length;
    fill_window(&c, onsets, (ptrdiff_t)n, (ptrdiff_t)t - (ptrdiff_t)reach, (ptrdiff_t)reach);
    correlate(&c);
    memcpy(column, c.frame, length * sizeof *column);
    if (t % TILE == TILE - 1 || t + 1 == made.n_cols) turn_tile(tile, t - t % TILE, t + 1, &made);
  }
  hn_columns_normalize(&made, o->norm);
  *tempogram_out = made;
  made = (hn_matrix){0};
done:
  correlator_free(&c);
  hn_free(tile);
  hn_matrix_free(&made);
  return status;
}
