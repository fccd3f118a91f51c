/* The best possible accuracies of a simulated corpus, for the songs that a study uses of it. */
#ifndef HN_EXPERIMENTS_CEILINGS_H
#define HN_EXPERIMENTS_CEILINGS_H

#include <jansson.h>

#include "base/error.h"
#include "experiments/songs.h"

/* Does the manifest belong to a simulated corpus, whose folder holds its answer sheet, cues.csv? */
int hn_corpus_is_simulated(const char *manifest_path);

/* {"lyrics": x, "audio": x, "fused": x}: (n_cue + (n - n_cue) / K) / n over the n labelled songs
 * that have the modality (fused: any), n_cue of which tell their region among K; null without
 * songs. *ceilings_out is NULL when the target is not the region, of which alone the cues tell.
 * Errors: those of reading cues.csv. */
hn_status hn_ceilings_read(const hn_songs *songs, const char *target, json_t **ceilings_out,
                           hn_error *err);

#endif
