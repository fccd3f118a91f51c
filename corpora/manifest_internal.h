/* The inside of a manifest, shared by manifest.c (reading, access) and manifest_check.c. */
#ifndef HN_CORPORA_MANIFEST_INTERNAL_H
#define HN_CORPORA_MANIFEST_INTERNAL_H

#include "base/buffer.h"
#include "base/table.h"
#include "corpora/featured.h"
#include "corpora/manifest.h"

#define NO_COLUMN ((size_t)-1)

typedef struct {
  const char *id;
  size_t index;
} id_entry;

struct hn_manifest {
  char *path, *folder;
  hn_table *table;
  size_t n_columns, n_tracks, n_skipped;
  const char **cells; /* (n_tracks, n_columns), NULL where missing */
  hn_track *tracks;
  hn_guests *guests; /* (n_tracks) */
  id_entry *by_id;   /* (n_tracks), ascending */
  hn_manifest_problem *problems;
  size_t n_problems, problems_capacity;
  char **owned; /* texts that the table does not hold */
  size_t n_owned, owned_capacity;
};

/* Take over a text (NULL: out of memory), to be freed with the manifest. */
hn_status hn_manifest_own(hn_manifest *manifest, char *text, hn_error *err);
/* by_id over the tracks that have an id; how many they are. */
hn_status hn_manifest_sort_ids(hn_manifest *manifest, size_t *n_out, hn_error *err);

/* List what is wrong with the rows and cells, set the checked fields of each track, make wrong
 * cells missing; drop_out[i] (tracks) is set where a track cannot stay. */
hn_status hn_manifest_check(hn_manifest *manifest, unsigned char *drop_out, hn_error *err);
/* HN_FORMAT with the first problems and their number. */
hn_status hn_manifest_refuse(const hn_manifest *manifest, hn_error *err);

#endif
