#include "vision/mel_bands.h"

#include "base/memory.h"
#include "vision/resample.h"

#include <math.h>
#include <string.h>

struct hn_mel_bands {
  int rate, base_rate;  /* of the samples; of the options */
  hn_stft_options base; /* at base_rate */
  size_t n_fft;         /* at rate */
  hn_stft *stft;
  hn_filterbank bank;
  double power;
};

/* The next multiple of 16 that has no prime factor above 5: a fast transform. */
static size_t fast_length(size_t n) {
  for (size_t length = (n + 15) / 16 * 16;; length += 16) {
    size_t rest = length;
    while (rest % 2 == 0) rest /= 2;
    while (rest % 3 == 0) rest /= 3;
    while (rest % 5 == 0) rest /= 5;
    if (rest == 1) return length;
  }
}

static size_t scale_length(size_t length, double ratio) {
  double scaled = round((double)length * ratio);
  return scaled < 1 ? 1 : (size_t)scaled;
}

static void scale_weights(hn_filterbank *bank, double by) {
  size_t last = bank->n_bands - 1, n = bank->offsets[last] + bank->counts[last];
  for (size_t i = 0; i < n; i++) bank->weights[i] = (float)((double)bank->weights[i] * by);
}

hn_status hn_mel_bands_create(const hn_mel_bands_options *o, int rate, hn_mel_bands **bands_out,
                              hn_error *err) {
  hn_status status = HN_OK;
  hn_mel_bands *bands = NULL;
  hn_stft_options stft = o->stft;
  size_t win_length = o->stft.win_length ? o->stft.win_length : o->stft.n_fft;
  hn_filterbank_options filters = o->filters;
  double base_rate = o->filters.sr;
  HN_NEW(bands, 1, err);
  bands->rate = rate;
  bands->base_rate = (int)base_rate;
  bands->base = o->stft;
  bands->power = o->power;
  if (rate != bands->base_rate) {
    stft.win_length = scale_length(win_length, rate / base_rate);
    size_t n_fft = scale_length(o->stft.n_fft, rate / base_rate);
    stft.n_fft = fast_length(n_fft > stft.win_length ? n_fft : stft.win_length);
    filters.sr = rate;
    filters.n_fft = stft.n_fft;
  }
  bands->n_fft = stft.n_fft;
  HN_TRY(hn_stft_create(&stft, &bands->stft, err));
  HN_TRY(hn_filterbank_init(&bands->bank, &filters, err));
  if (rate != bands->base_rate) {
    double window_ratio = (double)win_length / (double)stft.win_length;
    double bins_ratio = (double)o->stft.n_fft / (double)stft.n_fft;
    scale_weights(&bands->bank, pow(window_ratio, o->power - 1) * bins_ratio);
  }
  *bands_out = bands;
  return HN_OK;
done:
  hn_mel_bands_destroy(bands);
  return status;
}

void hn_mel_bands_destroy(hn_mel_bands *bands) {
  if (!bands) return;
  hn_stft_destroy(bands->stft);
  hn_filterbank_free(&bands->bank);
  hn_free(bands);
}

size_t hn_mel_bands_n_empty(const hn_mel_bands *bands) {
  return bands->bank.n_empty;
}

size_t hn_mel_bands_n_frames(const hn_mel_bands *bands, size_t n) {
  return hn_stft_count_frames(&bands->base, hn_resample_length(n, bands->rate, bands->base_rate));
}

/* Where frame t begins: its centre is that of the frame at base_rate. */
static ptrdiff_t find_start(const hn_mel_bands *bands, size_t t) {
  size_t half = bands->base.n_fft / 2, centre = t * bands->base.hop_length;
  if (!bands->base.center) centre += half;
  if (bands->rate == bands->base_rate) return (ptrdiff_t)centre - (ptrdiff_t)half;
  double scaled = (double)centre * bands->rate / bands->base_rate;
  return (ptrdiff_t)round(scaled) - (ptrdiff_t)(bands->n_fft / 2);
}

/* x (HN_FILTERBANK_FRAMES, n) to out (n, HN_FILTERBANK_FRAMES), by squares of four. */
static void transpose(const float *x, size_t n, float *out) {
  enum { N = HN_FILTERBANK_FRAMES };
  typedef float four __attribute__((vector_size(16), aligned(sizeof(float)), may_alias));
  size_t k = 0;
  for (; k + 4 <= n; k += 4)
    for (size_t t = 0; t < N; t += 4) {
      const float *from = x + n * t + k;
      float *to = out + N * k + t;
      four a = *(const four *)from, b = *(const four *)(from + n);
      four c = *(const four *)(from + 2 * n), d = *(const four *)(from + 3 * n);
      four ac_low = __builtin_shufflevector(a, c, 0, 4, 1, 5);
      four ac_high = __builtin_shufflevector(a, c, 2, 6, 3, 7);
      four bd_low = __builtin_shufflevector(b, d, 0, 4, 1, 5);
      four bd_high = __builtin_shufflevector(b, d, 2, 6, 3, 7);
      *(four *)to = __builtin_shufflevector(ac_low, bd_low, 0, 4, 1, 5);
      *(four *)(to + N) = __builtin_shufflevector(ac_low, bd_low, 2, 6, 3, 7);
      *(four *)(to + 2 * N) = __builtin_shufflevector(ac_high, bd_high, 0, 4, 1, 5);
      *(four *)(to + 3 * N) = __builtin_shufflevector(ac_high, bd_high, 2, 6, 3, 7);
    }
  for (; k < n; k++)
    for (size_t t = 0; t < N; t++) out[N * k + t] = x[n * t + k];
}

/* By blocks of frames that stay in the cache. */
hn_status hn_mel_bands_apply(const hn_mel_bands *bands, const float *x, size_t n,
                             hn_matrix *energies_out, hn_error *err) {
  enum { BLOCK = HN_FILTERBANK_FRAMES };
  hn_status status = HN_OK;
  size_t H = bands->bank.n_bands, n_bins = bands->bank.n_bins;
  size_t W = hn_mel_bands_n_frames(bands, n);
  float *spectra = NULL, *scratch = NULL, *bins = NULL, *energies = NULL;
  hn_matrix out = {0};
  HN_TRY(hn_matrix_init(&out, H, W, err));
  HN_NEW(spectra, BLOCK * n_bins, err);
  HN_NEW(scratch, hn_stft_n_scratch(bands->stft), err);
  HN_NEW(bins, BLOCK * n_bins, err);
  HN_NEW(energies, BLOCK * H, err);
  for (size_t from = 0; from < W; from += BLOCK) {
    size_t n_block = W - from < BLOCK ? W - from : BLOCK;
    for (size_t t = 0; t < n_block; t++)
      hn_stft_power_at(bands->stft, x, n, find_start(bands, from + t), bands->power,
                       spectra + t * n_bins, scratch);
    transpose(spectra, n_bins, bins);
    hn_filterbank_apply_frames(&bands->bank, bins, energies);
    for (size_t h = 0; h < H; h++)
      memcpy(out.values + h * W + from, energies + BLOCK * h, n_block * sizeof *energies);
  }
  *energies_out = out;
  out = (hn_matrix){0};
done:
  hn_matrix_free(&out);
  hn_free(spectra);
  hn_free(scratch);
  hn_free(bins);
  hn_free(energies);
  return status;
}
