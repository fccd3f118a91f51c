#include "experiments/telling.h"

#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What one lyrics model's terms are counted into. N songs, D terms, K classes. */
typedef struct {
  const hn_songs *songs;
  hn_tfidf *tfidf;
  hn_song_features x; /* (N, D) 1 where a song holds a term */
  size_t *chosen;     /* (N) song of each row */
  size_t n, n_terms, n_classes;
  double *holds; /* (D, K) songs of the class that hold the term */
  double *all;   /* (D) */
  size_t *n_of;  /* (K) songs */
  size_t n_artists;
  uint8_t *seen; /* (n_artists) scratch of count_artists */
} counts;

static void free_counts(counts *c) {
  hn_tfidf_destroy(c->tfidf);
  hn_song_features_free(&c->x);
  hn_free(c->chosen);
  hn_free(c->holds);
  hn_free(c->all);
  hn_free(c->n_of);
  hn_free(c->seen);
}

double hn_telling_z(double y, double n, double y_rest, double n_rest) {
  double prior = y + y_rest, priors = n + n_rest;
  double mine = y + prior, theirs = y_rest + prior;
  double d = log(mine / (n + priors - mine)) - log(theirs / (n_rest + priors - theirs));
  return d / sqrt(1 / mine + 1 / theirs);
}

/* The terms of the model's features, each counted once a song. */
static hn_status vectorize(const hn_model_data *data, counts *c, hn_error *err) {
  hn_status status = HN_OK;
  hn_study_model model = *data->model;
  hn_model_data view = *data;
  model.features = NULL;
  HN_TRY(hn_options_copy(data->model->features, &model.features, err));
  HN_TRY(hn_tfidf_options_count(model.features, err));
  HN_TRY(hn_options_set(model.features, "binary", "true", err));
  view.model = &model;
  status = hn_model_data_fit(&view, c->chosen, c->n, &c->tfidf, &c->x, err);
done:
  hn_options_destroy(model.features);
  return status;
}

static hn_status count(const hn_songs *songs, const hn_model_data *data, counts *c, hn_error *err) {
  hn_status status = HN_OK;
  c->songs = songs;
  c->n_classes = songs->labels.n_classes;
  HN_NEW(c->chosen, songs->n, err);
  HN_NEW(c->n_of, c->n_classes, err);
  for (size_t i = 0; i < songs->n; i++) {
    if ((size_t)songs->artists[i] >= c->n_artists) c->n_artists = (size_t)songs->artists[i] + 1;
    if (songs->labels.values[i] == HN_LABEL_MISSING || !data->has[i]) continue;
    c->chosen[c->n++] = i;
    c->n_of[songs->labels.values[i]]++;
  }
  HN_NEW(c->seen, c->n_artists, err);
  if (c->n == 0) goto done;
  HN_TRY(vectorize(data, c, err));
  const hn_csr *x = &c->x.x.as.csr;
  c->n_terms = x->n_cols;
  HN_NEW(c->holds, c->n_terms * c->n_classes, err);
  HN_NEW(c->all, c->n_terms, err);
  for (size_t i = 0; i < c->n; i++)
    for (int64_t e = x->indptr[i]; e < x->indptr[i + 1]; e++) {
      size_t term = (size_t)x->indices[e];
      c->holds[term * c->n_classes + (size_t)songs->labels.values[c->chosen[i]]]++;
      c->all[term]++;
    }
done:
  return status;
}

typedef struct {
  size_t term;
  double z;
} scored;

static int by_z(const void *a, const void *b) {
  const scored *x = a, *y = b;
  if (x->z != y->z) return x->z > y->z ? -1 : 1;
  return x->term < y->term ? -1 : x->term > y->term;
}

static int holds_term(const hn_csr *x, size_t row, size_t term) {
  for (int64_t e = x->indptr[row]; e < x->indptr[row + 1]; e++)
    if ((size_t)x->indices[e] == term) return 1;
  return 0;
}

/* Lead artists of class k with a song that holds the term. */
static size_t count_artists(const counts *c, size_t term, size_t k) {
  size_t n = 0;
  memset(c->seen, 0, c->n_artists);
  for (size_t i = 0; i < c->n; i++) {
    uint8_t *seen = &c->seen[c->songs->artists[c->chosen[i]]];
    if ((size_t)c->songs->labels.values[c->chosen[i]] != k || *seen) continue;
    *seen = (uint8_t)holds_term(&c->x.x.as.csr, i, term);
    n += *seen;
  }
  return n;
}

/* NULL: out of memory. */
static json_t *describe_word(const counts *c, const scored *word, size_t k) {
  size_t length, n_rest = c->n - c->n_of[k];
  const char *term = hn_tfidf_term(c->tfidf, word->term, &length);
  double holds = c->holds[word->term * c->n_classes + k];
  return json_pack("{s:s%, s:f, s:f, s:f, s:I}", "term", term, length, "z", word->z, "in_class",
                   holds / (double)c->n_of[k], "in_rest",
                   (c->all[word->term] - holds) / (double)n_rest, "artists",
                   (json_int_t)count_artists(c, word->term, k));
}

static hn_status add_class(const counts *c, size_t k, scored *words, json_t *classes,
                           hn_error *err) {
  hn_status status = HN_OK;
  double n = 0, n_all = 0;
  size_t n_words = 0;
  json_t *list = json_array();
  for (size_t t = 0; t < c->n_terms; t++) {
    n += c->holds[t * c->n_classes + k];
    n_all += c->all[t];
  }
  for (size_t t = 0; n > 0 && n < n_all && t < c->n_terms; t++) {
    double y = c->holds[t * c->n_classes + k];
    double z = hn_telling_z(y, n, c->all[t] - y, n_all - n);
    if (z > 0) words[n_words++] = (scored){t, z};
  }
  qsort(words, n_words, sizeof *words, by_z);
  for (size_t w = 0; w < n_words && w < HN_TELLING_WORDS; w++)
    HN_TRY(hn_json_append(list, describe_word(c, &words[w], k), err));
  status = hn_json_append(classes,
                          json_pack("{s:s, s:I, s:O}", "class", c->songs->labels.classes[k],
                                    "songs", (json_int_t)c->n_of[k], "words", list),
                          err);
done:
  json_decref(list);
  return status;
}

static hn_status add_model(const hn_songs *songs, const hn_model_data *data, json_t *models,
                           hn_error *err) {
  hn_status status = HN_OK;
  counts c = {0};
  scored *words = NULL;
  json_t *classes = json_array();
  HN_TRY(count(songs, data, &c, err));
  HN_NEW(words, c.n_terms, err);
  for (size_t k = 0; k < c.n_classes; k++) HN_TRY(add_class(&c, k, words, classes, err));
  status = hn_json_append(models,
                          json_pack("{s:s, s:I, s:O}", "model", data->model->name, "songs",
                                    (json_int_t)c.n, "classes", classes),
                          err);
done:
  json_decref(classes);
  hn_free(words);
  free_counts(&c);
  return status;
}

static int same_options(const hn_options *a, const hn_options *b) {
  for (const hn_option_spec *spec = hn_options_specs(a); spec->name; spec++)
    if (strcmp(hn_options_text(a, spec->name), hn_options_text(b, spec->name)) != 0) return 0;
  return 1;
}

/* Has an earlier model of the study the same features? */
static int is_repeated(const hn_study *study, size_t m) {
  for (size_t i = 0; i < m; i++)
    if (study->models[i].modality == HN_MODALITY_LYRICS &&
        same_options(study->models[i].features, study->models[m].features))
      return 1;
  return 0;
}

hn_status hn_telling_add(const hn_study *study, const hn_songs *songs, const hn_model_data *data,
                         json_t *metrics, hn_error *err) {
  hn_status status = HN_OK;
  json_t *models = json_array();
  for (size_t m = 0; m < study->n_models; m++)
    if (study->models[m].modality == HN_MODALITY_LYRICS && !is_repeated(study, m))
      HN_TRY(add_model(songs, &data[m], models, err));
  if (json_array_size(models))
    status = hn_json_set(metrics, "telling_words", json_incref(models), err);
done:
  json_decref(models);
  return status;
}
