#include "vision/mel.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "vision/filterbank.h"
#include "vision/source.h"
#include "vision/stft.h"

#include <assert.h>
#include <math.h>
#include <string.h>

const hn_option_spec hn_mel_options[] = {
    HN_OPTION_SR,
    HN_STFT_OPTIONS,
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
    HN_OPTION_CLIP,
    HN_OPTION_RESAMPLE,
    {0}};

struct hn_mel {
  hn_source source;
  int ref_is_max;
  double power, ref, amin, top_db; /* top_db: infinite when none */
  char *signature;
  hn_stft *stft;
  hn_filterbank bank;
};

static hn_status set_filters(hn_mel *mel, const hn_options *o, hn_error *err) {
  double nyquist = mel->source.rate / 2.0;
  hn_filterbank_options f = {.sr = mel->source.rate,
                             .n_fft = (size_t)hn_options_int(o, "n_fft"),
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
  mel->power = hn_options_real(o, "power");
  mel->ref_is_max = hn_options_is(o, "ref", "max");
  mel->ref = mel->ref_is_max ? 0 : hn_options_real(o, "ref");
  mel->amin = hn_options_real(o, "amin");
  mel->top_db = hn_options_is_none(o, "top_db") ? HUGE_VAL : hn_options_real(o, "top_db");
  HN_TRY(hn_source_init(&mel->source, o, err));
  HN_TRY(hn_stft_from_options(o, &mel->stft, err));
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
  hn_source_free(&mel->source);
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
  return mel->source.rate;
}

const hn_clip *hn_mel_clip(const hn_mel *mel) {
  return hn_source_clip(&mel->source);
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
                   hn_stft_n_fft(mel->stft));
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
  hn_status status = hn_source_read(&mel->source, path, &audio, err);
  if (status != HN_OK) return status;
  HN_TRY(hn_mel_apply(mel, audio.samples, audio.n, db_out, err));
  if (info_out) *info_out = audio.info;
done:
  hn_audio_free(&audio);
  return status == HN_OK ? HN_OK : hn_fail_prefix(err, status, "%s", path);
}
