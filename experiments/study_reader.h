/* Reading a study from its YAML tree: what its parts share. Internal to study.c, study_models.c and
 * study_reader.c. */
#ifndef HN_EXPERIMENTS_STUDY_READER_H
#define HN_EXPERIMENTS_STUDY_READER_H

#include "experiments/study.h"
#include "experiments/yaml.h"

/* Where reading stands, for messages. */
typedef struct {
  const char *name; /* of the file */
  hn_error *err;
} hn_study_reader;

/* HN_INVALID, "file:line:column: …" of the node, or "file as changed by --set: …" where it has no
 * place. */
hn_status hn_study_fail_at(hn_study_reader *r, const hn_yaml *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* map must be a map with no other keys than those in known ("a|b|c"); where names it. */
hn_status hn_study_check_map(hn_study_reader *r, const hn_yaml *map, const char *where,
                             const char *known);

/* The readers below take the value of a key of map (NULL: an empty map); what they return is the
 * caller's. Errors: HN_INVALID for a value of another shape, HN_NO_MEMORY. */

/* A single value; `fallback` where the key is missing, and untouched where that is NULL. */
hn_status hn_study_read_text(hn_study_reader *r, const hn_yaml *map, const char *key,
                             const char *fallback, char **text_out);
/* A list of texts; one text alone is a list of one. */
hn_status hn_study_read_texts(hn_study_reader *r, const hn_yaml *map, const char *key,
                              hn_texts *out);
/* One of the words of "a|b|c". */
hn_status hn_study_read_choice(hn_study_reader *r, const hn_yaml *map, const char *key,
                               const char *choices, const char *fallback, char **text_out);
/* Set one option; a list becomes "1,2". */
hn_status hn_study_set_option(hn_study_reader *r, hn_options *options, const char *key,
                              const hn_yaml *node);
/* Options of which every key of map (named `where`, may be NULL) sets one. */
hn_status hn_study_read_options(hn_study_reader *r, const hn_yaml *map, const char *where,
                                const hn_option_spec *specs, hn_options **options_out);

/* Parts of a study that study_models.c reads: models first, which the others name. */
hn_status hn_study_read_models(hn_study_reader *r, const hn_yaml *root, hn_study *study);
hn_status hn_study_read_fusion(hn_study_reader *r, const hn_yaml *root, hn_study *study);
hn_status hn_study_read_clusters(hn_study_reader *r, const hn_yaml *root, hn_study *study);
hn_status hn_study_read_importances(hn_study_reader *r, const hn_yaml *root, hn_study *study);

#endif
