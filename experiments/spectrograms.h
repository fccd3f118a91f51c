/* The spectrograms of a study's songs, or other features over time as pictures, computed in
 * parallel and kept in the cache. */
#ifndef HN_EXPERIMENTS_SPECTROGRAMS_H
#define HN_EXPERIMENTS_SPECTROGRAMS_H

#include <jansson.h>
#include <stdio.h>

#include "base/matrix.h"
#include "experiments/songs.h"
#include "vision/descriptors.h"

/* Pictures (N songs; items NULL where a song has no audio) and an account: a
 * model's part of "audio" in metrics.json, see experiments/scores.h.
 * A song's `spectrogram` (.npy or PNG) stands in for audio. Errors: the first unreadable file
 * unless skip_errors; pictures of different heights. */
hn_status hn_spectrograms_load(const hn_descriptor_kind *kind, const hn_options *options,
                               const hn_songs *songs, int skip_errors, const char *cache,
                               FILE *messages, hn_images *images_out, json_t **account_out,
                               hn_error *err);

#endif
