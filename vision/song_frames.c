#include "vision/song_frames.h"

#include "base/memory.h"
#include "base/options.h"
#include "vision/chroma.h"
#include "vision/filterbank.h"
#include "vision/mel.h"
#include "vision/mfcc.h"
#include "vision/onset.h"
#include "vision/stft.h"

#include <math.h>

enum { N_FFT = 2048 }; /* of mel */

static hn_status compute_mel(const float *samples, size_t n, hn_matrix *mel_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_options *options = NULL;
  hn_mel *mel = NULL;
  HN_TRY(hn_options_create(hn_mel_options, &options, err));
  HN_TRY(hn_mel_create(options, &mel, err));
  status = hn_mel_apply(mel, samples, n, mel_out, err);
done:
  hn_mel_destroy(mel);
  hn_options_destroy(options);
  return status;
}

/* Root mean square around each frame, from the sums of the hops that it covers. */
static void measure_level(const float *samples, size_t n, float *level, size_t n_frames) {
  enum { HALF = N_FFT / 2 };
  for (size_t t = 0; t < n_frames; t++) {
    size_t middle = t * HN_SONG_HOP;
    size_t from = middle > HALF ? middle - HALF : 0, to = middle + HALF < n ? middle + HALF : n;
    double sum = 0;
    for (size_t i = from; i < to; i++) sum += (double)samples[i] * (double)samples[i];
    level[t] = (float)(10 * log10(fmax(1e-10, to > from ? sum / (double)(to - from) : 0)));
  }
}

/* Onset strength of the first n_bands bands. */
static hn_status measure_onset(const hn_matrix *mel, size_t n_bands, float *onset, hn_error *err) {
  const hn_onset_options options = {
      .lag = 1, .max_size = 1, .center = 1, .n_fft = N_FFT, .hop_length = HN_SONG_HOP};
  const hn_matrix bands = {n_bands, mel->n_cols, mel->values};
  return hn_onset_strength(&bands, &options, onset, err);
}

/* The bands of mel whose middle lies below hz, at least one. */
static size_t bands_below(double hz, size_t n_bands) {
  double top = hn_mel_from_hz(HN_SONG_RATE / 2.0, 0), width = top / (double)(n_bands + 1);
  size_t n = (size_t)(hn_mel_from_hz(hz, 0) / width);
  return n < 1 ? 1 : n < n_bands ? n : n_bands;
}

/* Harmony moves slowly and needs a fine resolution: long transforms, one for four frames. */
static hn_status compute_chroma(const float *samples, size_t n, float *chroma, size_t n_frames,
                                hn_error *err) {
  enum { N_EACH = 4 };
  const hn_stft_options options = {
      .n_fft = 2 * N_FFT, .hop_length = N_EACH * HN_SONG_HOP, .center = 1};
  const hn_chroma_options defaults = hn_chroma_defaults(HN_SONG_RATE);
  hn_status status = HN_OK;
  hn_stft *stft = NULL;
  hn_matrix sparse = {0};
  HN_TRY(hn_stft_create(&options, &stft, err));
  HN_TRY(hn_chroma(stft, &defaults, samples, n, NULL, &sparse, err));
  for (size_t p = 0; p < HN_SONG_N_PITCHES; p++)
    for (size_t t = 0; t < n_frames; t++) {
      size_t nearest = (t + N_EACH / 2) / N_EACH;
      if (nearest >= sparse.n_cols) nearest = sparse.n_cols - 1;
      chroma[p * n_frames + t] = sparse.values[p * sparse.n_cols + nearest];
    }
done:
  hn_matrix_free(&sparse);
  hn_stft_destroy(stft);
  return status;
}

hn_status hn_song_frames_init(hn_song_frames *frames, const float *samples, size_t n,
                              hn_error *err) {
  hn_status status = HN_OK;
  hn_song_frames f = {0};
  const hn_mfcc_options cepstrum = {.n_mfcc = HN_SONG_N_TIMBRES, .dct_type = 2, .ortho = 1};
  HN_TRY(compute_mel(samples, n, &f.mel, err));
  f.n = f.mel.n_cols;
  HN_NEW(f.level, f.n, err);
  HN_NEW(f.onset, f.n, err);
  HN_NEW(f.low_onset, f.n, err);
  HN_NEW(f.chroma, HN_SONG_N_PITCHES * f.n, err);
  measure_level(samples, n, f.level, f.n);
  HN_TRY(measure_onset(&f.mel, f.mel.n_rows, f.onset, err));
  HN_TRY(measure_onset(&f.mel, bands_below(200, f.mel.n_rows), f.low_onset, err));
  HN_TRY(hn_mfcc(&f.mel, &cepstrum, &f.timbre, err));
  HN_TRY(compute_chroma(samples, n, f.chroma, f.n, err));
  *frames = f;
  return HN_OK;
done:
  hn_song_frames_free(&f);
  return status;
}

void hn_song_frames_free(hn_song_frames *frames) {
  hn_matrix_free(&frames->mel);
  hn_free(frames->level);
  hn_free(frames->onset);
  hn_free(frames->low_onset);
  hn_matrix_free(&frames->timbre);
  hn_free(frames->chroma);
  *frames = (hn_song_frames){0};
}
