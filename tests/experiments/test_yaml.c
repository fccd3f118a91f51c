#include "experiments/yaml.h"

#include "tests/support.h"

static hn_error err;

static hn_yaml *parse(const char *text) {
  hn_yaml *root = NULL;
  assert_ok(hn_yaml_parse("t.yaml", text, strlen(text), &root, &err));
  return root;
}

static void check_error(const char *text, const char *message) {
  hn_yaml *root = NULL;
  assert_int_equal(hn_yaml_parse("t.yaml", text, strlen(text), &root, &err), HN_FORMAT);
  assert_string_equal(err.message, message);
  assert_null(root);
}

static void test_places(void **state) {
  (void)state;
  hn_yaml *root = parse("a: 1\nb:\n  - x\n  - {c: 'two words'}\n");
  const hn_yaml *b = hn_yaml_get(root, "b");
  assert_string_equal(hn_yaml_get(root, "a")->text, "1");
  assert_int_equal(b->kind, HN_YAML_LIST);
  assert_int_equal(b->n, 2);
  const hn_yaml *c = hn_yaml_get(b->items[1], "c");
  assert_string_equal(c->text, "two words");
  assert_int_equal(c->line, 4);
  assert_int_equal(c->column, 9);
  assert_null(hn_yaml_get(root, "z"));
  hn_yaml_destroy(root);
}

static void test_null(void **state) {
  (void)state;
  hn_yaml *root = parse("a: ~\nb: ''\nc:\nd: null\ne: 'null'\n");
  assert_true(hn_yaml_is_null(hn_yaml_get(root, "a")));
  assert_false(hn_yaml_is_null(hn_yaml_get(root, "b")));
  assert_true(hn_yaml_is_null(hn_yaml_get(root, "c")));
  assert_true(hn_yaml_is_null(hn_yaml_get(root, "d")));
  assert_false(hn_yaml_is_null(hn_yaml_get(root, "e")));
  hn_yaml_destroy(root);
}

static void test_errors(void **state) {
  (void)state;
  check_error("", "t.yaml:1:1: the file is empty");
  check_error("a: 1\nb: 2\na: 3\n",
              "t.yaml:3:1: the key \"a\" stands here twice (first value on line 1); remove one");
  check_error("a: [1, 2\n", "t.yaml:2:1: not valid YAML: did not find expected ',' or ']', while "
                            "parsing a flow sequence");
  check_error("[x, y]: 1\n", "t.yaml:1:1: a key must be plain text");
}

/* An anchor that holds itself must not send the reader around for ever. */
static void test_cycle(void **state) {
  (void)state;
  check_error("&a [*a]\n", "t.yaml:1:1: nested too deeply, or too many values");
}

static void test_set_path(void **state) {
  (void)state;
  hn_yaml *root = parse("split: {folds: 5}\nname: x\n");
  assert_int_equal(hn_yaml_set_path(root, "split.method", "random", &err), HN_OK);
  assert_int_equal(hn_yaml_set_path(root, "split.folds", "3", &err), HN_OK);
  assert_int_equal(hn_yaml_set_path(root, "new.list", "[1, 2]", &err), HN_OK);
  assert_string_equal(hn_yaml_get(hn_yaml_get(root, "split"), "method")->text, "random");
  assert_string_equal(hn_yaml_get(hn_yaml_get(root, "split"), "folds")->text, "3");
  assert_int_equal(hn_yaml_get(hn_yaml_get(root, "new"), "list")->n, 2);
  assert_int_equal(hn_yaml_set_path(root, "name.x", "1", &err), HN_INVALID);
  assert_string_equal(err.message, "--set name.x=1: \"name\" is not a map and has no key \"x\"");
  assert_int_equal(hn_yaml_set_path(root, "a..b", "1", &err), HN_INVALID);
  hn_yaml_destroy(root);
}

static void test_write_reads_back(void **state) {
  (void)state;
  const char *text =
      "name: demo\nempty: ''\nnumber: \"7\"\nlist: [1, 'a, b', ü]\nmap: {k: {l: -}}\n";
  hn_buffer once = {0}, twice = {0};
  hn_yaml *root = parse(text);
  assert_int_equal(hn_yaml_write(root, &once, &err), HN_OK);
  hn_yaml *again = parse(once.data);
  assert_int_equal(hn_yaml_write(again, &twice, &err), HN_OK);
  assert_string_equal(once.data, twice.data);
  assert_string_equal(hn_yaml_get(again, "list")->items[1]->text, "a, b");
  hn_yaml_destroy(root);
  hn_yaml_destroy(again);
  hn_buffer_free(&once);
  hn_buffer_free(&twice);
}

static void test_no_memory(void **state) {
  (void)state;
  const char *text = "a: {b: [1, 2, 3], c: d}\n";
  hn_status status = HN_NO_MEMORY;
  for (long n = 0; status != HN_OK; n++) {
    hn_yaml *root = NULL;
    hn_memory_fail_after(n);
    status = hn_yaml_parse("t.yaml", text, strlen(text), &root, NULL);
    hn_memory_fail_after(-1);
    if (status != HN_OK) assert_int_equal(status, HN_NO_MEMORY);
    hn_yaml_destroy(root);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_places),   cmocka_unit_test(test_null),
      cmocka_unit_test(test_errors),   cmocka_unit_test(test_cycle),
      cmocka_unit_test(test_set_path), cmocka_unit_test(test_write_reads_back),
      cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
