/* TF-IDF of ready bags of words. */
#include "nlp/tfidf.h"

#include "base/memory.h"
#include "nlp/tfidf_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const char *term;
  uint32_t column;
} bag_term;

static int compare_terms(const void *left, const void *right) {
  return strcmp(((const bag_term *)left)->term, ((const bag_term *)right)->term);
}

static hn_status measure_bags(const hn_csr *counts, const char *const *terms, hn_term_statistics *s,
                              hn_error *err) {
  hn_status status = HN_OK;
  bag_term *sorted = NULL;
  HN_TRY(hn_term_statistics_init(counts->n_cols, s, err));
  HN_NEW(sorted, s->n, err);
  for (size_t i = 0; i < s->n; i++) sorted[i] = (bag_term){terms[i], (uint32_t)i};
  qsort(sorted, s->n, sizeof *sorted, compare_terms);
  for (size_t i = 1; i < s->n; i++)
    if (compare_terms(&sorted[i - 1], &sorted[i]) == 0)
      HN_TRY(hn_fail(err, HN_INVALID,
                     "the term \"%.100s\" names two columns of the bags, %u and %u", sorted[i].term,
                     sorted[i - 1].column, sorted[i].column));
  for (size_t i = 0; i < s->n; i++) s->order[i] = sorted[i].column;
  for (size_t k = 0; k < hn_csr_n_entries(counts); k++) {
    s->df[counts->indices[k]] += counts->values[k] > 0;
    s->total[counts->indices[k]] += counts->values[k];
  }
done:
  hn_free(sorted);
  return status;
}

static hn_status check_counts(const hn_csr *counts, hn_error *err) {
  for (size_t i = 0; i < counts->n_rows; i++)
    for (int64_t k = counts->indptr[i]; k < counts->indptr[i + 1]; k++)
      if (!(counts->values[k] >= 0 && isfinite(counts->values[k])))
        return hn_fail(err, HN_INVALID, "bag %zu counts column %d %g times; expected 0 or more", i,
                       counts->indices[k], (double)counts->values[k]);
  return HN_OK;
}

hn_status hn_tfidf_fit_transform_counts(const hn_csr *counts, const char *const *terms,
                                        const hn_options *options, hn_tfidf **tfidf_out,
                                        hn_csr *x_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_term_statistics statistics = {0};
  hn_tfidf *made = NULL;
  if (counts->n_rows == 0) HN_TRY(hn_fail(err, HN_INVALID, "no documents to learn from"));
  if (strcmp(hn_options_text(options, "ngram"), "1,1") != 0 ||
      !hn_options_is(options, "analyzer", "word"))
    HN_TRY(hn_fail(err, HN_INVALID,
                   "ngram %s of %s: a bag of words has no order; only single words can be taken "
                   "from it (ngram 1,1)",
                   hn_options_text(options, "ngram"), hn_options_text(options, "analyzer")));
  if (!hn_options_is_none(options, "stem"))
    HN_TRY(hn_fail(err, HN_INVALID,
                   "stem %s: the terms of a bag of words are taken as they are; leave stem out",
                   hn_options_text(options, "stem")));
  HN_TRY(check_counts(counts, err));
  HN_TRY(measure_bags(counts, terms, &statistics, err));
  HN_TRY(hn_tfidf_model_filter(options, counts->n_rows, &statistics, err));
  HN_TRY(hn_tfidf_model_limit(options, &statistics, err));
  HN_TRY(hn_tfidf_model_create(options, &made, err));
  HN_TRY(hn_tfidf_model_learn_idf(made, counts->n_rows, &statistics, err));
  HN_NEW(made->spelled_ends, statistics.n, err);
  HN_NEW(made->bag_columns, statistics.n, err);
  made->n_bag_columns = counts->n_cols;
  for (size_t i = 0; i < statistics.n; i++) {
    const char *term = terms[statistics.order[i]];
    HN_TRY(hn_tfidf_model_add_term(made, term, strlen(term), err));
    made->bag_columns[i] = (int32_t)statistics.order[i];
  }
  if (x_out) HN_TRY(hn_tfidf_transform_counts(made, counts, x_out, err));
  *tfidf_out = made;
  made = NULL;
done:
  hn_term_statistics_free(&statistics);
  hn_tfidf_destroy(made);
  return status;
}

/* Bring the columns of every row of x, now those of the bag, into the model's order. Column by
 * column over the transposed matrix, so that they come out ascending. */
static hn_status permute(const hn_tfidf *t, const hn_csr *counts, hn_csr *x_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_csr x = {0};
  int64_t *starts = NULL, *next = NULL;
  int32_t *rows = NULL;
  float *values = NULL;
  size_t n_entries = hn_csr_n_entries(counts);
  HN_NEW(starts, counts->n_cols + 2, err);
  HN_NEW(rows, n_entries, err);
  HN_NEW(values, n_entries, err);
  HN_NEW(next, counts->n_rows + 1, err);
  HN_TRY(hn_csr_init(&x, counts->n_rows, t->n_terms, n_entries, err));
  for (size_t k = 0; k < n_entries; k++) starts[counts->indices[k] + 2]++;
  for (size_t j = 2; j < counts->n_cols + 2; j++) starts[j] += starts[j - 1];
  for (size_t i = 0; i < counts->n_rows; i++)
    for (int64_t k = counts->indptr[i]; k < counts->indptr[i + 1]; k++) {
      int64_t to = starts[counts->indices[k] + 1]++;
      rows[to] = (int32_t)i;
      values[to] = counts->values[k];
    }
  for (size_t j = 0; j < t->n_terms; j++)
    for (int64_t k = starts[t->bag_columns[j]]; k < starts[t->bag_columns[j] + 1]; k++)
      x.indptr[rows[k] + 1] += values[k] > 0;
  for (size_t i = 0; i < counts->n_rows; i++) x.indptr[i + 1] += x.indptr[i];
  memcpy(next, x.indptr, counts->n_rows * sizeof *next);
  for (size_t j = 0; j < t->n_terms; j++)
    for (int64_t k = starts[t->bag_columns[j]]; k < starts[t->bag_columns[j] + 1]; k++)
      if (values[k] > 0) {
        int64_t to = next[rows[k]]++;
        x.indices[to] = (int32_t)j;
        x.values[to] = values[k];
      }
  *x_out = x;
  x = (hn_csr){0};
done:
  hn_free(starts);
  hn_free(next);
  hn_free(rows);
  hn_free(values);
  hn_csr_free(&x);
  return status;
}

hn_status hn_tfidf_transform_counts(const hn_tfidf *t, const hn_csr *counts, hn_csr *x_out,
                                    hn_error *err) {
  hn_status status = HN_OK;
  hn_csr x = {0};
  if (!t->bag_columns)
    HN_TRY(hn_fail(err, HN_INVALID, "this TF-IDF was learned from texts, not from bags of words"));
  if (counts->n_cols != t->n_bag_columns)
    HN_TRY(hn_fail(err, HN_INVALID, "the bags have %zu columns; the TF-IDF was learned from %zu",
                   counts->n_cols, t->n_bag_columns));
  HN_TRY(check_counts(counts, err));
  HN_TRY(permute(t, counts, &x, err));
  hn_tfidf_model_weigh(t, &x);
  *x_out = x;
done:
  return status;
}
