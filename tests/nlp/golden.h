/* Reading the golden files of this folder. */
#ifndef HN_TESTS_NLP_GOLDEN_H
#define HN_TESTS_NLP_GOLDEN_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
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

#endif
