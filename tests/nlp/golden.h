/* Reading the golden files of this folder. */
#ifndef HN_TESTS_NLP_GOLDEN_H
#define HN_TESTS_NLP_GOLDEN_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "base/json.h"
#include "base/matrix.h"
#include "base/memory.h"
#include "nlp/text.h"

/* A file beside the tests; fails the test when it cannot be read. Free with json_decref. */
static inline json_t *read_golden(const char *name) {
  hn_error err = {0};
  json_t *value = NULL;
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", HN_TEST_DIR, name);
  if (hn_json_read(path, &value, &err) != HN_OK) fail_msg("%s", err.message);
  return value;
}

/* A string of the golden file as a text, borrowed. */
static inline hn_text golden_text(const json_t *object, const char *key) {
  const json_t *value = key ? json_object_get(object, key) : object;
  return (hn_text){json_string_value(value), json_string_length(value)};
}

/* All strings of an array; free the texts. */
static inline hn_text *texts_of(const json_t *array, size_t *n_out) {
  *n_out = json_array_size(array);
  hn_text *texts = hn_alloc(*n_out, sizeof *texts);
  for (size_t i = 0; i < *n_out; i++) texts[i] = golden_text(json_array_get(array, i), NULL);
  return texts;
}

/* Values within 1e-6: float32 against double. The pattern is exact. */
static inline void expect_matrix(const char *name, const hn_csr *x, const json_t *golden) {
  const json_t *indptr = json_object_get(golden, "indptr"),
               *indices = json_object_get(golden, "indices"),
               *values = json_object_get(golden, "values");
  assert_int_equal(hn_csr_check(x, NULL), HN_OK);
  assert_int_equal(x->n_rows + 1, json_array_size(indptr));
  for (size_t i = 0; i <= x->n_rows; i++)
    if (x->indptr[i] != json_integer_value(json_array_get(indptr, i)))
      fail_msg("%s: row %zu ends elsewhere", name, i);
  for (size_t k = 0; k < hn_csr_n_entries(x); k++) {
    double expected = json_number_value(json_array_get(values, k));
    if (x->indices[k] != json_integer_value(json_array_get(indices, k)))
      fail_msg("%s: entry %zu has another column", name, k);
    if (fabs((double)x->values[k] - expected) > 1e-6)
      fail_msg("%s: entry %zu is %.9g, expected %.9g", name, k, (double)x->values[k], expected);
  }
}

#endif
