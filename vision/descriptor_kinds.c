#include "vision/descriptor_kinds.h"

#include "base/memory.h"
#include "vision/chroma.h"
#include "vision/mfcc.h"
#include "vision/onset.h"
#include "vision/spectral.h"

#include <math.h>
#include <string.h>

/* --- Values of one row, frame by frame --- */

/* One frame's value of its magnitudes or samples (n). */
typedef double frame_function(const hn_descriptor *d, const float *frame, size_t n);

static hn_status over_frames(const hn_descriptor *d, const float *samples, size_t n,
                             frame_function *value, hn_matrix *out, hn_error *err) {
  hn_status status = HN_OK;
  hn_matrix made = {0};
  float *frame = NULL, *scratch = NULL;
  int of_samples = d->kind->origin == HN_FROM_FRAMES;
  size_t n_values = of_samples ? hn_stft_n_fft(d->stft) : hn_stft_n_bins(d->stft);
  HN_TRY(hn_matrix_init(&made, 1, hn_stft_n_frames(d->stft, n), err));
  HN_NEW(frame, n_values, err);
  HN_NEW(scratch, hn_stft_n_scratch(d->stft), err);
  for (size_t t = 0; t < made.n_cols; t++) {
    if (of_samples)
      hn_stft_window(d->stft, samples, n, t, frame);
    else
      hn_stft_power(d->stft, samples, n, t, 1, frame, scratch);
    made.values[t] = (float)value(d, frame, n_values);
  }
  *out = made;
  made = (hn_matrix){0};
done:
  hn_free(frame);
  hn_free(scratch);
  hn_matrix_free(&made);
  return status;
}

static double hz_per_bin(const hn_descriptor *d) {
  return hn_spectral_hz_per_bin(d->source.rate, hn_stft_n_fft(d->stft));
}

static double frame_centroid(const hn_descriptor *d, const float *s, size_t n) {
  return hn_spectral_centroid(s, n, hz_per_bin(d));
}

static double frame_bandwidth(const hn_descriptor *d, const float *s, size_t n) {
  return hn_spectral_bandwidth(s, n, hz_per_bin(d), hn_options_real(d->options, "p"),
                               hn_options_bool(d->options, "norm"));
}

static double frame_rolloff(const hn_descriptor *d, const float *s, size_t n) {
  return hn_spectral_rolloff(s, n, hz_per_bin(d), hn_options_real(d->options, "roll_percent"));
}

static double frame_flatness(const hn_descriptor *d, const float *s, size_t n) {
  return hn_spectral_flatness(s, n, hn_options_real(d->options, "amin"),
                              hn_options_real(d->options, "power"));
}

static double frame_crossings(const hn_descriptor *d, const float *x, size_t n) {
  (void)d;
  return hn_zero_crossing_rate(x, n);
}

static double frame_rms(const hn_descriptor *d, const float *x, size_t n) {
  (void)d;
  return hn_root_mean_square(x, n);
}

#define COMPUTE_BY_FRAMES(name)                                                                    \
  static hn_status compute_##name(const hn_descriptor *d, const float *samples, size_t n,          \
                                  hn_matrix *out, hn_error *err) {                                 \
    return over_frames(d, samples, n, frame_##name, out, err);                                     \
  }
COMPUTE_BY_FRAMES(centroid)
COMPUTE_BY_FRAMES(bandwidth)
COMPUTE_BY_FRAMES(rolloff)
COMPUTE_BY_FRAMES(flatness)
COMPUTE_BY_FRAMES(crossings)
COMPUTE_BY_FRAMES(rms)

/* --- Values of several rows --- */

/* The exponent of an option `norm`, as hn_columns_normalize has it. */
static double norm_of(const hn_options *o) {
  return hn_options_is_none(o, "norm")     ? 0
         : hn_options_is(o, "norm", "inf") ? HUGE_VAL
                                           : hn_options_real(o, "norm");
}

static hn_status compute_mel(const hn_descriptor *d, const float *samples, size_t n, hn_matrix *out,
                             hn_error *err) {
  return hn_mel_apply(d->mel, samples, n, out, err);
}

static hn_status compute_mfcc(const hn_descriptor *d, const float *samples, size_t n,
                              hn_matrix *out, hn_error *err) {
  hn_matrix db;
  hn_mfcc_options o = {.n_mfcc = (size_t)hn_options_int(d->options, "n_mfcc"),
                       .dct_type = (int)hn_options_int(d->options, "dct_type"),
                       .ortho = !hn_options_is_none(d->options, "norm"),
                       .lifter = hn_options_real(d->options, "lifter")};
  hn_status status = hn_mel_apply(d->mel, samples, n, &db, err);
  if (status != HN_OK) return status;
  status = hn_mfcc(&db, &o, out, err);
  hn_matrix_free(&db);
  return status;
}

static hn_status compute_chroma(const hn_descriptor *d, const float *samples, size_t n,
                                hn_matrix *out, hn_error *err) {
  const hn_options *o = d->options;
  hn_chroma_options chroma = {
      .sr = d->source.rate,
      .tuning = hn_options_is_none(o, "tuning") ? NAN : hn_options_real(o, "tuning"),
      .n_chroma = (size_t)hn_options_int(o, "n_chroma"),
      .ctroct = hn_options_real(o, "ctroct"),
      .octwidth = hn_options_is_none(o, "octwidth") ? HUGE_VAL : hn_options_real(o, "octwidth"),
      .norm = norm_of(o)};
  return hn_chroma(d->stft, &chroma, samples, n, NULL, out, err);
}

static hn_status compute_contrast(const hn_descriptor *d, const float *samples, size_t n,
                                  hn_matrix *out, hn_error *err) {
  hn_contrast_options o = {.fmin = hn_options_real(d->options, "fmin"),
                           .n_bands = (size_t)hn_options_int(d->options, "n_bands"),
                           .quantile = hn_options_real(d->options, "quantile"),
                           .linear = hn_options_bool(d->options, "linear")};
  return hn_spectral_contrast(d->stft, d->source.rate, &o, samples, n, out, err);
}

/* (1, W) */
static hn_status find_onsets(const hn_descriptor *d, const hn_onset_options *o,
                             const float *samples, size_t n, hn_matrix *out, hn_error *err) {
  hn_matrix db = {0}, made = {0};
  hn_status status = hn_mel_apply(d->mel, samples, n, &db, err);
  if (status == HN_OK) status = hn_matrix_init(&made, 1, db.n_cols, err);
  if (status == HN_OK) status = hn_onset_strength(&db, o, made.values, err);
  hn_matrix_free(&db);
  if (status == HN_OK)
    *out = made;
  else
    hn_matrix_free(&made);
  return status;
}

static hn_status compute_onsets(const hn_descriptor *d, const float *samples, size_t n,
                                hn_matrix *out, hn_error *err) {
  hn_onset_options o = {.lag = (size_t)hn_options_int(d->options, "lag"),
                        .max_size = (size_t)hn_options_int(d->options, "max_size"),
                        .median = hn_options_is(d->options, "aggregate", "median"),
                        .detrend = hn_options_bool(d->options, "detrend"),
                        .center = hn_options_bool(d->options, "center"),
                        .n_fft = (size_t)hn_options_int(d->options, "n_fft"),
                        .hop_length = (size_t)hn_options_int(d->options, "hop_length")};
  return find_onsets(d, &o, samples, n, out, err);
}

static hn_status compute_tempogram(const hn_descriptor *d, const float *samples, size_t n,
                                   hn_matrix *out, hn_error *err) {
  hn_onset_options onsets = {.lag = 1,
                             .max_size = 1,
                             .center = 1,
                             .n_fft = 2048, /* mel's default, as librosa's */
                             .hop_length = (size_t)hn_options_int(d->options, "hop_length")};
  hn_tempogram_options o = {.win_length = (size_t)hn_options_int(d->options, "win_length"),
                            .center = hn_options_bool(d->options, "center"),
                            .window = hn_options_text(d->options, "window"),
                            .norm = norm_of(d->options)};
  hn_matrix strength;
  hn_status status = find_onsets(d, &onsets, samples, n, &strength, err);
  if (status != HN_OK) return status;
  status = hn_tempogram(strength.values, strength.n_cols, &o, out, err);
  hn_matrix_free(&strength);
  return status;
}

/* --- The table --- */

/* clang-format off */
#define SPECTRA HN_OPTION_SR, HN_STFT_OPTIONS
#define FRAMES HN_OPTION_SR,                                                                       \
  {"frame_length", HN_OPTION_INT, "2048", 2, 1 << 20, 0, NULL, "samples of a frame"},              \
  {"hop_length", HN_OPTION_INT, "512", 1, 1 << 20, 0, NULL, "samples from frame to frame"},        \
  {"center", HN_OPTION_BOOL, "true", 0, 0, 0, NULL, "frame t is centred on sample t * hop_length"}
#define BANDS                                                                                      \
  {"n_mels", HN_OPTION_INT, "128", 1, 4096, 0, NULL, "mel bands"},                                 \
  {"fmin", HN_OPTION_REAL, "0", 0, 384000, 0, NULL, "lowest frequency, Hz"},                       \
  {"fmax", HN_OPTION_REAL, "none", 0, 384000, 1, NULL, "highest frequency, Hz; none: sr / 2"},     \
  {"htk", HN_OPTION_BOOL, "false", 0, 0, 0, NULL, "HTK's mel scale instead of Slaney's"},          \
  {"power", HN_OPTION_REAL, "2.0", 1e-3, 100, 0, NULL, "exponent of the magnitude"}
#define NORM                                                                                       \
  {"norm", HN_OPTION_REAL, "inf", 1e-3, HUGE_VAL, 1, "inf",                                        \
   "each frame is divided by this norm; inf: its largest value"}
#define FILES HN_OPTION_CLIP, HN_OPTION_RESAMPLE, {0}
/* clang-format on */

static const hn_option_spec mfcc_options[] = {
    {"n_mfcc", HN_OPTION_INT, "20", 1, 4096, 0, NULL, "coefficients"},
    {"dct_type", HN_OPTION_INT, "2", 1, 3, 0, NULL, "type of the cosine transform"},
    {"norm", HN_OPTION_CHOICE, "ortho", 0, 0, 1, "ortho", "norm of the cosine transform"},
    {"lifter", HN_OPTION_REAL, "0", 0, 1e6, 0, NULL, "period of the weights of rows; 0: none"},
    SPECTRA,
    BANDS,
    {"mel_norm", HN_OPTION_CHOICE, "slaney", 0, 0, 1, "slaney",
     "filters of unit area; none: unit height"},
    FILES};

static const hn_option_spec chroma_options[] = {
    SPECTRA,
    NORM,
    {"tuning", HN_OPTION_REAL, "none", -100, 100, 1, NULL,
     "share of a chroma bin above A4 = 440 Hz; none: estimated for each file"},
    {"n_chroma", HN_OPTION_INT, "12", 1, 1200, 0, NULL, "rows, from C upwards"},
    {"ctroct", HN_OPTION_REAL, "5.0", -100, 100, 0, NULL,
     "middle of the octaves that count, above 27.5 Hz"},
    {"octwidth", HN_OPTION_REAL, "2", 1e-3, 1000, 1, NULL,
     "their spread, octaves; none: all count alike"},
    FILES};

static const hn_option_spec spectra_options[] = {SPECTRA, FILES};

static const hn_option_spec bandwidth_options[] = {
    SPECTRA,
    {"norm", HN_OPTION_BOOL, "true", 0, 0, 0, NULL, "magnitudes are scaled to a sum of 1"},
    {"p", HN_OPTION_REAL, "2", 1e-3, 100, 0, NULL, "exponent of the distance from the centroid"},
    FILES};

static const hn_option_spec rolloff_options[] = {SPECTRA,
                                                 {"roll_percent", HN_OPTION_REAL, "0.85", 1e-6,
                                                  1 - 1e-6, 0, NULL,
                                                  "share of the magnitude below, 0 to 1"},
                                                 FILES};

static const hn_option_spec contrast_options[] = {
    SPECTRA,
    {"fmin", HN_OPTION_REAL, "200.0", 1e-3, 384000, 0, NULL, "upper end of the first band, Hz"},
    {"n_bands", HN_OPTION_INT, "6", 1, 30, 0, NULL, "octaves above it"},
    {"quantile", HN_OPTION_REAL, "0.02", 1e-6, 1 - 1e-6, 0, NULL,
     "share of a band's bins in its peak and in its valley"},
    {"linear", HN_OPTION_BOOL, "false", 0, 0, 0, NULL, "difference of magnitudes, not of dB"},
    FILES};

static const hn_option_spec flatness_options[] = {
    SPECTRA,
    {"amin", HN_OPTION_REAL, "1e-10", 1e-37, HUGE_VAL, 0, NULL, "smallest level told apart"},
    {"power", HN_OPTION_REAL, "2.0", 1e-3, 100, 0, NULL, "exponent of the magnitude"},
    FILES};

static const hn_option_spec crossing_options[] = {FRAMES, FILES};

static const hn_option_spec rms_options[] = {FRAMES,
                                             {"pad_mode", HN_OPTION_CHOICE, "constant", 0, 0, 0,
                                              HN_STFT_PAD_CHOICES,
                                              "what lies beyond both ends when center is true"},
                                             FILES};

static const hn_option_spec onset_options[] = {
    {"lag", HN_OPTION_INT, "1", 1, 1 << 20, 0, NULL, "frames between those compared"},
    {"max_size", HN_OPTION_INT, "1", 1, 4096, 0, NULL,
     "bands over which the earlier frame's maximum is taken"},
    {"detrend", HN_OPTION_BOOL, "false", 0, 0, 0, NULL, "remove the slow part"},
    {"aggregate", HN_OPTION_CHOICE, "mean", 0, 0, 0, "mean|median", "of the bands"},
    SPECTRA,
    BANDS,
    {"norm", HN_OPTION_CHOICE, "slaney", 0, 0, 1, "slaney",
     "filters of unit area; none: unit height"},
    FILES};

static const hn_option_spec tempogram_options[] = {
    HN_OPTION_SR,
    {"hop_length", HN_OPTION_INT, "512", 1, 1 << 20, 0, NULL, "samples from frame to frame"},
    {"win_length", HN_OPTION_INT, "384", 1, 1 << 20, 0, NULL,
     "frames of onset strength in a window"},
    {"center", HN_OPTION_BOOL, "true", 0, 0, 0, NULL, "windows are centred on their frame"},
    {"window", HN_OPTION_CHOICE, "hann", 0, 0, 0, HN_WINDOW_CHOICES, "window of onset strength"},
    NORM,
    FILES};

/* clang-format off */
static const hn_descriptor_kind kinds[] = {
    {"mel", "mel spectrogram, n_mels rows, dB",
     hn_mel_options, HN_FROM_MEL, "n_mels", 0, {0}, compute_mel},
    {"mfcc", "mel-frequency cepstral coefficients, n_mfcc rows",
     mfcc_options, HN_FROM_MEL, "n_mfcc", 0, {"norm"}, compute_mfcc},
    {"chroma_stft", "energy of each pitch class, n_chroma rows, the first is C",
     chroma_options, HN_FROM_SPECTRA, "n_chroma", 0, {0}, compute_chroma},
    {"spectral_centroid", "where the magnitudes balance, Hz",
     spectra_options, HN_FROM_SPECTRA, NULL, 1, {0}, compute_centroid},
    {"spectral_bandwidth", "spread around the centroid, Hz",
     bandwidth_options, HN_FROM_SPECTRA, NULL, 1, {0}, compute_bandwidth},
    {"spectral_rolloff", "frequency below which most of the magnitude lies, Hz",
     rolloff_options, HN_FROM_SPECTRA, NULL, 1, {0}, compute_rolloff},
    {"spectral_contrast", "peaks over valleys of each octave, n_bands + 1 rows, dB",
     contrast_options, HN_FROM_SPECTRA, "n_bands", 1, {0}, compute_contrast},
    {"spectral_flatness", "1 for noise, near 0 for a tone",
     flatness_options, HN_FROM_SPECTRA, NULL, 1, {0}, compute_flatness},
    {"zero_crossing_rate", "share of samples whose sign changes",
     crossing_options, HN_FROM_FRAMES, NULL, 1, {0}, compute_crossings},
    {"rms", "root mean square of each frame",
     rms_options, HN_FROM_FRAMES, NULL, 1, {0}, compute_rms},
    {"onset_strength", "how much louder the bands become, dB",
     onset_options, HN_FROM_MEL, NULL, 1, {"center"}, compute_onsets},
    {"tempogram", "autocorrelation of onset strength, win_length rows: lags",
     tempogram_options, HN_FROM_MEL, "win_length", 0, {"win_length", "center", "window", "norm"},
     compute_tempogram},
};
/* clang-format on */

enum { N_KINDS = sizeof kinds / sizeof *kinds };

const hn_descriptor_kind *hn_descriptor_kinds(size_t i) {
  return i < N_KINDS ? &kinds[i] : NULL;
}

const hn_descriptor_kind *hn_descriptor_find(const char *name) {
  for (size_t i = 0; i < N_KINDS; i++)
    if (strcmp(kinds[i].name, name) == 0) return &kinds[i];
  return NULL;
}
