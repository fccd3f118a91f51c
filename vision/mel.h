/* Log-mel spectrograms with librosa's definition and defaults:
 * power_to_db(melspectrogram(y, sr=…, n_fft=…, …), ref=…, amin=…, top_db=…).
 * H mel bands (the lowest first), W frames. */
#ifndef HN_VISION_MEL_H
#define HN_VISION_MEL_H

#include <stddef.h>

#include "base/error.h"
#include "base/matrix.h"
#include "base/options.h"
#include "vision/audio.h"

/* preset; sr, n_fft, hop_length, win_length, window, center, pad_mode, n_mels, fmin, fmax, htk,
 * norm, power, ref, amin, top_db as in librosa; ours: clip (seconds "from,to" of each file, or
 * none) and resample (librosa's res_type, or direct: see
 * vision/mel_bands.h). Ends with a NULL name. */
extern const hn_option_spec hn_mel_options[];

/* Give options that are not set the values of `preset`: torchaudio (the defaults of its
 * MelSpectrogram and AmplitudeToDB) or musicnn (the spectrogram of that network, Pons and Serra,
 * 2019; in dB, not its log10(1 + 10000 x)). hn_mel_create does so with a copy.
 * Errors: HN_NO_MEMORY. */
hn_status hn_mel_options_resolve(hn_options *options, hn_error *err);

/* The plan of a spectrogram: window, transform, filters. Const use is thread-safe. */
typedef struct hn_mel hn_mel;

/* options are for hn_mel_options and are not kept. Errors: HN_INVALID where values contradict each
 * other (win_length > n_fft; fmin >= fmax; fmax > sr / 2; clip not two ascending numbers);
 * HN_NO_MEMORY. */
hn_status hn_mel_create(const hn_options *options, hn_mel **mel_out, hn_error *err);
void hn_mel_destroy(hn_mel *mel);

/* H */
size_t hn_mel_n_bands(const hn_mel *mel);
/* Bands that are narrower than the distance of two bins and stay at the floor, of which librosa
 * warns: take fewer bands or a longer n_fft. */
size_t hn_mel_n_empty_bands(const hn_mel *mel);
/* The rate (Hz) that hn_mel_apply expects. */
int hn_mel_rate(const hn_mel *mel);
/* The part of each file that is taken, or NULL. */
const hn_clip *hn_mel_clip(const hn_mel *mel);
/* W of n samples; 0 if they are too few for one frame. */
size_t hn_mel_n_frames(const hn_mel *mel, size_t n);
/* All that the values depend on besides the file: every option, and the decoders' versions. A key
 * for caches; borrowed. */
const char *hn_mel_signature(const hn_mel *mel);

/* Spectrogram of samples (n, at hn_mel_rate), in dB.
 *   db_out  (H, W), owned by the caller
 * Errors: HN_INVALID if n is 0 or below n_fft where center is false; HN_NO_MEMORY. Thread-safe.
 * O(W n_fft log n_fft). Within 1e-4 dB of librosa, whatever the options and however quiet a band:
 * both transform in double precision. */
hn_status hn_mel_apply(const hn_mel *mel, const float *samples, size_t n, hn_matrix *db_out,
                       hn_error *err);

/* Decode path (its clip), mix, resample, apply. info_out may be NULL. Errors name the path: those
 * of hn_audio_read, hn_resample and hn_mel_apply. Thread-safe; one file uses one thread. */
hn_status hn_mel_file(const hn_mel *mel, const char *path, hn_matrix *db_out,
                      hn_audio_info *info_out, hn_error *err);

#endif
