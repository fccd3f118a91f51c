#include "vision/mel.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "vision/decibels.h"
#include "vision/mel_bands.h"
#include "vision/source.h"

#include <assert.h>
#include <math.h>
#include <string.h>

const hn_option_spec hn_mel_options[] = {
    {"preset", HN_OPTION_CHOICE, "none", 0, 0, 0, "none|torchaudio|musicnn",
     "whose values the options have that are not set"},
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
    {"resample", HN_OPTION_CHOICE, "soxr_hq", 0, 0, 0, HN_RESAMPLE_CHOICES "|direct",
     "resampler, librosa's res_type; direct: none, frames and filters at the file's own rate"},
    {0}};

static const struct {
  const char *preset, *name, *value;
} preset_values[] = {
    {"torchaudio", "sr", "16000"},       {"torchaudio", "n_fft", "400"},
    {"torchaudio", "hop_length", "200"}, {"torchaudio", "pad_mode", "reflect"},
    {"torchaudio", "n_mels", "128"},     {"torchaudio", "htk", "true"},
    {"torchaudio", "norm", "none"},      {"torchaudio", "top_db", "none"},
    {"musicnn", "sr", "16000"},          {"musicnn", "n_fft", "512"},
    {"musicnn", "hop_length", "256"},    {"musicnn", "n_mels", "96"},
};

hn_status hn_mel_options_resolve(hn_options *o, hn_error *err) {
  hn_status status = HN_OK;
  for (size_t i = 0; i < sizeof preset_values / sizeof *preset_values && status == HN_OK; i++)
    if (hn_options_is(o, "preset", preset_values[i].preset) &&
        !hn_options_is_set(o, preset_values[i].name))
      status = hn_options_set(o, preset_values[i].name, preset_values[i].value, err);
  return status;
}

struct hn_mel {
  hn_source source;
  int ref_is_max;
  double ref, amin, top_db; /* top_db: infinite when none */
  char *signature, *window, *pad_mode;
  hn_mel_bands_options plan; /* of bands; for files of other rates, too */
  hn_mel_bands *bands;
};

static hn_filterbank_options filter_options(const hn_options *o) {
  hn_filterbank_options f = {.sr = (double)hn_options_int(o, "sr"),
                             .n_fft = (size_t)hn_options_int(o, "n_fft"),
                             .n_mels = (size_t)hn_options_int(o, "n_mels"),
                             .fmin = hn_options_real(o, "fmin"),
                             .htk = hn_options_bool(o, "htk"),
                             .norm = !hn_options_is_none(o, "norm")};
  f.fmax = hn_options_is_none(o, "fmax") ? f.sr / 2 : hn_options_real(o, "fmax");
  return f;
}

static hn_status set_bands(hn_mel *mel, const hn_options *o, hn_error *err) {
  hn_status status = HN_OK;
  const hn_filterbank_options *f = &mel->plan.filters;
  mel->plan = (hn_mel_bands_options){hn_stft_read_options(o), filter_options(o),
                                     hn_options_real(o, "power")};
  HN_DUP(mel->window, mel->plan.stft.window, err);
  HN_DUP(mel->pad_mode, mel->plan.stft.pad_mode, err);
  mel->plan.stft.window = mel->window;
  mel->plan.stft.pad_mode = mel->pad_mode;
  if (f->fmax > f->sr / 2)
    HN_TRY(hn_fail(err, HN_INVALID, "fmax: %g Hz is above half of sr, which is %g Hz", f->fmax,
                   f->sr / 2));
  if (f->fmin >= f->fmax)
    HN_TRY(hn_fail(err, HN_INVALID, "fmin: %g Hz is not below fmax, which is %g Hz", f->fmin,
                   f->fmax));
  HN_TRY(hn_mel_bands_create(&mel->plan, mel->source.rate, &mel->bands, err));
done:
  return status;
}

static hn_status set_signature(hn_mel *mel, const hn_options *o, hn_error *err) {
  hn_buffer text = {0};
  char decoders[96];
  size_t length;
  hn_audio_decoders(decoders);
  for (const hn_option_spec *spec = hn_mel_options; spec->name; spec++)
    hn_buffer_format(&text, "%s=%s ", spec->name, hn_options_text(o, spec->name));
  hn_buffer_format(&text, "(mel 2, %s)", decoders);
  hn_status status = hn_buffer_steal(&text, &mel->signature, &length, err);
  hn_buffer_free(&text);
  return status;
}

hn_status hn_mel_create(const hn_options *options, hn_mel **mel_out, hn_error *err) {
  assert(hn_options_specs(options) == hn_mel_options);
  hn_status status = HN_OK;
  hn_mel *mel = NULL;
  hn_options *o = NULL;
  HN_TRY(hn_options_copy(options, &o, err));
  HN_TRY(hn_mel_options_resolve(o, err));
  HN_NEW(mel, 1, err);
  mel->ref_is_max = hn_options_is(o, "ref", "max");
  mel->ref = mel->ref_is_max ? 0 : hn_options_real(o, "ref");
  mel->amin = hn_options_real(o, "amin");
  mel->top_db = hn_options_is_none(o, "top_db") ? HUGE_VAL : hn_options_real(o, "top_db");
  HN_TRY(hn_source_init(&mel->source, o, err));
  HN_TRY(set_bands(mel, o, err));
  HN_TRY(set_signature(mel, o, err));
  *mel_out = mel;
  mel = NULL;
done:
  hn_options_destroy(o);
  hn_mel_destroy(mel);
  return status;
}

void hn_mel_destroy(hn_mel *mel) {
  if (!mel) return;
  hn_source_free(&mel->source);
  hn_free(mel->signature);
  hn_free(mel->window);
  hn_free(mel->pad_mode);
  hn_mel_bands_destroy(mel->bands);
  hn_free(mel);
}

size_t hn_mel_n_bands(const hn_mel *mel) {
  return mel->plan.filters.n_mels;
}

size_t hn_mel_n_empty_bands(const hn_mel *mel) {
  return hn_mel_bands_n_empty(mel->bands);
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
  return hn_mel_bands_n_frames(mel->bands, n);
}

/* librosa.power_to_db, in place. */
static void energies_to_db(const hn_mel *mel, float *values, size_t n) {
  float largest = values[0], amin = (float)mel->amin;
  for (size_t i = 1; i < n; i++)
    if (values[i] > largest) largest = values[i];
  double ref = mel->ref_is_max ? (double)largest : mel->ref;
  float ref_db = (float)(10 * log10(fmax(mel->amin, ref)));
  float largest_db = 10 * log10f(largest > amin ? largest : amin) - ref_db;
  hn_decibels(values, n, amin, ref_db, largest_db - (float)mel->top_db);
}

/* Samples at the rate of `bands`. */
static hn_status apply(const hn_mel *mel, const hn_mel_bands *bands, const float *samples, size_t n,
                       hn_matrix *db_out, hn_error *err) {
  if (n == 0) return hn_fail(err, HN_INVALID, "a spectrogram of no samples was asked for");
  if (hn_mel_bands_n_frames(bands, n) == 0)
    return hn_fail(err, HN_INVALID, "%zu samples are fewer than n_fft (%zu) and center is false", n,
                   mel->plan.stft.n_fft);
  hn_status status = hn_mel_bands_apply(bands, samples, n, db_out, err);
  if (status == HN_OK) energies_to_db(mel, db_out->values, db_out->n_rows * db_out->n_cols);
  return status;
}

hn_status hn_mel_apply(const hn_mel *mel, const float *samples, size_t n, hn_matrix *db_out,
                       hn_error *err) {
  return apply(mel, mel->bands, samples, n, db_out, err);
}

/* Not resampled: the frames and filters of the file's own rate, made for it. */
static hn_status apply_direct(const hn_mel *mel, const hn_audio *audio, hn_matrix *db_out,
                              hn_error *err) {
  hn_mel_bands *bands = NULL;
  hn_status status = hn_mel_bands_create(&mel->plan, audio->info.rate, &bands, err);
  if (status == HN_OK) status = apply(mel, bands, audio->samples, audio->n, db_out, err);
  hn_mel_bands_destroy(bands);
  return status;
}

hn_status hn_mel_file(const hn_mel *mel, const char *path, hn_matrix *db_out,
                      hn_audio_info *info_out, hn_error *err) {
  hn_audio audio;
  int direct = strcmp(mel->source.resampler, "direct") == 0;
  hn_status status = direct ? hn_audio_read(path, hn_mel_clip(mel), &audio, err)
                            : hn_source_read(&mel->source, path, &audio, err);
  if (status != HN_OK) return status;
  if (direct)
    HN_TRY(apply_direct(mel, &audio, db_out, err));
  else
    HN_TRY(hn_mel_apply(mel, audio.samples, audio.n, db_out, err));
  if (info_out) *info_out = audio.info;
done:
  hn_audio_free(&audio);
  return status == HN_OK ? HN_OK : hn_fail_prefix(err, status, "%s", path);
}
