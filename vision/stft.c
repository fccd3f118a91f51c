#include "vision/stft.h"

#include "base/memory.h"
#include "vision/fft.h"

#include <math.h>
#include <string.h>

typedef enum { PAD_CONSTANT, PAD_REFLECT, PAD_SYMMETRIC, PAD_EDGE } pad_mode;

struct hn_stft {
  size_t n_fft, hop;
  int center;
  pad_mode pad;
  double *window; /* (n_fft), zeros around a shorter one */
  hn_fft *fft;
};

static pad_mode find_pad(const char *name) {
  return !name                            ? PAD_CONSTANT
         : strcmp(name, "reflect") == 0   ? PAD_REFLECT
         : strcmp(name, "symmetric") == 0 ? PAD_SYMMETRIC
         : strcmp(name, "edge") == 0      ? PAD_EDGE
                                          : PAD_CONSTANT;
}

static hn_status set_window(hn_stft *stft, const hn_stft_options *o, hn_error *err) {
  hn_status status = HN_OK;
  size_t length = o->win_length ? o->win_length : o->n_fft;
  if (length > o->n_fft)
    return hn_fail(err, HN_INVALID, "win_length: %zu is longer than n_fft, which is %zu", length,
                   o->n_fft);
  HN_NEW(stft->window, o->n_fft, err);
  hn_window_fill(o->window ? o->window : "hann", length, stft->window + (o->n_fft - length) / 2);
done:
  return status;
}

hn_status hn_stft_create(const hn_stft_options *o, hn_stft **stft_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_stft *stft = NULL;
  HN_NEW(stft, 1, err);
  stft->n_fft = o->n_fft;
  stft->hop = o->hop_length;
  stft->center = o->center;
  stft->pad = find_pad(o->pad_mode);
  HN_TRY(set_window(stft, o, err));
  HN_TRY(hn_fft_create_windowed(o->n_fft, stft->window, &stft->fft, err));
  *stft_out = stft;
  return HN_OK;
done:
  hn_stft_destroy(stft);
  return status;
}

hn_stft_options hn_stft_read_options(const hn_options *o) {
  hn_stft_options options = {.n_fft = (size_t)hn_options_int(o, "n_fft"),
                             .hop_length = (size_t)hn_options_int(o, "hop_length"),
                             .window = hn_options_text(o, "window"),
                             .pad_mode = hn_options_text(o, "pad_mode"),
                             .center = hn_options_bool(o, "center")};
  if (!hn_options_is_none(o, "win_length"))
    options.win_length = (size_t)hn_options_int(o, "win_length");
  return options;
}

hn_status hn_stft_from_options(const hn_options *o, hn_stft **stft_out, hn_error *err) {
  hn_stft_options options = hn_stft_read_options(o);
  return hn_stft_create(&options, stft_out, err);
}

void hn_stft_destroy(hn_stft *stft) {
  if (!stft) return;
  hn_free(stft->window);
  hn_fft_destroy(stft->fft);
  hn_free(stft);
}

size_t hn_stft_n_fft(const hn_stft *stft) {
  return stft->n_fft;
}

size_t hn_stft_n_bins(const hn_stft *stft) {
  return hn_fft_n_bins(stft->fft);
}

static size_t count_frames(size_t n, size_t n_fft, size_t hop, int center) {
  size_t padded = center ? n + 2 * (n_fft / 2) : n;
  return n == 0 || padded < n_fft ? 0 : 1 + (padded - n_fft) / hop;
}

size_t hn_stft_count_frames(const hn_stft_options *o, size_t n) {
  return count_frames(n, o->n_fft, o->hop_length, o->center);
}

size_t hn_stft_n_frames(const hn_stft *stft, size_t n) {
  return count_frames(n, stft->n_fft, stft->hop, stft->center);
}

/* A frame that goes beyond the signal's ends, and the transform's own scratch. */
size_t hn_stft_n_scratch(const hn_stft *stft) {
  return stft->n_fft + hn_fft_n_scratch(stft->fft);
}

/* The sample at position i of a signal that goes on beyond both its ends, as numpy.pad has it. */
static float padded_sample(const float *x, ptrdiff_t n, ptrdiff_t i, pad_mode mode) {
  if (i >= 0 && i < n) return x[i];
  if (mode == PAD_CONSTANT) return 0;
  if (mode == PAD_EDGE || n == 1) return x[i < 0 ? 0 : n - 1];
  /* Mirrored at the last sample (reflect) or behind it (symmetric): periodic in both cases. */
  ptrdiff_t period = mode == PAD_REFLECT ? 2 * n - 2 : 2 * n;
  i = (i % period + period) % period;
  return x[i < n ? i : (mode == PAD_REFLECT ? period : period - 1) - i];
}

static ptrdiff_t find_start(const hn_stft *stft, size_t frame) {
  return (ptrdiff_t)(frame * stft->hop) - (stft->center ? (ptrdiff_t)(stft->n_fft / 2) : 0);
}

/* n_fft samples from `start` on: a part of the signal, or a copy in scratch where it ends before.
 */
static const float *find_samples(const hn_stft *stft, const float *x, size_t n, ptrdiff_t start,
                                 float *scratch) {
  ptrdiff_t length = (ptrdiff_t)n;
  if (start >= 0 && start + (ptrdiff_t)stft->n_fft <= length) return x + start;
  for (size_t i = 0; i < stft->n_fft; i++)
    scratch[i] = padded_sample(x, length, start + (ptrdiff_t)i, stft->pad);
  return scratch;
}

void hn_stft_window(const hn_stft *stft, const float *samples, size_t n, size_t frame,
                    float *frame_out) {
  const float *x = find_samples(stft, samples, n, find_start(stft, frame), frame_out);
  for (size_t i = 0; i < stft->n_fft; i++) frame_out[i] = (float)(stft->window[i] * (double)x[i]);
}

void hn_stft_frame(const hn_stft *stft, const float *samples, size_t n, size_t frame,
                   float *spectrum_out, float *scratch) {
  const float *x = find_samples(stft, samples, n, find_start(stft, frame), scratch);
  hn_fft_forward(stft->fft, x, spectrum_out, scratch + stft->n_fft);
}

void hn_stft_power(const hn_stft *stft, const float *samples, size_t n, size_t frame, double power,
                   float *power_out, float *scratch) {
  hn_stft_power_at(stft, samples, n, find_start(stft, frame), power, power_out, scratch);
}

void hn_stft_power_at(const hn_stft *stft, const float *samples, size_t n, ptrdiff_t start,
                      double power, float *power_out, float *scratch) {
  size_t n_bins = hn_stft_n_bins(stft);
  const float *x = find_samples(stft, samples, n, start, scratch);
  hn_fft_power(stft->fft, x, power_out, scratch + stft->n_fft);
  if (power == 1)
    for (size_t k = 0; k < n_bins; k++) power_out[k] = sqrtf(power_out[k]);
  else if (power != 2)
    for (size_t k = 0; k < n_bins; k++) power_out[k] = powf(power_out[k], (float)(power / 2));
}
