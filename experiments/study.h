/* A study: what one YAML file says, checked and with every default filled in.
 *
 *   name: regions
 *   seed: 7
 *   corpus: {manifest: songs/manifest.csv}   # or {simulated: {seed: 1}}; bow: bags.txt.gz
 *   target: region
 *   filters: {drop_kinds: [skit], featured: keep, compare_featured: [lead-only]}
 *   split: {method: artist-disjoint, folds: 5}
 *   models:
 *     lyrics: {features: tfidf, ngram: [1, 2], classifier: forest, n_estimators: 500}
 *     audio:  {features: mel, clip: [30, 75], classifier: cnn, epochs: 30, cnn: {window: 216}}
 *     timbre: {features: mfcc_statistics, clip: [30, 75], classifier: forest}
 *   fusion: {of: [lyrics, audio], methods: [mean, stacking], headline: stacking}
 *   slices: {era: {column: year, edges: [1990, 2000, 2010]}, region: {column: region}}
 *   clusters: {of: [lyrics, audio, fused], method: kmeans, k: 4, compare: [region, artist]}
 *   importances: {n_repeats: 5, groups: {rhythm: [tempo, swing]}}   # permutation, on tested songs
 *
 * An option that both the features and the classifier of a model have is written in a map of
 * its owner's name, as cnn above. */
#ifndef HN_EXPERIMENTS_STUDY_H
#define HN_EXPERIMENTS_STUDY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/options.h"
#include "learn/registry.h"
#include "vision/descriptors.h"

/* What a model sees of a song. */
typedef enum {
  HN_MODALITY_LYRICS,
  HN_MODALITY_AUDIO,
  HN_MODALITY_TABLE,
  HN_MODALITY_STYLE /* of the lyrics, see nlp/style.h */
} hn_modality;

/* A list of texts; owns them. */
typedef struct {
  char **items;
  size_t n;
} hn_texts;

typedef struct {
  char *name;
  char *kind; /* of features: tfidf, columns, style; mel or another of vision/descriptors.h, or that
                 with _statistics behind: the mean and deviation of its rows instead of pictures */
  hn_modality modality;
  const hn_descriptor_kind *descriptor; /* of audio, else NULL */
  int is_statistics;
  hn_options *features; /* tfidf's or the descriptor's; NULL for columns and style */
  hn_texts columns;     /* the numeric columns of columns, of style and of statistics */
  const hn_classifier_kind *classifier;
  hn_options *options; /* the classifier's */
} hn_study_model;

/* Keep only the songs whose column has one of these values. */
typedef struct {
  char *column;
  hn_texts values;
} hn_study_where;

typedef struct {
  char *name, *column;
  double *edges; /* ascending; none: every value is a slice of its own */
  size_t n_edges;
} hn_study_slice;

/* Columns that are permuted together. */
typedef struct {
  char *name;
  hn_texts columns;
} hn_study_group;

typedef struct {
  char *name;
  uint64_t seed;  /* below 2^63 */
  char *manifest; /* path; NULL for a simulated corpus */
  char *bow;      /* path of a bag-of-words file, or NULL */
  int is_simulated;
  hn_options *simulated;
  hn_texts missing; /* words that mean "missing"; empty: the defaults */
  int skip_errors;  /* on_error: skip */
  char *target;
  hn_texts drop_kinds;
  char *featured;            /* see hn_featured_policy in corpora/filter.h */
  hn_texts compare_featured; /* other such policies, see experiments/guest_policies.h */
  hn_texts require;
  hn_study_where *where;
  size_t n_where;
  hn_texts languages; /* of filters.language, see hn_language_find; empty: any */
  hn_options *clean;  /* a switch for each cleaning rule */
  hn_options *split;  /* see eval/split.h */
  hn_study_model *models;
  size_t n_models;
  hn_texts fusion_of, fusion_methods;
  char *fusion_headline;
  double validation_fraction; /* share of the training songs that fusion learns from */
  hn_study_slice *slices;
  size_t n_slices;
  hn_texts cluster_of, cluster_compare;
  hn_options *clusters;    /* see eval/kmeans.h */
  hn_options *importances; /* see learn/permutation.h; NULL: not asked for */
  hn_study_group *groups;
  size_t n_groups;
} hn_study;

/* Read a study. sets are "KEY=VALUE" texts (--set), applied in order. Errors: HN_IO, HN_FORMAT,
 * HN_INVALID as "file:line:column: …", naming what was found and what is allowed. */
hn_status hn_study_read(const char *path, const char *const *sets, size_t n_sets,
                        hn_study **study_out, hn_error *err);
/* The same from memory. */
hn_status hn_study_parse(const char *name, const char *text, size_t n, const char *const *sets,
                         size_t n_sets, hn_study **study_out, hn_error *err);
void hn_study_destroy(hn_study *study);
/* The resolved study, every default written out; parses back to the same study. */
hn_status hn_study_write(const hn_study *study, hn_buffer *out, hn_error *err);

/* Are models fused? Then a part of each fold's training songs is held out for it. */
int hn_study_fuses(const hn_study *study);
/* Does any model see songs in this way? */
int hn_study_has_modality(const hn_study *study, hn_modality modality);
/* Does any model see lyrics, as words or as style? */
int hn_study_reads_lyrics(const hn_study *study);
const hn_study_model *hn_study_find_model(const hn_study *study, const char *name);
/* Has the model every column of the group? */
int hn_study_group_fits(const hn_study_group *group, const hn_study_model *model);
/* Does the model see pictures of songs? */
int hn_study_sees_pictures(const hn_study_model *model);
/* "lyrics", "audio", "table", "style" */
const char *hn_modality_name(hn_modality modality);

#endif
