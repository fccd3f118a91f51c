#include "vision/descriptors.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "vision/descriptor_kinds.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const char *hn_descriptor_name(const hn_descriptor_kind *kind) {
  return kind->name;
}

const char *hn_descriptor_summary(const hn_descriptor_kind *kind) {
  return kind->summary;
}

const hn_option_spec *hn_descriptor_options(const hn_descriptor_kind *kind) {
  return kind->options;
}

static int is_own(const hn_descriptor_kind *kind, const char *name) {
  for (size_t i = 0; i < sizeof kind->own / sizeof *kind->own && kind->own[i]; i++)
    if (strcmp(kind->own[i], name) == 0) return 1;
  return 0;
}

/* The option in which a kind keeps one of mel's, or NULL: mel's default holds. */
static const char *keeper(const hn_descriptor_kind *kind, const char *name) {
  if (strcmp(name, "norm") == 0 && hn_option_find(kind->options, "mel_norm")) return "mel_norm";
  return hn_option_find(kind->options, name) && !is_own(kind, name) ? name : NULL;
}

static hn_status set_mel(hn_descriptor *d, hn_error *err) {
  hn_status status = HN_OK;
  hn_options *options = NULL;
  HN_TRY(hn_options_create(hn_mel_options, &options, err));
  for (const hn_option_spec *spec = hn_mel_options; spec->name; spec++) {
    const char *name = keeper(d->kind, spec->name);
    if (name) HN_TRY(hn_options_set(options, spec->name, hn_options_text(d->options, name), err));
  }
  HN_TRY(hn_mel_create(options, &d->mel, err));
done:
  hn_options_destroy(options);
  return status;
}

/* Frames of samples are what a transform would see through a window of ones. */
static hn_status set_frames(hn_descriptor *d, hn_error *err) {
  int has_pad_mode = hn_option_find(d->kind->options, "pad_mode") != NULL;
  return hn_stft_create(
      &(hn_stft_options){.n_fft = (size_t)hn_options_int(d->options, "frame_length"),
                         .hop_length = (size_t)hn_options_int(d->options, "hop_length"),
                         .window = "boxcar",
                         .pad_mode =
                             has_pad_mode ? hn_options_text(d->options, "pad_mode") : "edge",
                         .center = hn_options_bool(d->options, "center")},
      &d->stft, err);
}

/* What is made of a spectrogram depends on all that the spectrogram does. */
static hn_status set_signature(hn_descriptor *d, hn_error *err) {
  hn_buffer text = {0};
  char decoders[96];
  size_t length;
  hn_audio_decoders(decoders);
  for (const hn_option_spec *spec = d->kind->options; spec->name; spec++)
    hn_buffer_format(&text, "%s=%s ", spec->name, hn_options_text(d->options, spec->name));
  hn_buffer_format(&text, "(%s 1, %s)", d->kind->name,
                   d->mel ? hn_mel_signature(d->mel) : decoders);
  hn_status status = hn_buffer_steal(&text, &d->signature, &length, err);
  hn_buffer_free(&text);
  return status;
}

/* A spectrogram itself is left to hn_mel wherever that knows more than its samples. */
static int is_mel(const hn_descriptor *d) {
  return d->kind->options == hn_mel_options;
}

hn_status hn_descriptor_create(const hn_descriptor_kind *kind, const hn_options *options,
                               hn_descriptor **descriptor_out, hn_error *err) {
  assert(hn_options_specs(options) == kind->options);
  hn_status status = HN_OK;
  hn_descriptor *d = NULL;
  HN_NEW(d, 1, err);
  d->kind = kind;
  HN_TRY(hn_options_copy(options, &d->options, err));
  if (is_mel(d)) HN_TRY(hn_mel_options_resolve(d->options, err));
  HN_TRY(hn_source_init(&d->source, d->options, err));
  HN_TRY(kind->origin == HN_FROM_MEL      ? set_mel(d, err)
         : kind->origin == HN_FROM_FRAMES ? set_frames(d, err)
                                          : hn_stft_from_options(options, &d->stft, err));
  HN_TRY(set_signature(d, err));
  *descriptor_out = d;
  return HN_OK;
done:
  hn_descriptor_destroy(d);
  return status;
}

void hn_descriptor_destroy(hn_descriptor *d) {
  if (!d) return;
  hn_options_destroy(d->options);
  hn_source_free(&d->source);
  hn_free(d->signature);
  hn_stft_destroy(d->stft);
  hn_mel_destroy(d->mel);
  hn_free(d);
}

size_t hn_descriptor_count_rows(const hn_descriptor_kind *kind, const hn_options *options) {
  return (kind->rows ? (size_t)hn_options_int(options, kind->rows) : 0) + kind->n_more_rows;
}

size_t hn_descriptor_n_rows(const hn_descriptor *d) {
  return hn_descriptor_count_rows(d->kind, d->options);
}

void hn_descriptor_statistic(const hn_descriptor_kind *kind, size_t n_rows, size_t i,
                             char name_out[64]) {
  const char *what = i < n_rows ? "mean" : "std";
  if (n_rows == 1)
    snprintf(name_out, 64, "%s_%s", kind->name, what);
  else
    snprintf(name_out, 64, "%s_%zu_%s", kind->name, i % n_rows, what);
}

const char *hn_descriptor_signature(const hn_descriptor *d) {
  return is_mel(d) ? hn_mel_signature(d->mel) : d->signature;
}

hn_status hn_descriptor_apply(const hn_descriptor *d, const float *samples, size_t n,
                              hn_matrix *values_out, hn_error *err) {
  if (d->stft && hn_stft_n_frames(d->stft, n) == 0)
    return hn_fail(err, HN_INVALID, "%zu samples are too few for a frame of %zu", n,
                   hn_stft_n_fft(d->stft));
  return d->kind->compute(d, samples, n, values_out, err);
}

hn_status hn_descriptor_file(const hn_descriptor *d, const char *path, hn_matrix *values_out,
                             hn_audio_info *info_out, hn_error *err) {
  hn_audio audio;
  if (is_mel(d)) return hn_mel_file(d->mel, path, values_out, info_out, err);
  hn_status status = hn_source_read(&d->source, path, &audio, err);
  if (status != HN_OK) return status;
  status = hn_descriptor_apply(d, audio.samples, audio.n, values_out, err);
  if (status == HN_OK && info_out) *info_out = audio.info;
  hn_audio_free(&audio);
  return status == HN_OK ? HN_OK : hn_fail_prefix(err, status, "%s", path);
}
