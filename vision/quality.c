#include "vision/quality.h"

#include "base/memory.h"
#include "vision/audio_stream.h"
#include "vision/stft.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK = 4096, MIN_RUN = 3 };

/* Sums over the song so far. */
typedef struct {
  hn_stft *stft;
  float *samples; /* (BLOCK) */
  float *power;   /* (bins) of one block */
  float *scratch;
  double *spectrum; /* (bins) */
  double square;    /* of the samples */
  float largest;
  uint64_t n, n_clipped;
  size_t run; /* length of the run at full scale that the last sample belongs to */
} meter;

static hn_status meter_init(meter *m, hn_error *err) {
  hn_status status = HN_OK;
  const hn_stft_options options = {.n_fft = BLOCK, .hop_length = BLOCK};
  HN_TRY(hn_stft_create(&options, &m->stft, err));
  HN_NEW(m->samples, BLOCK, err);
  HN_NEW(m->power, hn_stft_n_bins(m->stft), err);
  HN_NEW(m->scratch, hn_stft_n_scratch(m->stft), err);
  HN_NEW(m->spectrum, hn_stft_n_bins(m->stft), err);
done:
  return status;
}

static void meter_free(meter *m) {
  hn_stft_destroy(m->stft);
  hn_free(m->samples);
  hn_free(m->power);
  hn_free(m->scratch);
  hn_free(m->spectrum);
}

static void count_clipped(meter *m, float magnitude) {
  const float full_scale = 0.999f;
  m->run = magnitude >= full_scale ? m->run + 1 : 0;
  if (m->run == MIN_RUN) m->n_clipped += MIN_RUN;
  if (m->run > MIN_RUN) m->n_clipped++;
}

/* The block's n samples. A last, shorter one is left out of the spectrum, which its end would
 * spread, unless it is the only one. */
static void meter_add(meter *m, size_t n) {
  for (size_t i = 0; i < n; i++) {
    float magnitude = fabsf(m->samples[i]);
    m->square += (double)magnitude * (double)magnitude;
    if (magnitude > m->largest) m->largest = magnitude;
    count_clipped(m, magnitude);
  }
  m->n += n;
  if (n < BLOCK && m->n > n) return;
  memset(m->samples + n, 0, (BLOCK - n) * sizeof *m->samples);
  hn_stft_power(m->stft, m->samples, BLOCK, 0, 2, m->power, m->scratch);
  for (size_t k = 0; k < hn_stft_n_bins(m->stft); k++) m->spectrum[k] += (double)m->power[k];
}

/* The mean power of the bins in band b, of 250 Hz. */
static double band_power(const meter *m, size_t b, double band_bins) {
  size_t first = (size_t)ceil((double)b * band_bins);
  size_t end = (size_t)ceil((double)(b + 1) * band_bins), n_bins = hn_stft_n_bins(m->stft);
  double sum = 0;
  if (end > n_bins) end = n_bins;
  for (size_t k = first; k < end; k++) sum += m->spectrum[k];
  return end > first ? sum / (double)(end - first) : 0;
}

static double find_bandwidth(const meter *m, int rate) {
  const double band_hz = 250, threshold = pow(10, -8.5);
  double band_bins = band_hz * BLOCK / rate, loudest = 0, nyquist = rate / 2.0;
  size_t n_bands = (size_t)ceil(nyquist / band_hz);
  for (size_t b = 0; b < n_bands; b++) loudest = fmax(loudest, band_power(m, b, band_bins));
  for (size_t b = n_bands; b-- > 0 && loudest > 0;)
    if (band_power(m, b, band_bins) >= threshold * loudest)
      return fmin((double)(b + 1) * band_hz, nyquist);
  return 0;
}

static hn_status measure(hn_audio_stream *stream, meter *m, hn_error *err) {
  hn_status status = HN_OK;
  int rate = hn_audio_stream_info(stream)->rate;
  for (size_t n = BLOCK; n == BLOCK;) {
    n = hn_audio_stream_read(stream, m->samples, BLOCK);
    HN_TRY(hn_samples_check(m->samples, n, (double)m->n / rate, rate, err));
    if (n > 0) meter_add(m, n);
  }
  const char *warning = hn_audio_stream_info(stream)->warning;
  if (m->n == 0 && warning[0])
    status = hn_fail(err, HN_FORMAT, "holds no samples (%s)", warning);
  else if (m->n == 0)
    status = hn_fail(err, HN_FORMAT, "holds no samples");
done:
  return status;
}

hn_status hn_quality_measure(const char *path, hn_quality *quality_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_audio_stream *stream = NULL;
  meter m = {0};
  HN_TRY(hn_audio_stream_open(path, &stream, err));
  HN_TRY(meter_init(&m, err));
  HN_TRY(measure(stream, &m, err));
  *quality_out = (hn_quality){.info = *hn_audio_stream_info(stream),
                              .level = 10 * log10(m.square / (double)m.n),
                              .peak = 20 * log10((double)m.largest),
                              .clipped = (double)m.n_clipped / (double)m.n};
  quality_out->bandwidth = find_bandwidth(&m, quality_out->info.rate);
done:
  hn_audio_stream_close(stream);
  meter_free(&m);
  return status == HN_OK ? HN_OK : hn_fail_prefix(err, status, "%s", path);
}
