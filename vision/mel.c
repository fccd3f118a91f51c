#include "vision/mel.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "vision/filterbank.h"
#include "vision/resample.h"
#include "vision/stft.h"
#include "vision/window.h"

#include <assert.h>
#include <math.h>
#include <string.h>

const hn_option_spec hn_mel_options[] = {
    {"sr", HN_OPTION_INT, "22050", 1000, 768000, 0, NULL, "sample rate of the analysis, Hz"},
    {"n_fft", HN_OPTION_INT, "2048", 2, 1 << 20, 0, NULL, "points of a transform"},
    {"hop_length", HN_OPTION_INT, "512", 1, 1 << 20, 0, NULL, "samples from frame to frame"},
    {"win_length", HN_OPTION_INT, "none", 1, 1 << 20, 1, NULL,
     "samples of the window; none: n_fft"},
    {"window", HN_OPTION_CHOICE, "hann", 0, 0, 0, HN_WINDOW_CHOICES, "window, periodic"},
    {"center", HN_OPTION_BOOL, "true", 0, 0, 0, NULL,
     "frame t is centred on sample t * hop_length"},
    {"pad_mode", HN_OPTION_CHOICE, "constant", 0, 0, 0, HN_STFT_PAD_CHOICES,
     "what lies beyond both ends when center is true"},
    {"n_mels", HN_OPTION_INT, "128", 1, 4096, 0, NULL, "mel bands"},
    {"fmin", HN_OPTION_REAL, "0", 0, 384000, 0, NULL, "lowest frequency, Hz"},
    {"fmax", HN_OPTION_REAL, "none", 0, 384000, 1, NULL, "highest frequency, Hz; none: sr / 2"},
    {"htk", HN_OPTION_BOOL, "false", 0, 0, 0, NULL, "HTK's mel scale instead of Slaney's"},
    {"norm", HN_OPTION_CHOICE, "slaney", 0, 0, 1, "slaney",
     "filters of unit area; none: unit height"},
    {"power", HN_OPTION_REAL, "2.0", 1e-3, 100, 0, NULL, "exponent of the magnitude"},
    {"ref", HN_OPTION_REAL, "1.0", 0, HUGE_VAL, 0, "max", "level of 0 dB; max: the largest value"},
    {"amin", HN_OPTION_REAL, "1e-10", 1e-37, HUGE_VAL, 0, NULL, "smallest level told apart"},
    {"top_db", HN_OPTION_REAL, "80", 0, HUGE_VAL, 1, NULL, "range below the largest value, dB"},
    {"clip", HN_OPTION_REALS, "none", 0, 1e9, 1, NULL, "part of each file, s: from,to; none: all"},
    {"resample", HN_OPTION_CHOICE, "soxr_hq", 0, 0, 0, HN_RESAMPLE_CHOICES,
     "resampler, librosa's res_type"},
    {0}};

struct hn_mel {
  int rate;
  size_t n_fft;
  int ref_is_max;
  double power, ref, amin, top_db; /* top_db: infinite when none */
  int has_clip;
  hn_clip clip;
  char *resampler, *signature;
  hn_stft *stft;
  hn_filterbank bank;
};

static hn_status set_clip(hn_mel *mel, const hn_options *o, hn_error *err) {
  const double *seconds;
  if (hn_options_is_none(o, "clip")) return HN_OK;
  size_t n = hn_options_list(o, "clip", &seconds);
  if (n != 2 || seconds[0] >= seconds[1])
    return hn_fail(err, HN_INVALID,
                   "clip: \"%s\" is not allowed; expected two ascending numbers of seconds such as "
                   "30,75, or none",
                   hn_options_text(o, "clip"));
  mel->has_clip = 1;
  mel->clip = (hn_clip){seconds[0], seconds[1]};
  return HN_OK;
}

static hn_status set_stft(hn_mel *mel, const hn_options *o, hn_error *err) {
  return hn_stft_create(
      &(hn_stft_options){.n_fft = mel->n_fft,
                         .hop_length = (size_t)hn_options_int(o, "hop_length"),
                         .win_length = hn_options_is_none(o, "win_length")
                                           ? 0
                                           : (size_t)hn_options_int(o, "win_length"),
                         .window = hn_options_text(o, "window"),
                         .pad_mode = hn_options_text(o, "pad_mode"),
                         .center = hn_options_bool(o, "center")},
      &mel->stft, err);
}

static hn_status set_filters(hn_mel *mel, const hn_options *o, hn_error *err) {
  double nyquist = mel->rate / 2.0;
  hn_filterbank_options f = {.sr = mel->rate,
                             .n_fft = mel->n_fft,
                             .n_mels = (size_t)hn_options_int(o, "n_mels"),
                             .fmin = hn_options_real(o, "fmin"),
                             .fmax = hn_options_is_none(o, "fmax") ? nyquist
                                                                   : hn_options_real(o, "fmax"),
                             .htk = hn_options_bool(o, "htk"),
                             .norm = !hn_options_is_none(o, "norm")};
  if (f.fmax > nyquist)
    return hn_fail(err, HN_INVALID, "fmax: %g Hz is above half of sr, which is %g Hz", f.fmax,
                   nyquist);
  if (f.fmin >= f.fmax)
    return hn_fail(err, HN_INVALID, "fmin: %g Hz is not below fmax, which is %g Hz", f.fmin,
                   f.fmax);
  return hn_filterbank_init(&mel->bank, &f, err);
}

static hn_status set_signature(hn_mel *mel, const hn_options *o, hn_error *err) {
  hn_buffer text = {0};
  char decoders[96];
  size_t length;
  hn_audio_decoders(decoders);
  for (const hn_option_spec *spec = hn_mel_options; spec->name; spec++)
    hn_buffer_format(&text, "%s=%s ", spec->name, hn_options_text(o, spec->name));
  hn_buffer_format(&text, "(mel 1, %s)", decoders);
  hn_status status = hn_buffer_steal(&text, &mel->signature, &length, err);
  hn_buffer_free(&text);
  return status;
}

hn_status hn_mel_create(const hn_options *o, hn_mel **mel_out, hn_error *err) {
  assert(hn_options_specs(o) == hn_mel_options);
  hn_status status = HN_OK;
  hn_mel *mel = NULL;
  HN_NEW(mel, 1, err);
  mel->rate = (int)hn_options_int(o, "sr");
  mel->n_fft = (size_t)hn_options_int(o, "n_fft");
  mel->power = hn_options_real(o, "power");
  mel->ref_is_max = hn_options_is(o, "ref", "max");
  mel->ref = mel->ref_is_max ? 0 : hn_options_real(o, "ref");
  mel->amin = hn_options_real(o, "amin");
  mel->top_db = hn_options_is_none(o, "top_db") ? HUGE_VAL : hn_options_real(o, "top_db");
  HN_DUP(mel->resampler, hn_options_text(o, "resample"), err);
  HN_TRY(set_clip(mel, o, err));
  HN_TRY(set_stft(mel, o, err));
  HN_TRY(set_filters(mel, o, err));
  HN_TRY(set_signature(mel, o, err));
  *mel_out = mel;
  return HN_OK;
done:
  hn_mel_destroy(mel);
  return status;
}

void hn_mel_destroy(hn_mel *mel) {
  if (!mel) return;
  hn_free(mel->resampler);
  hn_free(mel->signature);
  hn_stft_destroy(mel->stft);
  hn_filterbank_free(&mel->bank);
  hn_free(mel);
}

size_t hn_mel_n_bands(const hn_mel *mel) {
  return mel->bank.n_bands;
}

size_t hn_mel_n_empty_bands(const hn_mel *mel) {
  return mel->bank.n_empty;
}

int hn_mel_rate(const hn_mel *mel) {
  return mel->rate;
}

const hn_clip *hn_mel_clip(const hn_mel *mel) {
  return mel->has_clip ? &mel->clip : NULL;
}

const char *hn_mel_signature(const hn_mel *mel) {
  return mel->signature;
}

size_t hn_mel_n_frames(const hn_mel *mel, size_t n) {
  return hn_stft_n_frames(mel->stft, n);
}

/* Band energies of all frames, (H, W). Sixteen frames at a time, so that a band's values, which
 * lie next to each other, are written a cache line at once. */
static hn_status fill_energies(const hn_mel *mel, const float *x, size_t n, hn_matrix *out,
                               hn_error *err) {
  enum { TILE = 16 };
  hn_status status = HN_OK;
  size_t H = out->n_rows, W = out->n_cols;
  float *spectrum = NULL, *scratch = NULL, *tile = NULL;
  HN_NEW(spectrum, hn_stft_n_bins(mel->stft), err);
  HN_NEW(scratch, hn_stft_n_scratch(mel->stft), err);
  HN_NEW(tile, TILE * H, err);
  for (size_t from = 0; from < W; from += TILE) {
    size_t n_tile = W - from < TILE ? W - from : TILE;
    for (size_t t = 0; t < n_tile; t++) {
      hn_stft_power(mel->stft, x, n, from + t, mel->power, spectrum, scratch);
      hn_filterbank_apply(&mel->bank, spectrum, tile + t * H);
    }
    for (size_t h = 0; h < H; h++)
      for (size_t t = 0; t < n_tile; t++) out->values[h * W + from + t] = tile[t * H + h];
  }
done:
  hn_free(spectrum);
  hn_free(scratch);
  hn_free(tile);
  return status;
}

/* librosa.power_to_db, in place. */
static void energies_to_db(const hn_mel *mel, float *values, size_t n) {
  float largest = values[0], amin = (float)mel->amin;
  for (size_t i = 1; i < n; i++)
    if (values[i] > largest) largest = values[i];
  double ref = mel->ref_is_max ? (double)largest : mel->ref;
  float ref_db = (float)(10 * log10(fmax(mel->amin, ref)));
  float floor_db = 10 * log10f(largest > amin ? largest : amin) - ref_db - (float)mel->top_db;
  for (size_t i = 0; i < n; i++) {
    float db = 10 * log10f(values[i] > amin ? values[i] : amin) - ref_db;
    values[i] = db > floor_db ? db : floor_db;
  }
}

hn_status hn_mel_apply(const hn_mel *mel, const float *samples, size_t n, hn_matrix *db_out,
                       hn_error *err) {
  hn_matrix db = {0};
  size_t W = hn_mel_n_frames(mel, n);
  if (n == 0) return hn_fail(err, HN_INVALID, "a spectrogram of no samples was asked for");
  if (W == 0)
    return hn_fail(err, HN_INVALID, "%zu samples are fewer than n_fft (%zu) and center is false", n,
                   mel->n_fft);
  hn_status status = hn_matrix_init(&db, mel->bank.n_bands, W, err);
  if (status == HN_OK) status = fill_energies(mel, samples, n, &db, err);
  if (status != HN_OK) {
    hn_matrix_free(&db);
    return status;
  }
  energies_to_db(mel, db.values, db.n_rows * W);
  *db_out = db;
  return HN_OK;
}

hn_status hn_mel_file(const hn_mel *mel, const char *path, hn_matrix *db_out,
                      hn_audio_info *info_out, hn_error *err) {
  hn_audio audio;
  hn_status status = hn_audio_read(path, hn_mel_clip(mel), &audio, err);
  if (status != HN_OK) return status;
  if (audio.info.rate != mel->rate) {
    float *resampled = NULL;
    size_t n = 0;
    HN_TRY(hn_resample(audio.samples, audio.n, audio.info.rate, mel->rate, mel->resampler,
                       &resampled, &n, err));
    hn_free(audio.samples);
    audio.samples = resampled;
    audio.n = n;
  }
  HN_TRY(hn_mel_apply(mel, audio.samples, audio.n, db_out, err));
  if (info_out) *info_out = audio.info;
done:
  hn_audio_free(&audio);
  return status == HN_OK ? HN_OK : hn_fail_prefix(err, status, "%s", path);
}
