#include "corpora/filter.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "corpora/cells.h"
#include "corpora/credits.h"
#include "corpora/names.h"

#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"intro", "outro", "interlude", "skit", "mixtape"};
static const char *const policies[] = {"keep",          "drop",
                                       "lead-only",     "drop-other-region",
                                       "remove-verses", "remove-verses-other-region"};

hn_status hn_featured_policy_parse(const char *name, hn_featured_policy *policy_out,
                                   hn_error *err) {
  for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
    if (strcmp(name, policies[i]) != 0) continue;
    *policy_out = (hn_featured_policy)i;
    return HN_OK;
  }
  return hn_fail(err, HN_INVALID,
                 "featured: \"%.80s\" is not allowed; expected keep, drop, lead-only, "
                 "drop-other-region, remove-verses or remove-verses-other-region",
                 name);
}

int hn_featured_policy_cuts(hn_featured_policy policy) {
  return policy == HN_FEATURED_LEAD_ONLY || policy >= HN_FEATURED_REMOVE_VERSES;
}

/* What the rules are applied with. */
typedef struct {
  const hn_manifest *manifest;
  const hn_filter_options *options;
  size_t *require_columns; /* (n_require) */
  hn_credits credits;
  int32_t *artist_region; /* (n_artists) */
  hn_filter made;
  size_t drops_capacity, guests_capacity;
} filtering;

static hn_status check_kinds(const hn_filter_options *options, hn_error *err) {
  for (size_t i = 0; i < options->n_drop_kinds; i++) {
    int known = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
      known |= strcmp(options->drop_kinds[i], kinds[k]) == 0;
    if (!known)
      return hn_fail(err, HN_INVALID,
                     "drop_kinds: \"%.80s\" is not allowed; expected intro, outro, interlude, skit "
                     "or mixtape",
                     options->drop_kinds[i]);
  }
  return HN_OK;
}

/* The columns of `require`; "lyrics" and "audio" are more than their columns. */
static hn_status find_required(filtering *f, hn_error *err) {
  hn_status status = HN_OK;
  HN_NEW(f->require_columns, f->options->n_require, err);
  for (size_t i = 0; i < f->options->n_require; i++) {
    const char *name = f->options->require[i];
    if (strcmp(name, "lyrics") == 0 || strcmp(name, "audio") == 0) continue;
    status = hn_manifest_require_column(f->manifest, name, &f->require_columns[i], err);
    if (status != HN_OK) return hn_fail_prefix(err, status, "require");
  }
done:
  return status;
}

typedef struct {
  int32_t artist, region;
} lead_region;

static int compare_lead_regions(const void *a, const void *b) {
  const lead_region *x = a, *y = b;
  if (x->artist != y->artist) return x->artist < y->artist ? -1 : 1;
  return (x->region > y->region) - (x->region < y->region);
}

/* Each artist's most frequent region among n sorted pairs, none where two are equally frequent. */
static void vote(const lead_region *pairs, size_t n, int32_t *artist_region) {
  size_t most = 0;
  for (size_t start = 0, end; start < n; start = end) {
    const int32_t artist = pairs[start].artist;
    if (start == 0 || pairs[start - 1].artist != artist) most = 0;
    for (end = start; end < n && compare_lead_regions(&pairs[start], &pairs[end]) == 0;) end++;
    if (end - start > most)
      most = end - start, artist_region[artist] = pairs[start].region;
    else if (end - start == most)
      artist_region[artist] = HN_LABEL_MISSING;
  }
}

/* Regions of the tracks. Verses can be removed without knowing any. */
static hn_status read_regions(filtering *f, hn_error *err) {
  hn_status status = HN_OK;
  hn_labels *regions = &f->made.regions;
  const char *column = f->options->region_column ? f->options->region_column : "region";
  if (f->options->featured == HN_FEATURED_REMOVE_VERSES &&
      hn_manifest_find_column(f->manifest, column) == (size_t)-1) {
    HN_NEW(regions->values, f->made.n_tracks, err);
    regions->n = f->made.n_tracks;
    for (size_t i = 0; i < regions->n; i++) regions->values[i] = HN_LABEL_MISSING;
    return HN_OK;
  }
  status = hn_manifest_labels(f->manifest, column, regions, err);
  if (status == HN_INVALID)
    hn_fail_prefix(err, status, "featured: %s", policies[f->options->featured]);
done:
  return status;
}

/* Regions of the artists, from the tracks that they lead. */
static hn_status find_regions(filtering *f, hn_error *err) {
  hn_status status = HN_OK;
  lead_region *pairs = NULL;
  size_t n = 0;
  HN_TRY(hn_manifest_credits(f->manifest, &f->credits, err));
  HN_TRY(read_regions(f, err));
  HN_NEW(f->artist_region, f->credits.n_artists, err);
  for (size_t a = 0; a < f->credits.n_artists; a++) f->artist_region[a] = HN_LABEL_MISSING;
  HN_NEW(pairs, f->credits.n_tracks, err);
  for (size_t i = 0; i < f->credits.n_tracks; i++) {
    int32_t group = f->credits.groups[i], region = f->made.regions.values[i];
    if ((size_t)group < f->credits.n_artists && region != HN_LABEL_MISSING)
      pairs[n++] = (lead_region){group, region};
  }
  qsort(pairs, n, sizeof *pairs, compare_lead_regions);
  vote(pairs, n, f->artist_region);
done:
  hn_free(pairs);
  return status;
}

static hn_status drop(filtering *f, size_t track, hn_buffer *reason, hn_error *err) {
  hn_status status = HN_OK;
  char *text = NULL;
  HN_TRY(hn_buffer_steal(reason, &text, NULL, err));
  HN_GROW(f->made.drops, f->made.n_drops, f->drops_capacity, err);
  f->made.drops[f->made.n_drops++] = (hn_filter_drop){track, text};
  f->made.keep[track] = 0;
  text = NULL;
done:
  hn_free(text);
  return status;
}

/* The rules write a reason where they drop a track, nothing where they keep it. */

static void judge_kind(const filtering *f, const hn_track *track, hn_buffer *reason) {
  for (size_t i = 0; i < f->options->n_drop_kinds && reason->length == 0; i++) {
    const char *kind = f->options->drop_kinds[i];
    int by_column = track->kind && hn_text_has_word(track->kind, kind);
    int by_title = track->title && hn_text_has_word(track->title, kind);
    if (!by_column && !by_title) continue;
    hn_buffer_text(reason, by_column ? "the kind " : "the title ");
    hn_cell_quote(reason, by_column ? track->kind : track->title);
    hn_buffer_format(reason, " has the word %s", kind);
  }
}

static void judge_required(const filtering *f, size_t i, hn_buffer *reason) {
  const hn_track *track = hn_manifest_track(f->manifest, i);
  for (size_t r = 0; r < f->options->n_require && reason->length == 0; r++) {
    const char *name = f->options->require[r];
    int has;
    if (strcmp(name, "lyrics") == 0)
      has = track->lyrics || (f->options->has_bag && f->options->has_bag[i]);
    else if (strcmp(name, "audio") == 0)
      has = track->audio || track->spectrogram;
    else
      has = hn_manifest_cell(f->manifest, i, f->require_columns[r]) != NULL;
    if (!has) hn_buffer_format(reason, "no %s", name);
  }
}

static const char *region_name(const filtering *f, int32_t region) {
  return region == HN_LABEL_MISSING ? NULL : f->made.regions.classes[region];
}

/* The region of the track itself. */
static int32_t own_region(const filtering *f, size_t track) {
  size_t group = (size_t)f->credits.groups[track];
  if (f->made.regions.values[track] != HN_LABEL_MISSING) return f->made.regions.values[track];
  return group < f->credits.n_artists ? f->artist_region[group] : HN_LABEL_MISSING;
}

static hn_status guest_region(const filtering *f, const char *guest, int32_t *region_out,
                              hn_error *err) {
  char *folded;
  hn_status status = hn_name_fold(guest, &folded, err);
  if (status != HN_OK) return status;
  int32_t artist = hn_labels_find(f->credits.names, f->credits.n_artists, folded);
  *region_out = artist == HN_LABEL_MISSING ? HN_LABEL_MISSING : f->artist_region[artist];
  hn_free(folded);
  return HN_OK;
}

static hn_status judge_guests(filtering *f, size_t i, hn_buffer *reason, hn_error *err) {
  hn_status status = HN_OK;
  const hn_track *track = hn_manifest_track(f->manifest, i);
  const hn_featured_policy policy = f->options->featured;
  if (policy == HN_FEATURED_DROP && track->n_featured) {
    hn_buffer_text(reason, "features ");
    hn_cell_quote(reason, track->featured[0]);
  }
  if (policy < HN_FEATURED_DROP_OTHER_REGION) return HN_OK;
  const char *own = region_name(f, own_region(f, i));
  for (size_t g = 0; g < track->n_featured && reason->length == 0; g++) {
    int32_t region;
    HN_TRY(guest_region(f, track->featured[g], &region, err));
    const char *other = region_name(f, region);
    int differs = own && other && strcmp(own, other) != 0;
    if (policy == HN_FEATURED_REMOVE_VERSES_OTHER_REGION && !differs) continue;
    if (policy >= HN_FEATURED_REMOVE_VERSES) {
      HN_GROW(f->made.guests, f->made.n_guests, f->guests_capacity, err);
      f->made.guests[f->made.n_guests++] = (hn_filter_guest){i, track->featured[g], other, differs};
    } else if (differs) {
      hn_buffer_text(reason, "features ");
      hn_cell_quote(reason, track->featured[g]);
      hn_buffer_format(reason, " of %s, the track is of %s", other, own);
    }
  }
done:
  return status;
}

static hn_status judge(filtering *f, size_t track, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer reason = {0};
  judge_kind(f, hn_manifest_track(f->manifest, track), &reason);
  if (reason.length == 0) judge_required(f, track, &reason);
  if (reason.length == 0) HN_TRY(judge_guests(f, track, &reason, err));
  HN_TRY(hn_buffer_status(&reason, err));
  if (reason.length) HN_TRY(drop(f, track, &reason, err));
done:
  hn_buffer_free(&reason);
  return status;
}

hn_status hn_manifest_filter(const hn_manifest *manifest, const hn_filter_options *options,
                             hn_filter *filter_out, hn_error *err) {
  hn_status status = HN_OK;
  filtering f = {.manifest = manifest, .options = options};
  f.made.n_tracks = hn_manifest_n_tracks(manifest);
  f.made.featured = options->featured;
  HN_TRY(check_kinds(options, err));
  HN_TRY(find_required(&f, err));
  if (options->featured >= HN_FEATURED_DROP_OTHER_REGION) HN_TRY(find_regions(&f, err));
  HN_NEW(f.made.keep, f.made.n_tracks, err);
  memset(f.made.keep, 1, f.made.n_tracks);
  for (size_t i = 0; i < f.made.n_tracks; i++) HN_TRY(judge(&f, i, err));
  f.made.n_kept = f.made.n_tracks - f.made.n_drops;
  *filter_out = f.made;
  f.made = (hn_filter){0};
done:
  hn_free(f.require_columns);
  hn_credits_free(&f.credits);
  hn_free(f.artist_region);
  hn_filter_free(&f.made);
  return status;
}

void hn_filter_free(hn_filter *filter) {
  if (!filter) return;
  for (size_t i = 0; i < filter->n_drops; i++) hn_free(filter->drops[i].reason);
  hn_free(filter->drops);
  hn_free(filter->guests);
  hn_free(filter->keep);
  hn_labels_free(&filter->regions);
  *filter = (hn_filter){0};
}

/* The name of what is known of one track's guests. */
static hn_status describe_guests(const filtering *f, size_t i, const char **guests_out,
                                 hn_error *err) {
  hn_status status = HN_OK;
  const hn_track *track = hn_manifest_track(f->manifest, i);
  int32_t own = own_region(f, i), region;
  const char *known = track->n_featured ? "same region" : "none";
  for (size_t g = 0; g < track->n_featured; g++) {
    HN_TRY(guest_region(f, track->featured[g], &region, err));
    if (own == HN_LABEL_MISSING || region == HN_LABEL_MISSING) {
      known = "unknown region";
    } else if (region != own) {
      known = "other region";
      break;
    }
  }
  *guests_out = known;
done:
  return status;
}

hn_status hn_manifest_guests(const hn_manifest *manifest, const char **guests_out, hn_error *err) {
  hn_status status = HN_OK;
  const hn_filter_options options = {.featured = HN_FEATURED_REMOVE_VERSES};
  filtering f = {.manifest = manifest, .options = &options};
  f.made.n_tracks = hn_manifest_n_tracks(manifest);
  HN_TRY(find_regions(&f, err));
  for (size_t i = 0; i < f.made.n_tracks; i++) HN_TRY(describe_guests(&f, i, &guests_out[i], err));
done:
  hn_credits_free(&f.credits);
  hn_free(f.artist_region);
  hn_filter_free(&f.made);
  return status;
}
