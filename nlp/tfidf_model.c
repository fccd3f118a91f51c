#include "nlp/tfidf_model.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

hn_status hn_tfidf_model_create(const hn_options *options, hn_tfidf **model_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_tfidf *made = NULL;
  HN_NEW(made, 1, err);
  HN_TRY(hn_options_copy(options, &made->options, err));
  *model_out = made;
  made = NULL;
done:
  hn_tfidf_destroy(made);
  return status;
}

void hn_tfidf_destroy(hn_tfidf *t) {
  if (!t) return;
  hn_options_destroy(t->options);
  hn_buffer_free(&t->spelled);
  hn_free(t->spelled_ends);
  hn_free(t->idf);
  hn_analyzer_destroy(t->analyzer);
  hn_vocabulary_free(&t->vocabulary);
  hn_free(t->columns);
  hn_free(t->bag_columns);
  hn_free(t);
}

hn_status hn_tfidf_model_add_term(hn_tfidf *t, const char *term, size_t n, hn_error *err) {
  hn_buffer_append(&t->spelled, term, n);
  hn_buffer_byte(&t->spelled, 0);
  hn_status status = hn_buffer_status(&t->spelled, err);
  if (status == HN_OK) t->spelled_ends[t->n_terms++] = t->spelled.length - 1;
  return status;
}

hn_status hn_tfidf_model_index(hn_tfidf *t, hn_error *err) {
  hn_status status = HN_OK;
  uint32_t *terms = NULL;
  HN_TRY(hn_analyzer_create(t->options, &t->analyzer, err));
  HN_NEW(terms, t->n_terms, err);
  for (size_t i = 0; i < t->n_terms; i++) {
    hn_text term;
    term.bytes = hn_tfidf_term(t, i, &term.n);
    HN_TRY(hn_analyzer_add_spelled(t->analyzer, term, &t->vocabulary, &terms[i], err));
  }
  HN_NEW(t->columns, t->vocabulary.n, err);
  for (size_t i = 0; i < t->vocabulary.n; i++) t->columns[i] = -1;
  for (size_t i = 0; i < t->n_terms; i++) t->columns[terms[i]] = (int32_t)i;
done:
  hn_free(terms);
  return status;
}

const hn_options *hn_tfidf_fitted_options(const hn_tfidf *t) {
  return t->options;
}

size_t hn_tfidf_n_terms(const hn_tfidf *t) {
  return t->n_terms;
}

const char *hn_tfidf_term(const hn_tfidf *t, size_t i, size_t *length_out) {
  size_t start = i ? t->spelled_ends[i - 1] + 1 : 0;
  if (length_out) *length_out = t->spelled_ends[i] - start;
  return t->spelled.data + start;
}

const double *hn_tfidf_idf(const hn_tfidf *t) {
  return t->idf;
}

static int is_escaped(char c) {
  return c == '\n' || c == '\t' || c == '\\';
}

hn_status hn_tfidf_write_terms(const hn_tfidf *t, hn_buffer *out, hn_error *err) {
  for (size_t i = 0; i < t->n_terms; i++) {
    size_t n;
    const char *term = hn_tfidf_term(t, i, &n);
    for (size_t k = 0; k < n; k++) {
      size_t n_plain = 0;
      while (k + n_plain < n && !is_escaped(term[k + n_plain])) n_plain++;
      hn_buffer_append(out, term + k, n_plain);
      k += n_plain;
      if (k < n) hn_buffer_text(out, term[k] == '\n' ? "\\n" : term[k] == '\t' ? "\\t" : "\\\\");
    }
    hn_buffer_byte(out, '\n');
  }
  return hn_buffer_status(out, err);
}

hn_status hn_tfidf_save(const hn_tfidf *t, hn_tensors *tensors, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer terms = {0};
  char key[64], number[32];
  for (const hn_option_spec *spec = hn_tfidf_options; spec->name; spec++) {
    snprintf(key, sizeof key, "tfidf.%s", spec->name);
    HN_TRY(hn_tensors_set_text(tensors, key, hn_options_text(t->options, spec->name), err));
  }
  HN_TRY(hn_tfidf_write_terms(t, &terms, err));
  HN_TRY(hn_tensors_add(tensors, "tfidf.terms", HN_TENSOR_U8, 1, &terms.length, terms.data, err));
  if (t->idf)
    HN_TRY(hn_tensors_add(tensors, "tfidf.idf", HN_TENSOR_F64, 1, &t->n_terms, t->idf, err));
  if (t->bag_columns) {
    HN_TRY(hn_tensors_add(tensors, "tfidf.columns", HN_TENSOR_I32, 1, &t->n_terms, t->bag_columns,
                          err));
    snprintf(number, sizeof number, "%zu", t->n_bag_columns);
    HN_TRY(hn_tensors_set_text(tensors, "tfidf.n_columns", number, err));
  }
done:
  hn_buffer_free(&terms);
  return status;
}

/* An option that the file does not have was not there yet when it was written: its default. */
static hn_status load_options(const hn_tensors *tensors, hn_options **options_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_options *options = NULL;
  HN_TRY(hn_options_create(hn_tfidf_options, &options, err));
  for (const hn_option_spec *spec = hn_tfidf_options; spec->name; spec++) {
    char key[64];
    snprintf(key, sizeof key, "tfidf.%s", spec->name);
    const char *text = hn_tensors_text(tensors, key);
    if (text) HN_TRY(hn_options_set(options, spec->name, text, err));
  }
  *options_out = options;
  options = NULL;
done:
  hn_options_destroy(options);
  return status;
}

/* Undo the escapes of one line; *n shrinks. */
static void unescape(char *line, size_t *n) {
  size_t to = 0;
  for (size_t i = 0; i < *n; i++) {
    char c = line[i];
    if (c == '\\' && i + 1 < *n) {
      c = line[++i];
      c = (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c);
    }
    line[to++] = c;
  }
  *n = to;
}

static hn_status load_terms(hn_tfidf *t, const hn_tensor *terms, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_lines = 0;
  char *bytes = NULL;
  HN_NEW(bytes, terms->n_bytes + 1, err);
  if (terms->n_bytes) memcpy(bytes, terms->data, terms->n_bytes);
  for (size_t i = 0; i < terms->n_bytes; i++) n_lines += bytes[i] == '\n';
  if (n_lines == 0 || n_lines > INT32_MAX || bytes[terms->n_bytes - 1] != '\n')
    HN_TRY(hn_fail(err, HN_FORMAT, "tensor tfidf.terms: expected lines, one a term"));
  HN_NEW(t->spelled_ends, n_lines, err);
  for (char *line = bytes; t->n_terms < n_lines;) {
    char *end = memchr(line, '\n', (size_t)(bytes + terms->n_bytes - line));
    size_t n = (size_t)(end - line);
    unescape(line, &n);
    HN_TRY(hn_tfidf_model_add_term(t, line, n, err));
    line = end + 1;
  }
done:
  hn_free(bytes);
  return status;
}

static hn_status load_idf(hn_tfidf *t, const hn_tensors *tensors, hn_error *err) {
  hn_status status = HN_OK;
  const hn_tensor *idf;
  HN_TRY(hn_tensors_get(tensors, "tfidf.idf", HN_TENSOR_F64, 1, &idf, err));
  if (idf->shape[0] != t->n_terms)
    HN_TRY(hn_fail(err, HN_FORMAT, "tensor tfidf.idf has %zu values for %zu terms", idf->shape[0],
                   t->n_terms));
  HN_NEW(t->idf, t->n_terms, err);
  memcpy(t->idf, idf->data, t->n_terms * sizeof *t->idf);
  for (size_t i = 0; i < t->n_terms; i++)
    if (!isfinite(t->idf[i]))
      HN_TRY(hn_fail(err, HN_FORMAT, "tensor tfidf.idf: value %zu is not finite", i));
done:
  return status;
}

static hn_status load_bag_columns(hn_tfidf *t, const hn_tensors *tensors, hn_error *err) {
  hn_status status = HN_OK;
  const hn_tensor *columns;
  const char *text;
  char *end;
  HN_TRY(hn_tensors_get(tensors, "tfidf.columns", HN_TENSOR_I32, 1, &columns, err));
  HN_TRY(hn_tensors_get_text(tensors, "tfidf.n_columns", &text, err));
  t->n_bag_columns = strtoul(text, &end, 10);
  if (*end || columns->shape[0] != t->n_terms || t->n_bag_columns > INT32_MAX)
    HN_TRY(hn_fail(err, HN_FORMAT,
                   "tensor tfidf.columns has %zu values for %zu terms and %.20s "
                   "columns",
                   columns->shape[0], t->n_terms, text));
  HN_NEW(t->bag_columns, t->n_terms, err);
  memcpy(t->bag_columns, columns->data, t->n_terms * sizeof *t->bag_columns);
  for (size_t i = 0; i < t->n_terms; i++)
    if (t->bag_columns[i] < 0 || (size_t)t->bag_columns[i] >= t->n_bag_columns)
      HN_TRY(hn_fail(err, HN_FORMAT, "tensor tfidf.columns: value %zu is %d, expected 0 to %zu", i,
                     t->bag_columns[i], t->n_bag_columns - 1));
done:
  return status;
}

hn_status hn_tfidf_load(const hn_tensors *tensors, hn_tfidf **tfidf_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_options *options = NULL;
  hn_tfidf *made = NULL;
  const hn_tensor *terms;
  HN_TRY(load_options(tensors, &options, err));
  HN_TRY(hn_tfidf_model_create(options, &made, err));
  HN_TRY(hn_tensors_get(tensors, "tfidf.terms", HN_TENSOR_U8, 1, &terms, err));
  HN_TRY(load_terms(made, terms, err));
  if (hn_options_bool(options, "use_idf")) HN_TRY(load_idf(made, tensors, err));
  if (hn_tensors_find(tensors, "tfidf.columns"))
    HN_TRY(load_bag_columns(made, tensors, err));
  else
    HN_TRY(hn_tfidf_model_index(made, err));
  *tfidf_out = made;
  made = NULL;
done:
  hn_options_destroy(options);
  hn_tfidf_destroy(made);
  return status;
}
