#include "corpora/credits.h"

#include "base/labels.h"
#include "base/memory.h"
#include "corpora/names.h"

#include <stdlib.h>
#include <string.h>

/* The folded names of every track in a row: the lead (NULL where missing), then the guests. */
static hn_status fold_names(const hn_manifest *manifest, char **folded, hn_error *err) {
  hn_status status = HN_OK;
  for (size_t i = 0; i < hn_manifest_n_tracks(manifest); i++) {
    const hn_track *track = hn_manifest_track(manifest, i);
    if (track->artist) HN_TRY(hn_name_fold(track->artist, folded, err));
    folded++;
    for (size_t g = 0; g < track->n_featured; g++)
      HN_TRY(hn_name_fold(track->featured[g], folded++, err));
  }
done:
  return status;
}

static int compare_numbers(const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

/* Sort n numbers and leave each once, missing ones not at all; how many remain. */
static size_t unique_numbers(int32_t *numbers, size_t n) {
  size_t kept = 0;
  qsort(numbers, n, sizeof *numbers, compare_numbers);
  for (size_t i = 0; i < n; i++)
    if (numbers[i] != HN_LABEL_MISSING && (kept == 0 || numbers[i] != numbers[kept - 1]))
      numbers[kept++] = numbers[i];
  return kept;
}

/* Turn the numbers of all names, in fold_names' order, into groups and lists. */
static void fill(const hn_manifest *manifest, int32_t *numbers, hn_credits *made) {
  size_t n_artists = 0;
  made->n_groups = made->n_artists;
  for (size_t i = 0; i < made->n_tracks; i++) {
    size_t n = 1 + hn_manifest_track(manifest, i)->n_featured;
    made->groups[i] = numbers[0] != HN_LABEL_MISSING ? numbers[0] : (int32_t)made->n_groups++;
    size_t n_unique = unique_numbers(numbers, n);
    memcpy(made->artists + n_artists, numbers, n_unique * sizeof *numbers);
    n_artists += n_unique;
    made->starts[i + 1] = n_artists;
    numbers += n;
  }
}

hn_status hn_manifest_credits(const hn_manifest *manifest, hn_credits *credits_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_credits made = {.n_tracks = hn_manifest_n_tracks(manifest)};
  hn_labels labels = {0};
  char **folded = NULL;
  size_t n_names = 0;
  for (size_t i = 0; i < made.n_tracks; i++)
    n_names += 1 + hn_manifest_track(manifest, i)->n_featured;

  HN_NEW(folded, n_names, err);
  HN_TRY(fold_names(manifest, folded, err));
  HN_TRY(hn_labels_encode((const char *const *)folded, n_names, &labels, err));
  HN_NEW(made.groups, made.n_tracks, err);
  HN_NEW(made.starts, made.n_tracks + 1, err);
  HN_NEW(made.artists, n_names, err);
  made.names = labels.classes;
  made.n_artists = labels.n_classes;
  labels.classes = NULL;
  fill(manifest, labels.values, &made);
  *credits_out = made;
  made = (hn_credits){0};
done:
  for (size_t i = 0; folded && i < n_names; i++) hn_free(folded[i]);
  hn_free(folded);
  hn_labels_free(&labels);
  hn_credits_free(&made);
  return status;
}

void hn_credits_free(hn_credits *credits) {
  if (!credits) return;
  for (size_t i = 0; credits->names && i < credits->n_artists; i++) hn_free(credits->names[i]);
  hn_free(credits->names);
  hn_free(credits->groups);
  hn_free(credits->starts);
  hn_free(credits->artists);
  *credits = (hn_credits){0};
}
