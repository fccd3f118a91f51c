#include "tests/support.h"

#include "base/buffer.h"

static hn_error err;

static void test_append(void **state) {
  (void)state;
  hn_buffer b = {0};
  hn_buffer_append(&b, NULL, 0);
  assert_string_equal(b.data, "");
  hn_buffer_text(&b, "ab");
  hn_buffer_byte(&b, 'c');
  hn_buffer_append(&b, "d\0e", 3);
  hn_buffer_format(&b, "%d-%s", 42, "é");
  assert_int_equal(b.length, 11);
  assert_memory_equal(b.data, "abcd\0e42-é", 12);
  hn_buffer_clear(&b);
  assert_int_equal(b.length, 0);
  assert_string_equal(b.data, "");
  assert_ok(hn_buffer_status(&b, &err));
  hn_buffer_free(&b);
  hn_buffer_free(NULL);
}

/* Every length up to some growth steps has its 0 behind. */
static void test_growth(void **state) {
  (void)state;
  hn_buffer b = {0};
  for (size_t i = 0; i < 3000; i++) {
    if (i % 7 == 0)
      hn_buffer_format(&b, "%c", 'a' + (int)(i % 26));
    else
      hn_buffer_byte(&b, (char)('a' + i % 26));
    assert_int_equal(b.length, i + 1);
    assert_int_equal(b.data[i + 1], 0);
  }
  for (size_t i = 0; i < 3000; i++) assert_int_equal(b.data[i], 'a' + (int)(i % 26));
  char *room = hn_buffer_reserve(&b, 100000);
  assert_ptr_equal(room, b.data + 3000);
  memset(room, 'x', 100000);
  assert_int_equal(b.length, 3000);
  hn_buffer_free(&b);
}

static void test_steal(void **state) {
  (void)state;
  hn_buffer b = {0};
  char *text;
  size_t n = 9;
  assert_ok(hn_buffer_steal(&b, &text, &n, &err));
  assert_string_equal(text, "");
  assert_int_equal(n, 0);
  hn_free(text);
  hn_buffer_text(&b, "mine");
  assert_ok(hn_buffer_steal(&b, &text, NULL, &err));
  assert_string_equal(text, "mine");
  assert_null(b.data);
  hn_free(text);
}

/* A failure sticks until the buffer is cleared, and what was there stays readable. */
static void test_no_memory(void **state) {
  (void)state;
  hn_buffer b = {0};
  char big[1000] = "", *text = NULL;
  hn_buffer_text(&b, "kept");
  hn_memory_fail_after(0);
  hn_buffer_append(&b, big, sizeof big);
  hn_memory_fail_after(-1);
  hn_buffer_text(&b, "ignored");
  assert_string_equal(b.data, "kept");
  assert_null(hn_buffer_reserve(&b, 1));
  assert_fails(hn_buffer_status(&b, &err), HN_NO_MEMORY, "out of memory");
  assert_fails(hn_buffer_steal(&b, &text, NULL, &err), HN_NO_MEMORY, "out of memory");
  assert_null(text);
  hn_buffer_clear(&b);
  assert_ok(hn_buffer_status(&b, &err));
  assert_null(hn_buffer_reserve(&b, SIZE_MAX));
  assert_fails(hn_buffer_status(&b, &err), HN_NO_MEMORY, "out of memory");
  hn_buffer_free(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_append),
      cmocka_unit_test(test_growth),
      cmocka_unit_test(test_steal),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
