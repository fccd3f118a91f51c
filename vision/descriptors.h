/* The registry of features over time: one table tells the name, the options and the rows of each,
 * and serves the command line and studies alike. A feature of a sound is (rows, W frames), like a
 * mel spectrogram. */
#ifndef HN_VISION_DESCRIPTORS_H
#define HN_VISION_DESCRIPTORS_H

#include <stddef.h>

#include "base/error.h"
#include "base/matrix.h"
#include "base/options.h"
#include "vision/audio.h"

typedef struct hn_descriptor_kind hn_descriptor_kind;

/* All kinds, by librosa's names: mel, mfcc, chroma_stft, spectral_centroid, …
 * hn_descriptor_kinds(i) is NULL behind the last. */
const hn_descriptor_kind *hn_descriptor_kinds(size_t i);
/* The kind of a name, or NULL. */
const hn_descriptor_kind *hn_descriptor_find(const char *name);
const char *hn_descriptor_name(const hn_descriptor_kind *kind);
/* One line: what the rows are, and their unit. */
const char *hn_descriptor_summary(const hn_descriptor_kind *kind);
/* librosa's names and defaults; ours are sr, clip and resample, as in hn_mel_options. Ends with a
 * NULL name. */
const hn_option_spec *hn_descriptor_options(const hn_descriptor_kind *kind);

/* A kind with its options in force. Const use is thread-safe. */
typedef struct hn_descriptor hn_descriptor;

/* options are for the kind's table and are not kept. Errors: HN_INVALID where values contradict
 * each other, HN_NO_MEMORY. */
hn_status hn_descriptor_create(const hn_descriptor_kind *kind, const hn_options *options,
                               hn_descriptor **descriptor_out, hn_error *err);
void hn_descriptor_destroy(hn_descriptor *descriptor);

size_t hn_descriptor_n_rows(const hn_descriptor *descriptor);
/* The name of a statistic of hn_rows_summarize, i below 2 n_rows: "mfcc_0_mean", "rms_std". */
void hn_descriptor_statistic(const hn_descriptor_kind *kind, size_t n_rows, size_t i,
                             char name_out[64]);
/* Rows that a kind has with these options. */
size_t hn_descriptor_count_rows(const hn_descriptor_kind *kind, const hn_options *options);
/* All that the values depend on besides the file: a key for caches; borrowed. */
const char *hn_descriptor_signature(const hn_descriptor *descriptor);

/* The feature of samples (n, at option sr).
 *   values_out  (n_rows, W), owned by the caller
 * Errors: HN_INVALID (too few samples), HN_NO_MEMORY. Thread-safe. */
hn_status hn_descriptor_apply(const hn_descriptor *descriptor, const float *samples, size_t n,
                              hn_matrix *values_out, hn_error *err);

/* Decode path (its clip), mix, resample, apply. info_out may be NULL. Errors name the path.
 * Thread-safe; one file uses one thread. */
hn_status hn_descriptor_file(const hn_descriptor *descriptor, const char *path,
                             hn_matrix *values_out, hn_audio_info *info_out, hn_error *err);

#endif
