#include "tests/support.h"

#include "base/text.h"

static void test_valid_length(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t valid; /* (size_t)-1: all */
  } cases[] = {
      {"", (size_t)-1},
      {"plain text that is longer than eight bytes", (size_t)-1},
      {"é 中 🎤 \xF4\x8F\xBF\xBF", (size_t)-1},
      {"\xff", 0},
      {"abcdefgh\xC3", 8},         /* cut short */
      {"ab\xC0\xAF", 2},           /* an overlong slash */
      {"ab\xE0\x80\xAF", 2},       /* overlong again */
      {"abc\xED\xA0\x80", 3},      /* a surrogate */
      {"abcd\xF4\x90\x80\x80", 4}, /* beyond U+10FFFF */
      {"abcdefghijk\x80", 11},     /* a stray continuation */
      {"\xC3\xA9\xC3\x28", 2},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t n = strlen(cases[i].text);
    assert_int_equal(hn_utf8_valid_length(cases[i].text, n),
                     cases[i].valid == (size_t)-1 ? n : cases[i].valid);
  }
  assert_int_equal(hn_utf8_valid_length("a\0b", 3), 3);
}

/* Every code point comes back from its own bytes; surrogates and what lies beyond have none. */
static void test_encode(void **state) {
  (void)state;
  char bytes[4];
  for (uint32_t c = 0; c < 0x110000; c++) {
    size_t n = hn_utf8_encode(c, bytes);
    int is_surrogate = c >= 0xD800 && c < 0xE000;
    assert_int_equal(n, is_surrogate ? 0 : c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
    if (n) assert_int_equal(hn_utf8_valid_length(bytes, n), n);
  }
  assert_memory_equal((hn_utf8_encode(0xE9, bytes), bytes), "é", 2);
  assert_memory_equal((hn_utf8_encode(0x1F3A4, bytes), bytes), "🎤", 4);
  assert_int_equal(hn_utf8_encode(0x110000, bytes), 0);
  assert_int_equal(hn_utf8_encode(UINT32_MAX, bytes), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_valid_length),
      cmocka_unit_test(test_encode),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
