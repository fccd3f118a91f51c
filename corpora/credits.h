/* Who is on which track, as numbers: what splits and bootstraps over artists need. */
#ifndef HN_CORPORA_CREDITS_H
#define HN_CORPORA_CREDITS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "corpora/manifest.h"

/* Artists are numbered by their folded names (hn_name_fold), ascending. Owns all. */
typedef struct {
  size_t n_tracks, n_artists;
  char **names; /* (n_artists) folded */
  /* (n_tracks) the group of a track: its lead artist's number, or, where the lead is missing, a
   * number of its own from n_artists on. All are below n_groups. */
  int32_t *groups;
  size_t n_groups;
  /* Track i credits artists[starts[i]] … artists[starts[i + 1] - 1], lead and guests, ascending,
   * each once; starts has n_tracks + 1 elements. */
  size_t *starts;
  int32_t *artists;
} hn_credits;

/* Number the artists of a manifest. Errors: HN_NO_MEMORY. O(n log n). */
hn_status hn_manifest_credits(const hn_manifest *manifest, hn_credits *credits_out, hn_error *err);
void hn_credits_free(hn_credits *credits);

#endif
