#include "eval/split.h"

#include "base/memory.h"
#include "base/random.h"
#include "eval/compact.h"
#include "eval/partition.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

const hn_option_spec hn_split_options[] = {
    {"method", HN_OPTION_CHOICE, "artist-disjoint", 0, 0, 0, "random|artist-disjoint|column|time",
     "how tracks are dealt into folds"},
    {"folds", HN_OPTION_INT, "5", 2, 1000, 0, NULL, "number of folds"},
    {"shuffle", HN_OPTION_BOOL, "true", 0, 0, 0, NULL,
     "deal in random order, not in that of the manifest"},
    {"column", HN_OPTION_TEXT, "none", 0, 0, 1, NULL, "the column whose values are the folds"},
    {0}};

/* First appearance of each class (N where it has none) and the number of its tracks. */
typedef struct {
  size_t first, count;
  size_t index;
} class_rows;

static int compare_first(const void *a, const void *b) {
  const class_rows *x = a, *y = b;
  return (x->first > y->first) - (x->first < y->first);
}

static hn_status count_classes(const hn_split_input *in, class_rows **rows_out, hn_error *err) {
  hn_status status = HN_OK;
  class_rows *rows = NULL;
  HN_NEW(rows, in->n_classes, err);
  for (size_t k = 0; k < in->n_classes; k++) rows[k] = (class_rows){in->n_rows, 0, k};
  for (size_t i = 0; i < in->n_rows; i++) {
    if (in->labels[i] < 0) continue;
    assert((size_t)in->labels[i] < in->n_classes);
    class_rows *r = &rows[in->labels[i]];
    if (r->count++ == 0) r->first = i;
  }
  *rows_out = rows;
done:
  return status;
}

static hn_status check_class_sizes(const hn_split_input *in, const class_rows *rows, size_t n_folds,
                                   hn_error *err) {
  for (size_t k = 0; k < in->n_classes; k++)
    if (rows[k].count > 0 && rows[k].count < n_folds)
      return hn_fail(err, HN_INVALID,
                     "class \"%.80s\" has %zu %s, fewer than the %zu folds: lower split.folds, or "
                     "leave the class out",
                     in->classes[k], rows[k].count, rows[k].count == 1 ? "track" : "tracks",
                     n_folds);
  return HN_OK;
}

/* Each class, in the order of first appearance, continues the round robin over the folds where the
 * one before it stopped: that decides how many tracks of it each fold gets, the shuffle which. */
static hn_status deal_random(const hn_split_input *in, class_rows *rows, size_t n_folds,
                             int shuffle, uint64_t seed, int32_t *folds, hn_error *err) {
  hn_status status = HN_OK;
  size_t *dealt = NULL, start = 0;
  HN_NEW(dealt, in->n_rows, err);
  HN_TRY(check_class_sizes(in, rows, n_folds, err));
  qsort(rows, in->n_classes, sizeof *rows, compare_first);
  for (size_t c = 0; c < in->n_classes; c++) {
    size_t n = 0, at = 0;
    for (size_t f = 0; f < n_folds; f++) {
      size_t skip = (f + n_folds - start % n_folds) % n_folds;
      for (size_t j = skip; j < rows[c].count; j += n_folds) dealt[n++] = f;
    }
    if (shuffle) {
      hn_rng rng;
      hn_rng_init(&rng, seed, "split.class", rows[c].index);
      hn_rng_shuffle(&rng, dealt, n);
    }
    for (size_t i = rows[c].first; i < in->n_rows; i++)
      if (in->labels[i] == (int32_t)rows[c].index) folds[i] = (int32_t)dealt[at++];
    start += rows[c].count;
  }
done:
  hn_free(dealt);
  return status;
}

/* Every class must have two artists at least, or no fold could both train and test it. */
static hn_status check_artists(const hn_split_input *in, const class_rows *rows, size_t n_folds,
                               hn_error *err) {
  hn_status status = HN_OK;
  int32_t *artists = NULL;
  size_t n_artists, n_nameless = 0, first_nameless = 0;

  HN_NEW(artists, in->n_rows, err);
  for (size_t i = 0; i < in->n_rows; i++) {
    artists[i] = in->labels[i] < 0 ? -1 : in->groups[i];
    if (in->labels[i] >= 0 && in->groups[i] < 0 && n_nameless++ == 0) first_nameless = i;
  }
  if (n_nameless) {
    status = hn_fail(err, HN_INVALID,
                     "%zu labelled tracks have no artist (the first is track %zu): an "
                     "artist-disjoint split needs one on each; fill the column, or set "
                     "split.method to random",
                     n_nameless, first_nameless + 1);
    goto done;
  }
  HN_TRY(hn_compact(artists, in->n_rows, artists, &n_artists, err));
  if (n_artists < n_folds) {
    status = hn_fail(err, HN_INVALID,
                     "%zu folds need as many artists, and the labelled tracks have %zu: lower "
                     "split.folds, or set split.method to random",
                     n_folds, n_artists);
    goto done;
  }
  for (size_t k = 0; k < in->n_classes; k++) {
    size_t n_others = 0;
    for (size_t i = rows[k].first; i < in->n_rows; i++)
      n_others += in->labels[i] == (int32_t)k && in->groups[i] != in->groups[rows[k].first];
    if (rows[k].count > 0 && n_others == 0) {
      status = hn_fail(err, HN_INVALID,
                       "all %zu tracks of class \"%.80s\" are by one artist, so no artist-disjoint "
                       "fold can both train and test it: leave the class out, or set split.method "
                       "to random",
                       rows[k].count, in->classes[k]);
      goto done;
    }
  }
done:
  hn_free(artists);
  return status;
}

static hn_status deal_artists(const hn_split_input *in, const class_rows *rows, size_t n_folds,
                              int shuffle, uint64_t seed, int32_t *folds, hn_error *err) {
  hn_status status = HN_OK;
  double *weights = NULL;
  hn_rng rng;
  HN_TRY(check_artists(in, rows, n_folds, err));
  HN_TRY(check_class_sizes(in, rows, n_folds, err));
  HN_NEW(weights, n_folds, err);
  for (size_t f = 0; f < n_folds; f++) weights[f] = 1;
  hn_rng_init(&rng, seed, "split.artists", 0);
  HN_TRY(hn_partition_groups(in->labels, in->groups, in->n_rows, weights, n_folds, shuffle, &rng,
                             folds, err));
done:
  hn_free(weights);
  return status;
}

static hn_status deal_column(const hn_split_input *in, int32_t *folds, size_t *n_folds,
                             hn_error *err) {
  for (size_t i = 0; i < in->n_rows; i++) folds[i] = in->labels[i] < 0 ? -1 : in->values[i];
  hn_status status = hn_compact(folds, in->n_rows, folds, n_folds, err);
  if (status == HN_OK && *n_folds < 2)
    status = hn_fail(err, HN_INVALID,
                     "the split's column has %zu values among the labelled tracks: at least 2 are "
                     "needed",
                     *n_folds);
  return status;
}

static int compare_years(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* starts (F + 1): the first year of each block of the n sorted years. A block ends at the year
 * that comes nearest to its share; each block keeps one year at least. */
static void cut_years(const double *years, size_t n, size_t n_distinct, size_t n_blocks,
                      double *starts) {
  size_t block = 0, years_left = n_distinct;
  starts[0] = years[0];
  for (size_t i = 0, end; i < n; i = end, years_left--) {
    for (end = i; end < n && years[end] == years[i];) end++;
    if (years[i] == starts[block] || block + 1 == n_blocks) continue;
    double target = (double)((block + 1) * n) / (double)n_blocks;
    if ((double)(i + end) / 2 >= target || years_left == n_blocks - block - 1)
      starts[++block] = years[i];
  }
}

static hn_status deal_time(const hn_split_input *in, size_t n_folds, int32_t *folds,
                           hn_error *err) {
  hn_status status = HN_OK;
  double *years = NULL, *starts = NULL;
  size_t n = 0, n_distinct = 0;

  HN_NEW(years, in->n_rows, err);
  HN_NEW(starts, n_folds + 1, err);
  for (size_t i = 0; i < in->n_rows; i++)
    if (in->labels[i] >= 0 && !isnan(in->years[i])) years[n++] = in->years[i];
  qsort(years, n, sizeof *years, compare_years);
  for (size_t i = 0; i < n; i++) n_distinct += i == 0 || years[i] != years[i - 1];
  if (n_distinct < n_folds + 1) {
    status = hn_fail(err, HN_INVALID,
                     "%zu folds by time need %zu different years (the earliest tracks are only "
                     "trained on), and the labelled tracks have %zu: lower split.folds",
                     n_folds, n_folds + 1, n_distinct);
    goto done;
  }
  cut_years(years, n, n_distinct, n_folds + 1, starts);
  for (size_t i = 0; i < in->n_rows; i++) {
    folds[i] = HN_FOLD_NONE;
    if (in->labels[i] < 0 || isnan(in->years[i])) continue;
    size_t block = 0;
    while (block < n_folds && in->years[i] >= starts[block + 1]) block++;
    folds[i] = block == 0 ? HN_FOLD_TRAIN_ONLY : (int32_t)block - 1;
  }
done:
  hn_free(years);
  hn_free(starts);
  return status;
}

hn_status hn_split_make(const hn_split_input *in, const hn_options *options, uint64_t seed,
                        hn_split *split_out, hn_error *err) {
  hn_status status = HN_OK;
  class_rows *rows = NULL;
  hn_split made = {.n_rows = in->n_rows, .n_folds = (size_t)hn_options_int(options, "folds")};
  int shuffle = hn_options_bool(options, "shuffle");

  HN_NEW(made.folds, in->n_rows, err);
  HN_TRY(count_classes(in, &rows, err));
  for (size_t i = 0; i < in->n_rows; i++) {
    made.folds[i] = HN_FOLD_NONE;
    made.n_unlabelled += in->labels[i] < 0;
  }
  if (made.n_unlabelled == in->n_rows) {
    status = hn_fail(err, HN_INVALID, "none of the %zu tracks has a label: nothing to split",
                     in->n_rows);
    goto done;
  }
  if (hn_options_is(options, "method", "random"))
    HN_TRY(deal_random(in, rows, made.n_folds, shuffle, seed, made.folds, err));
  else if (hn_options_is(options, "method", "artist-disjoint"))
    HN_TRY(deal_artists(in, rows, made.n_folds, shuffle, seed, made.folds, err));
  else if (hn_options_is(options, "method", "column"))
    HN_TRY(deal_column(in, made.folds, &made.n_folds, err));
  else
    HN_TRY(deal_time(in, made.n_folds, made.folds, err));

  made.expanding = hn_options_is(options, "method", "time");
  for (size_t i = 0; i < in->n_rows; i++)
    made.n_unplaced += in->labels[i] >= 0 && made.folds[i] == HN_FOLD_NONE;
  *split_out = made;
  made = (hn_split){0};
done:
  hn_free(rows);
  hn_split_free(&made);
  return status;
}

void hn_split_free(hn_split *split) {
  if (!split) return;
  hn_free(split->folds);
  *split = (hn_split){0};
}
