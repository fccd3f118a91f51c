#include "tests/support.h"

#include <sys/resource.h>

#include "base/npz.h"
#include "base/threads.h"
#include "golden.h"
#include "nlp/hashing.h"
#include "nlp/json_lines.h"

static hn_error err;

static hn_hashing *make_hashing(const json_t *given) {
  hn_options *options = NULL;
  hn_hashing *hashing = NULL;
  const char *key;
  json_t *value;
  assert_ok(hn_options_create(hn_hashing_options, &options, &err));
  json_object_foreach((json_t *)(uintptr_t)given, key, value)
      assert_ok(hn_options_set(options, key, json_string_value(value), &err));
  assert_ok(hn_hashing_create(options, &hashing, &err));
  hn_options_destroy(options);
  return hashing;
}

static void test_golden(void **state) {
  (void)state;
  json_t *golden = read_golden("hashing.json");
  size_t n;
  hn_text *texts = texts_of(json_object_get(golden, "texts"), &n);
  const json_t *cases = json_object_get(golden, "cases");
  assert_true(json_array_size(cases) > 0);
  for (size_t i = 0; i < json_array_size(cases); i++) {
    const json_t *wanted = json_array_get(cases, i);
    hn_hashing *hashing = make_hashing(json_object_get(wanted, "options"));
    for (int threads = 1; threads <= 3; threads += 2) {
      hn_csr x = {0};
      hn_threads_set(threads);
      assert_ok(hn_hashing_transform(hashing, texts, n, NULL, &x, &err));
      expect_matrix(json_string_value(json_object_get(wanted, "name")), &x,
                    json_object_get(wanted, "hashed"));
      assert_int_equal(x.n_cols, hn_hashing_n_features(hashing));
      hn_csr_free(&x);
    }
    hn_hashing_destroy(hashing);
  }
  hn_free(texts);
  json_decref(golden);
}

static void test_nothing_and_errors(void **state) {
  (void)state;
  hn_hashing *hashing = make_hashing(NULL);
  hn_text bad[] = {{"fine", 4}, {"caf\xE9", 4}};
  hn_csr x = {0};
  assert_ok(hn_hashing_transform(hashing, NULL, 0, NULL, &x, &err));
  assert_int_equal(x.n_rows, 0);
  assert_int_equal(x.n_cols, 1 << 20);
  hn_csr_free(&x);
  assert_fails(hn_hashing_transform(hashing, bad, 2, NULL, &x, &err), HN_FORMAT,
               "document 1: byte 3");
  hn_hashing_destroy(hashing);
}

static hn_status make_and_transform(const hn_options *options) {
  static const hn_text texts[] = {{"some words here", 15}, {"some more", 9}};
  hn_hashing *hashing = NULL;
  hn_csr x = {0};
  hn_status status = hn_hashing_create(options, &hashing, &err);
  if (status == HN_OK) status = hn_hashing_transform(hashing, texts, 2, NULL, &x, &err);
  hn_csr_free(&x);
  hn_hashing_destroy(hashing);
  return status;
}

static void test_no_memory(void **state) {
  (void)state;
  hn_options *options = NULL;
  hn_threads_set(1);
  assert_ok(hn_options_create(hn_hashing_options, &options, &err));
  assert_survives_no_memory(make_and_transform(options));
  hn_options_destroy(options);
}

#ifndef __SANITIZE_ADDRESS__ /* which keeps freed memory */
/* A corpus of n lyrics, every one with words that no other has, streamed to a matrix on disk. */
static void stream(const char *folder, size_t n) {
  char *path = hn_path_join(folder, "x.jsonl"), *output = hn_path_join(folder, "x.npz");
  FILE *file = fopen(path, "w");
  for (size_t i = 0; i < n; i++) {
    fprintf(file, "{\"text\": \"");
    for (size_t k = 0; k < 100; k++) fprintf(file, "word%zu love%zu\\n", 100 * i + k, k);
    fprintf(file, "\"}\n");
  }
  fclose(file);

  hn_hashing *hashing = make_hashing(NULL);
  hn_json_lines *lines = NULL;
  hn_npz_writer *writer = NULL;
  assert_ok(hn_json_lines_open(path, 0, &lines, &err));
  assert_ok(hn_npz_writer_create(output, hn_hashing_n_features(hashing), &writer, &err));
  for (;;) {
    const hn_text *texts;
    size_t n_texts;
    hn_csr x = {0};
    assert_ok(hn_json_lines_next(lines, &texts, &n_texts, &err));
    if (n_texts == 0) break;
    assert_ok(hn_hashing_transform(hashing, texts, n_texts, NULL, &x, &err));
    assert_ok(hn_npz_writer_add(writer, &x, &err));
    hn_csr_free(&x);
  }
  assert_ok(hn_npz_writer_finish(writer, &err));
  assert_int_equal(hn_npz_writer_n_rows(writer), n);
  hn_npz_writer_destroy(writer);
  hn_json_lines_close(lines);
  hn_hashing_destroy(hashing);
  hn_free(output);
  hn_free(path);
}

static long peak_kilobytes(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/* 30 MB of text and then 160 MB: the peak is that of a batch, but for what malloc scatters (up to
 * 15 MB from run to run). Keeping the text alone would add 130 MB. */
static void test_memory_does_not_grow(void **state) {
  (void)state;
  char *folder = make_scratch();
  hn_threads_set(1);
  stream(folder, 15000);
  long before = peak_kilobytes();
  stream(folder, 80000);
  long growth = peak_kilobytes() - before;
  if (growth > 32 * 1024) fail_msg("the peak grew from %ld by %ld kB", before, growth);
  drop_scratch(folder);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden),
      cmocka_unit_test(test_nothing_and_errors),
      cmocka_unit_test(test_no_memory),
#ifndef __SANITIZE_ADDRESS__
      cmocka_unit_test(test_memory_does_not_grow),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
