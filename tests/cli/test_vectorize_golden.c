/* scikit-learn's values in tests/nlp, through `headnod vectorize`: JSON Lines in, .npz and
 * vocabulary out. */
#include "tests/support.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "base/json.h"
#include "base/npz.h"
#include "tests/nlp/golden.h"

static hn_error err;
static char *folder, *input, *output, *vocabulary;

static json_t *read_nlp_golden(const char *name) {
  json_t *value = NULL;
  char *path = hn_path_join(HN_SOURCE_DIR "/tests/nlp", name);
  assert_ok(hn_json_read(path, &value, &err));
  hn_free(path);
  return value;
}

static int make_paths(void **state) {
  (void)state;
  folder = make_scratch();
  input = hn_path_join(folder, "x.jsonl");
  output = hn_path_join(folder, "x.npz");
  vocabulary = hn_path_join(folder, "x.txt");
  return 0;
}

static int drop_paths(void **state) {
  (void)state;
  hn_free(input);
  hn_free(output);
  hn_free(vocabulary);
  drop_scratch(folder);
  return 0;
}

/* Escaped on odd lines, plain on even ones. */
static void write_texts(const json_t *texts) {
  FILE *file = fopen(input, "w");
  for (size_t i = 0; i < json_array_size(texts); i++) {
    json_t *row = json_pack("{s:i, s:O}", "id", (int)i, "text", json_array_get(texts, i));
    json_dumpf(row, file, i % 2 ? JSON_ENSURE_ASCII : 0);
    fputc('\n', file);
    json_decref(row);
  }
  fclose(file);
}

/* Run with --<option> <value> of the object and further arguments (ending in NULL). */
static void vectorize(const json_t *options, char *const *further) {
  enum { MAX_ARGUMENTS = 40 };
  char *argv[MAX_ARGUMENTS] = {HN_PROGRAM, "vectorize", input, "-o", output};
  char names[16][64];
  size_t n = 5, n_names = 0;
  const char *key;
  json_t *value;
  for (; *further; further++) argv[n++] = *further;
  json_object_foreach((json_t *)(uintptr_t)options, key, value) {
    snprintf(names[n_names], sizeof names[0], "--%s", key);
    argv[n++] = names[n_names++];
    argv[n++] = (char *)(uintptr_t)json_string_value(value);
  }
  pid_t child;
  int status;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  assert_int_equal(posix_spawn(&child, HN_PROGRAM, &actions, NULL, argv, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

static void expect_output(const json_t *wanted, const char *matrix) {
  hn_csr x = {0};
  assert_ok(hn_npz_read_csr(output, &x, &err));
  expect_matrix(json_string_value(json_object_get(wanted, "name")), &x,
                json_object_get(wanted, matrix));
  hn_csr_free(&x);
}

static void expect_vocabulary(const json_t *terms) {
  hn_buffer expected = {0};
  char *found;
  size_t n;
  for (size_t i = 0; i < json_array_size(terms); i++) {
    const char *term = json_string_value(json_array_get(terms, i));
    for (; *term; term++)
      if (*term == '\\' || *term == '\n' || *term == '\t')
        hn_buffer_format(&expected, "\\%c", *term == '\n' ? 'n' : *term == '\t' ? 't' : '\\');
      else
        hn_buffer_byte(&expected, *term);
    hn_buffer_byte(&expected, '\n');
  }
  assert_ok(hn_file_read(vocabulary, &found, &n, &err));
  assert_int_equal(n, expected.length);
  assert_memory_equal(found, expected.data, n);
  hn_free(found);
  hn_buffer_free(&expected);
}

static void test_tfidf(void **state) {
  (void)state;
  json_t *golden = read_nlp_golden("tfidf.json");
  const json_t *cases = json_object_get(golden, "cases");
  assert_true(json_array_size(cases) > 20);
  for (size_t i = 0; i < json_array_size(cases); i++) {
    const json_t *wanted = json_array_get(cases, i);
    write_texts(json_object_get(golden, json_string_value(json_object_get(wanted, "texts"))));
    vectorize(json_object_get(wanted, "options"),
              (char *[]){"--vocabulary", vocabulary, "--threads", i % 2 ? "1" : "2", NULL});
    expect_output(wanted, "fitted");
    expect_vocabulary(json_object_get(wanted, "terms"));
  }
  json_decref(golden);
}

/* --counts is use_idf false, norm none. */
static void test_counts(void **state) {
  (void)state;
  json_t *golden = read_nlp_golden("tfidf.json");
  const json_t *wanted = json_array_get(json_object_get(golden, "cases"), 1);
  assert_string_equal(json_string_value(json_object_get(wanted, "name")), "counts");
  write_texts(json_object_get(golden, "all"));
  vectorize(NULL, (char *[]){"--counts", NULL});
  expect_output(wanted, "fitted");
  json_decref(golden);
}

static void test_hashing(void **state) {
  (void)state;
  json_t *golden = read_nlp_golden("hashing.json");
  const json_t *cases = json_object_get(golden, "cases");
  write_texts(json_object_get(golden, "texts"));
  for (size_t i = 0; i < json_array_size(cases); i++) {
    const json_t *wanted = json_array_get(cases, i);
    vectorize(json_object_get(wanted, "options"), (char *[]){"--hashing", NULL});
    expect_output(wanted, "hashed");
  }
  json_decref(golden);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_tfidf), cmocka_unit_test(test_counts),
                                     cmocka_unit_test(test_hashing)};
  return cmocka_run_group_tests(tests, make_paths, drop_paths);
}
