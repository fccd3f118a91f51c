#include "tests/support.h"

#include "base/text.h"

static void test_messages(void **state) {
  (void)state;
  hn_error err = {0};
  assert_int_equal(hn_fail(&err, HN_FORMAT, "%s:%d: %s", "a.csv", 7, "bad"), HN_FORMAT);
  assert_int_equal(err.code, HN_FORMAT);
  assert_string_equal(err.message, "a.csv:7: bad");
  assert_int_equal(hn_fail_prefix(&err, HN_INVALID, "track %d", 3), HN_INVALID);
  assert_int_equal(err.code, HN_INVALID);
  assert_string_equal(err.message, "track 3: a.csv:7: bad");
  assert_int_equal(hn_fail(NULL, HN_IO, "x"), HN_IO);
  assert_int_equal(hn_fail_prefix(NULL, HN_IO, "x"), HN_IO);
}

/* A message that does not fit is cut between characters, whatever their alignment. */
static void test_long_messages(void **state) {
  (void)state;
  char text[3001];
  for (size_t shift = 0; shift < 3; shift++) {
    hn_error err;
    for (size_t i = 0; i < 1000; i++) memcpy(text + 3 * i, "中", 3);
    text[3000] = 0;
    hn_fail(&err, HN_INVALID, "%.*s%s", (int)shift, "xx", text);
    size_t n = strlen(err.message);
    assert_true(n > sizeof err.message - 6 && n < sizeof err.message);
    assert_string_equal(err.message + n - 3, "…");
    assert_int_equal(hn_utf8_valid_length(err.message, n), n);
    hn_fail_prefix(&err, HN_INVALID, "%.*s", 500, text);
    n = strlen(err.message);
    assert_int_equal(hn_utf8_valid_length(err.message, n), n);
  }
}

static void test_broken_text(void **state) {
  (void)state;
  hn_error err;
  hn_fail(&err, HN_FORMAT, "\"caf\xe9\" and \"%.4s\"", "中中");
  assert_string_equal(err.message, "\"caf?\" and \"中?\"");
}

static void test_names(void **state) {
  (void)state;
  for (hn_status code = HN_OK; code <= HN_NUMERIC; code++)
    assert_string_not_equal(hn_status_name(code), "unknown");
  assert_string_equal(hn_status_name(HN_NO_MEMORY), "no memory");
  assert_string_equal(hn_status_name((hn_status)99), "unknown");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_messages),
      cmocka_unit_test(test_long_messages),
      cmocka_unit_test(test_broken_text),
      cmocka_unit_test(test_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
