#include "tests/support.h"

#include "base/json.h"

#define CORPUS HN_TEST_DIR "/corpus_json/"

static hn_error err;

static void test_read(void **state) {
  (void)state;
  json_t *value = NULL;
  assert_ok(hn_json_read(CORPUS "plain.json", &value, &err));
  assert_string_equal(json_string_value(json_object_get(json_object_get(value, "a"), "é")), "é");
  json_decref(value);
  assert_ok(hn_json_read(CORPUS "value.json", &value, &err));
  assert_int_equal(json_integer_value(value), 3);
  json_decref(value);
}

static void test_refusals(void **state) {
  (void)state;
  static const struct {
    const char *path;
    hn_status status;
    const char *message;
  } cases[] = {
      {CORPUS "none.json", HN_IO, "none.json: cannot open"},
      {CORPUS "bad_twice.json", HN_FORMAT, "bad_twice.json:2:4: not JSON: duplicate object key"},
      {CORPUS "bad_comma.json", HN_FORMAT, "bad_comma.json:2:13: not JSON"},
      {CORPUS "bad_tail.json", HN_FORMAT, "bad_tail.json:1:4: not JSON: end of file expected"},
      {CORPUS "bad_open.json", HN_FORMAT, "bad_open.json:1:"},
  };
  json_t *value = NULL;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_fails(hn_json_read(cases[i].path, &value, &err), cases[i].status, cases[i].message);
  assert_fails(hn_json_parse("x", "", 0, &value, &err), HN_FORMAT, "x:");
  assert_null(value);
}

static void test_write(void **state) {
  (void)state;
  char *folder = make_scratch(), *path = hn_path_join(folder, "a.json"), *text;
  size_t n;
  json_t *value = json_pack("{s:f, s:[i, b], s:{}}", "z", 1.0 / 3, "a", 1, 1, "é");
  json_t *back;
  assert_ok(hn_json_write(path, value, &err));
  assert_ok(hn_file_read(path, &text, &n, &err));
  assert_string_equal(text, "{\n"
                            "  \"z\": 0.33333333333333331,\n"
                            "  \"a\": [\n    1,\n    true\n  ],\n"
                            "  \"é\": {}\n"
                            "}\n");
  assert_ok(hn_json_read(path, &back, &err));
  assert_true(json_equal(value, back));
  assert_survives_no_memory(hn_json_write(path, value, &err));
  hn_free(text);
  json_decref(value);
  json_decref(back);

  json_t *ring = json_array(), *inner = json_array();
  json_array_append_new(ring, inner);
  json_array_append(inner, ring);
  assert_fails(hn_json_write(path, ring, &err), HN_INVALID, "a.json: a value that JSON cannot");
  json_array_clear(inner);
  json_decref(ring);
  hn_free(path);
  drop_scratch(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_read),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_write),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
