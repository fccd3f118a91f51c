/* The songs of a study: the manifest read and checked, filters applied, the target turned into
 * labels, and an account of every song that was left out on the way. */
#ifndef HN_EXPERIMENTS_SONGS_H
#define HN_EXPERIMENTS_SONGS_H

#include <jansson.h>
#include <stdio.h>

#include "base/labels.h"
#include "corpora/bags.h"
#include "corpora/filter.h"
#include "corpora/manifest.h"
#include "experiments/study.h"

/* N songs in the manifest's order. Owns all but the study. */
typedef struct {
  hn_manifest *manifest;
  hn_filter filter;           /* over the manifest's tracks; knows the guests of each */
  hn_bags bags;               /* of a bag-of-words corpus; n_terms 0: none */
  hn_bags_alignment bag_rows; /* over the manifest's tracks */
  char *path;                 /* of the manifest */
  int is_simulated;
  size_t n;
  size_t *tracks;      /* (N) index in the manifest */
  const char **ids;    /* (N) borrowed from the manifest */
  hn_labels labels;    /* of the target; missing ones are HN_LABEL_MISSING */
  int32_t *artists;    /* (N) lead artist's group */
  size_t n_artists;    /* groups among these songs */
  const char **guests; /* (N) what is known of its guests, see hn_manifest_guests */
  /* Song i credits credits[credit_starts[i]] … credits[credit_starts[i + 1] - 1]. */
  size_t *credit_starts;
  int32_t *credits;
  json_t *account; /* "corpus" of metrics.json, see experiments/scores.h */
} hn_songs;

/* Read the corpus of a study (making the simulated one in the cache where it is asked for).
 * messages (may be NULL) shows the progress of that. Errors: those of the manifest; fewer than two
 * classes; no song left. */
hn_status hn_songs_load(const hn_study *study, const char *cache, FILE *messages,
                        hn_songs *songs_out, hn_error *err);
void hn_songs_free(hn_songs *songs);
/* What the study's filters (but filters.where and filters.language) say of the manifest's tracks
 * with `featured` as the policy for guests. Errors: those of hn_manifest_filter. */
hn_status hn_songs_filter(const hn_study *study, const hn_songs *songs, const char *featured,
                          hn_filter *filter_out, hn_error *err);
/* Does "guests" in a slice mean what the manifest's credits tell, see hn_manifest_guests, because
 * the manifest has no column of that name? 0 or 1. */
int hn_songs_derives_guests(const hn_manifest *manifest, const char *column);
/* The track of a song. */
const hn_track *hn_songs_track(const hn_songs *songs, size_t song);

#endif
