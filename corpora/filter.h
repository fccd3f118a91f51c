/* Which tracks of a manifest a study leaves out, and why. Off unless asked for. */
#ifndef HN_CORPORA_FILTER_H
#define HN_CORPORA_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/labels.h"
#include "corpora/manifest.h"

/* What becomes of tracks with guests. A guest's region is the one that most of the tracks have
 * which that artist leads in this manifest; without such a track, or between two equally frequent
 * ones, it is unknown. A track's own region is its cell, else its lead's region by the same rule.
 */
typedef enum {
  HN_FEATURED_KEEP,              /* "keep": nothing */
  HN_FEATURED_DROP,              /* "drop": leave the track out */
  HN_FEATURED_LEAD_ONLY,         /* "lead-only": keep it, for whoever cuts the sections in which the
                                    lead does not perform out of the lyrics */
  HN_FEATURED_DROP_OTHER_REGION, /* "drop-other-region": leave it out when both regions are known
                                    and differ */
  HN_FEATURED_REMOVE_VERSES,     /* "remove-verses": keep it and list its guests, for whoever cuts
                                    their verses out of the lyrics */
  HN_FEATURED_REMOVE_VERSES_OTHER_REGION /* "remove-verses-other-region": the same, but list only
                                            guests whose region is known to differ */
} hn_featured_policy;

/* By name. Errors: HN_INVALID listing the six. */
hn_status hn_featured_policy_parse(const char *name, hn_featured_policy *policy_out, hn_error *err);
/* Does the policy cut sections out of lyrics? 0 or 1. */
int hn_featured_policy_cuts(hn_featured_policy policy);

typedef struct {
  /* Of intro, outro, interlude, skit, mixtape: tracks with that whole word, in any case, in their
   * kind or in their title ("Album Intro", "Skit: the phone call") are left out. */
  const char *const *drop_kinds;
  size_t n_drop_kinds;
  hn_featured_policy featured;
  const char *region_column; /* for the policies above; NULL: "region" */
  /* What every track must have: "lyrics" (a file or a bag), "audio" (audio or a spectrogram), or
   * any column of the manifest. */
  const char *const *require;
  size_t n_require;
  const uint8_t *has_bag; /* (tracks) of a corpus of bags, counts as lyrics; or NULL */
} hn_filter_options;

typedef struct {
  size_t track;
  char *reason; /* "the title \"Album Intro\" has the word intro", "no audio", … */
} hn_filter_drop;

typedef struct {
  size_t track;
  const char *name;   /* as written; borrowed from the manifest */
  const char *region; /* NULL where unknown; borrowed from `regions` below */
  int other_region;   /* 1 where both regions are known and differ */
} hn_filter_guest;

/* Owns its arrays and reasons; the names of guests are the manifest's. */
typedef struct {
  size_t n_tracks, n_kept;
  uint8_t *keep;         /* (n_tracks) */
  hn_filter_drop *drops; /* in track order; one a track, the first reason found:
                            kind, then require, then guests */
  size_t n_drops;
  hn_featured_policy featured; /* the policy in force */
  hn_filter_guest *guests; /* of kept tracks, in track order; for the policies that cut verses */
  size_t n_guests;
  hn_labels regions; /* of the tracks; empty unless a policy needed them */
} hn_filter;

/* Errors: HN_INVALID for an unknown kind or column, listing what there is; HN_NO_MEMORY. */
hn_status hn_manifest_filter(const hn_manifest *manifest, const hn_filter_options *options,
                             hn_filter *filter_out, hn_error *err);
void hn_filter_free(hn_filter *filter);

/* What is known of each track's guests, by the rule above: "none", "same region", "other region"
 * (that of one guest at least differs), or "unknown region" (one at least is unknown, or that of
 * the track is, and none is known to differ).
 *   guests_out  (tracks) constant texts
 * Errors: those of reading the column "region" (without which all regions are unknown). */
hn_status hn_manifest_guests(const hn_manifest *manifest, const char **guests_out, hn_error *err);

#endif
