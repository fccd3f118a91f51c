#include "nlp/tfidf.h"

#include "base/memory.h"
#include "base/threads.h"
#include "nlp/count.h"
#include "nlp/tfidf_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const hn_option_spec hn_tfidf_options[] = {
    HN_ANALYZER_OPTIONS,
    {"min_df", HN_OPTION_COUNT, "1", 1, INT32_MAX, 0, NULL,
     "leave out terms in fewer documents than this count or fraction"},
    {"max_df", HN_OPTION_COUNT, "1.0", 1, INT32_MAX, 0, NULL,
     "leave out terms in more documents than this count or fraction"},
    {"max_features", HN_OPTION_INT, "none", 1, INT32_MAX, 1, NULL,
     "keep only so many terms, the most frequent ones"},
    {"binary", HN_OPTION_BOOL, "false", 0, 0, 0, NULL, "count a term once a document"},
    {"sublinear_tf", HN_OPTION_BOOL, "false", 0, 0, 0, NULL, "1 + ln(count) instead of the count"},
    {"use_idf", HN_OPTION_BOOL, "true", 0, 0, 0, NULL, "weigh by inverse document frequency"},
    {"smooth_idf", HN_OPTION_BOOL, "true", 0, 0, 0, NULL,
     "as if one more document held every term"},
    {"norm", HN_OPTION_CHOICE, "l2", 0, 0, 0, "l1|l2|none",
     "divide each row by its sum, by its length, or not"},
    {NULL, 0, NULL, 0, 0, 0, NULL, NULL}};

hn_status hn_tfidf_options_count(hn_options *options, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(hn_options_set(options, "use_idf", "false", err));
  HN_TRY(hn_options_set(options, "sublinear_tf", "false", err));
  HN_TRY(hn_options_set(options, "norm", "none", err));
done:
  return status;
}

hn_status hn_term_statistics_init(size_t n, hn_term_statistics *s, hn_error *err) {
  hn_status status = HN_OK;
  s->n = n;
  HN_NEW(s->order, n, err);
  HN_NEW(s->df, n, err);
  HN_NEW(s->total, n, err);
done:
  return status;
}

void hn_term_statistics_free(hn_term_statistics *s) {
  hn_free(s->order);
  hn_free(s->df);
  hn_free(s->total);
}

static int descending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a < b) - (a > b);
}

/* Of the n terms listed, keep the `limit` most frequent ones, in their order. */
static hn_status keep_most_frequent(const double *total, size_t limit, uint32_t *terms, size_t *n,
                                    hn_error *err) {
  hn_status status = HN_OK;
  double *sorted = NULL;
  if (*n <= limit) return HN_OK;
  HN_NEW(sorted, *n, err);
  for (size_t i = 0; i < *n; i++) sorted[i] = total[terms[i]];
  qsort(sorted, *n, sizeof *sorted, descending);
  double threshold = sorted[limit - 1];
  size_t n_above = 0, n_kept = 0;
  while (sorted[n_above] > threshold) n_above++;
  for (size_t i = 0, n_ties = limit - n_above; i < *n; i++) {
    double t = total[terms[i]];
    if (t > threshold || (t == threshold && n_ties > 0)) {
      n_ties -= t == threshold;
      terms[n_kept++] = terms[i];
    }
  }
  *n = n_kept;
done:
  hn_free(sorted);
  return status;
}

/* Shorten s->order to the terms that the options keep. */
hn_status hn_tfidf_model_filter(const hn_options *options, size_t n_documents,
                                hn_term_statistics *s, hn_error *err) {
  hn_status status = HN_OK;
  double low = hn_options_count(options, "min_df", (double)n_documents);
  double high = hn_options_count(options, "max_df", (double)n_documents);
  if (high < low)
    HN_TRY(hn_fail(err, HN_INVALID,
                   "max_df %s means %g of %zu documents, fewer than min_df %s, which means %g",
                   hn_options_text(options, "max_df"), high, n_documents,
                   hn_options_text(options, "min_df"), low));
  size_t n_seen = 0, n = 0;
  for (size_t i = 0; i < s->n; i++) {
    uint32_t df = s->df[s->order[i]];
    n_seen += df > 0;
    if (df > 0 && df >= low && df <= high) s->order[n++] = s->order[i];
  }
  if (n_seen == 0)
    HN_TRY(hn_fail(err, HN_INVALID, "no terms: the %zu documents are empty or hold only stop words",
                   n_documents));
  if (n == 0)
    HN_TRY(hn_fail(err, HN_INVALID,
                   "none of %zu terms stands in %g to %g of %zu documents; lower min_df (%s) or "
                   "raise max_df (%s)",
                   n_seen, low, high, n_documents, hn_options_text(options, "min_df"),
                   hn_options_text(options, "max_df")));
  s->n = n;
done:
  return status;
}

hn_status hn_tfidf_model_limit(const hn_options *options, hn_term_statistics *s, hn_error *err) {
  if (hn_options_is_none(options, "max_features")) return HN_OK;
  if (hn_options_bool(options, "binary"))
    for (size_t i = 0; i < s->n; i++) s->total[s->order[i]] = s->df[s->order[i]];
  return keep_most_frequent(s->total, (size_t)hn_options_int(options, "max_features"), s->order,
                            &s->n, err);
}

/* idf of the selected terms, where the options want it. */
hn_status hn_tfidf_model_learn_idf(hn_tfidf *t, size_t n_documents, const hn_term_statistics *s,
                                   hn_error *err) {
  hn_status status = HN_OK;
  if (!hn_options_bool(t->options, "use_idf")) return HN_OK;
  double smooth = hn_options_bool(t->options, "smooth_idf");
  HN_NEW(t->idf, s->n, err);
  for (size_t i = 0; i < s->n; i++)
    t->idf[i] = 1 + log(((double)n_documents + smooth) / (s->df[s->order[i]] + smooth));
done:
  return status;
}

/* Counts to weights, in place; tf is computed again rather than kept, so that nothing is rounded to
 * float before the end. */
void hn_tfidf_model_weigh(const hn_tfidf *t, hn_csr *x) {
  int is_binary = hn_options_bool(t->options, "binary");
  int is_sublinear = hn_options_bool(t->options, "sublinear_tf");
  int l1 = hn_options_is(t->options, "norm", "l1"), l2 = hn_options_is(t->options, "norm", "l2");
#define WEIGHT(k)                                                                                  \
  ((is_binary      ? 1                                                                             \
    : is_sublinear ? 1 + log((double)x->values[k])                                                 \
                   : (double)x->values[k]) *                                                       \
   (t->idf ? t->idf[x->indices[k]] : 1))
#pragma omp parallel for schedule(static)
  for (size_t i = 0; i < x->n_rows; i++) {
    int64_t begin = x->indptr[i], end = x->indptr[i + 1];
    double sum = 0;
    for (int64_t k = begin; k < end && (l1 || l2); k++) {
      double weight = WEIGHT(k);
      sum += l2 ? weight * weight : fabs(weight);
    }
    double norm = l2 ? sqrt(sum) : sum;
    if (norm == 0) norm = 1;
    for (int64_t k = begin; k < end; k++) x->values[k] = (float)(WEIGHT(k) / norm);
  }
#undef WEIGHT
}

/* Of all counted terms, in code-point order. */
static hn_status measure_counter(hn_counter *counter, hn_term_statistics *s, hn_error *err) {
  hn_status status = HN_OK;
  hn_ngrams *g = hn_counter_ngrams(counter);
  HN_NEW(s->order, g->n, err);
  hn_ngrams_order(g, s->order);
  s->n = g->n;
  s->df = g->df;
  s->total = g->total;
  g->df = NULL;
  g->total = NULL;
done:
  return status;
}

/* Spell the selected terms, a 0 behind each. */
static hn_status spell_terms(hn_tfidf *t, const hn_counter *counter, const hn_term_statistics *s,
                             hn_error *err) {
  hn_status status = HN_OK;
  size_t *ends = NULL, n_bytes = 0;
  HN_NEW(ends, s->n, err);
  for (size_t i = 0; i < s->n; i++) {
    ends[i] = n_bytes + hn_counter_spelled_length(counter, s->order[i]);
    n_bytes = ends[i] + 1;
  }
  char *spelled = hn_buffer_reserve(&t->spelled, n_bytes);
  if (!spelled) HN_TRY(hn_fail_memory(err));
#pragma omp parallel for schedule(static)
  for (size_t i = 0; i < s->n; i++)
    *hn_counter_spell(counter, s->order[i], spelled + (i > 0 ? ends[i - 1] + 1 : 0)) = 0;
  t->spelled.length = n_bytes;
  t->spelled_ends = ends;
  t->n_terms = s->n;
  ends = NULL;
done:
  hn_free(ends);
  return status;
}

/* Take the selected terms over into the model, and the matrix of what was counted. */
static hn_status take_terms(hn_tfidf *t, hn_counter *counter, const hn_term_statistics *s,
                            size_t n_counted, hn_csr *x_out, hn_error *err) {
  hn_status status = HN_OK;
  int32_t *columns = NULL;
  HN_TRY(spell_terms(t, counter, s, err));
  columns = hn_alloc(n_counted, sizeof *columns);
  if (!columns) HN_TRY(hn_fail_memory(err));
  memset(columns, 0xFF, n_counted * sizeof *columns); /* -1 */
  for (size_t i = 0; i < s->n; i++) columns[s->order[i]] = (int32_t)i;
  HN_TRY(hn_ngrams_csr(hn_counter_ngrams(counter), columns, s->n, x_out, err));
done:
  hn_free(columns);
  return status;
}

struct hn_tfidf_fitter {
  hn_options *options;
  hn_analyzer *analyzer;
  hn_counter *counter;
};

hn_status hn_tfidf_fitter_create(const hn_options *options, hn_tfidf_fitter **fitter_out,
                                 hn_error *err) {
  hn_status status = HN_OK;
  hn_tfidf_fitter *made = NULL;
  HN_NEW(made, 1, err);
  HN_TRY(hn_options_copy(options, &made->options, err));
  HN_TRY(hn_analyzer_create(options, &made->analyzer, err));
  HN_TRY(hn_counter_create(made->analyzer, NULL, &made->counter, err));
  *fitter_out = made;
  made = NULL;
done:
  hn_tfidf_fitter_destroy(made);
  return status;
}

void hn_tfidf_fitter_destroy(hn_tfidf_fitter *f) {
  if (!f) return;
  hn_counter_destroy(f->counter);
  hn_analyzer_destroy(f->analyzer);
  hn_options_destroy(f->options);
  hn_free(f);
}

hn_status hn_tfidf_fitter_add(hn_tfidf_fitter *f, const hn_text *documents, size_t n,
                              hn_progress *progress, hn_error *err) {
  return hn_counter_add(f->counter, documents, n, progress, err);
}

/* The model without its index, and the weighted matrix. */
static hn_status learn(const hn_tfidf_fitter *f, hn_tfidf **tfidf_out, hn_csr *x_out,
                       hn_error *err) {
  hn_status status = HN_OK;
  hn_term_statistics statistics = {0};
  hn_tfidf *made = NULL;
  HN_TRY(hn_counter_finish(f->counter, err));
  size_t n = hn_counter_ngrams(f->counter)->n_documents;
  if (n == 0) HN_TRY(hn_fail(err, HN_INVALID, "no documents to learn from"));
  HN_TRY(measure_counter(f->counter, &statistics, err));
  size_t n_counted = statistics.n;
  HN_TRY(hn_tfidf_model_filter(f->options, n, &statistics, err));
  HN_TRY(hn_tfidf_model_limit(f->options, &statistics, err));
  HN_TRY(hn_tfidf_model_create(f->options, &made, err));
  HN_TRY(hn_tfidf_model_learn_idf(made, n, &statistics, err));
  HN_TRY(take_terms(made, f->counter, &statistics, n_counted, x_out, err));
  hn_tfidf_model_weigh(made, x_out);
  *tfidf_out = made;
  made = NULL;
done:
  hn_term_statistics_free(&statistics);
  hn_tfidf_destroy(made);
  return status;
}

hn_status hn_tfidf_fitter_finish(hn_tfidf_fitter *f, int for_transform, hn_tfidf **tfidf_out,
                                 hn_csr *x_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_tfidf *made = NULL;
  hn_csr x = {0};
  HN_TRY(learn(f, &made, &x, err));
  hn_counter_destroy(f->counter);
  f->counter = NULL;
  if (for_transform) HN_TRY(hn_tfidf_model_index(made, err));
  *tfidf_out = made;
  made = NULL;
  if (x_out) {
    *x_out = x;
    x = (hn_csr){0};
  }
done:
  hn_tfidf_destroy(made);
  hn_csr_free(&x);
  return status;
}

hn_status hn_tfidf_fit_transform(const hn_text *documents, size_t n, const hn_options *options,
                                 hn_progress *progress, hn_tfidf **tfidf_out, hn_csr *x_out,
                                 hn_error *err) {
  hn_status status = HN_OK;
  hn_tfidf_fitter *fitter = NULL;
  HN_TRY(hn_tfidf_fitter_create(options, &fitter, err));
  HN_TRY(hn_tfidf_fitter_add(fitter, documents, n, progress, err));
  HN_TRY(hn_tfidf_fitter_finish(fitter, 1, tfidf_out, x_out, err));
done:
  hn_tfidf_fitter_destroy(fitter);
  return status;
}

hn_status hn_tfidf_transform(const hn_tfidf *t, const hn_text *documents, size_t n,
                             hn_progress *progress, hn_csr *x_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_counter *counter = NULL;
  hn_csr x = {0};
  if (t->bag_columns)
    HN_TRY(hn_fail(err, HN_INVALID, "this TF-IDF was learned from bags of words, not from texts"));
  if (!t->analyzer)
    HN_TRY(hn_fail(err, HN_INVALID, "this TF-IDF was not fitted to transform other texts"));
  HN_TRY(hn_counter_create(t->analyzer, &t->vocabulary, &counter, err));
  HN_TRY(hn_counter_add(counter, documents, n, progress, err));
  HN_TRY(hn_counter_finish(counter, err));
  HN_TRY(hn_ngrams_csr(hn_counter_ngrams(counter), t->columns, t->n_terms, &x, err));
  hn_tfidf_model_weigh(t, &x);
  *x_out = x;
done:
  hn_counter_destroy(counter);
  return status;
}
