#include "golden.h"

#include "base/memory.h"
#include "base/text.h"
#include "nlp/text.h"

#include <string.h>

static void expect_text(hn_buffer *got, hn_text expected) {
  assert_int_equal(got->length, expected.n);
  assert_memory_equal(got->data ? got->data : "", expected.bytes, expected.n);
  hn_buffer_clear(got);
}

static void test_lower_and_accents_match_python(void **state) {
  (void)state;
  json_t *golden = read_golden("tokens.json");
  hn_buffer out = {0};
  size_t i;
  json_t *item;
  json_array_foreach(json_object_get(golden, "texts"), i, item) {
    hn_text text = golden_text(item, "text");
    assert_int_equal(hn_text_lower(text.bytes, text.n, &out, NULL), HN_OK);
    expect_text(&out, golden_text(item, "lower"));
    hn_text_strip_accents(text.bytes, text.n, HN_ACCENTS_UNICODE, &out, NULL);
    expect_text(&out, golden_text(item, "unicode"));
    hn_text_strip_accents(text.bytes, text.n, HN_ACCENTS_ASCII, &out, NULL);
    expect_text(&out, golden_text(item, "ascii"));
    hn_text_strip_accents(text.bytes, text.n, HN_ACCENTS_KEEP, &out, NULL);
    expect_text(&out, text);
  }
  hn_buffer_free(&out);
  json_decref(golden);
}

static void test_utf8_matches_python(void **state) {
  (void)state;
  json_t *golden = read_golden("tokens.json");
  hn_buffer bytes = {0}, out = {0};
  size_t i, k;
  json_t *item, *byte;
  json_array_foreach(json_object_get(golden, "utf8"), i, item) {
    hn_buffer_clear(&bytes);
    json_array_foreach(json_object_get(item, "bytes"), k, byte)
        hn_buffer_byte(&bytes, (char)json_integer_value(byte));
    const char *text = bytes.data ? bytes.data : "";
    size_t valid = (size_t)json_integer_value(json_object_get(item, "valid"));
    assert_int_equal(hn_utf8_valid_length(text, bytes.length), valid);
    assert_int_equal(hn_utf8_check(text, bytes.length, NULL),
                     valid == bytes.length ? HN_OK : HN_FORMAT);
    assert_int_equal(hn_utf8_repair(text, bytes.length, &out, NULL), HN_OK);
    expect_text(&out, golden_text(item, "repaired"));
  }
  hn_buffer_free(&bytes);
  hn_buffer_free(&out);
  json_decref(golden);
}

static void test_error_names_the_byte(void **state) {
  (void)state;
  hn_error err;
  assert_int_equal(hn_utf8_check("caf\xE9 noir", 9, &err), HN_FORMAT);
  assert_non_null(strstr(err.message, "byte 3 (0xE9)"));
}

/* Every letter of every script, against a loop over single bytes for ASCII. */
static void test_classes(void **state) {
  (void)state;
  for (uint32_t c = 0; c < 0x80; c++) {
    int is_word =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    assert_int_equal(hn_char_is_word(c), is_word);
  }
  assert_true(hn_char_is_word(0x4E00) && hn_char_is_word(0xBD) && hn_char_is_word(0x2167));
  assert_false(hn_char_is_word(0x301) || hn_char_is_word(0x200D) || hn_char_is_word(0x2019));
  assert_true(hn_char_is_space(' ') && hn_char_is_space(0x1C) && hn_char_is_space(0x3000));
  assert_false(hn_char_is_space('a') || hn_char_is_space(0x200B) || hn_char_is_space(0x180E));
}

static void test_memory_failures(void **state) {
  (void)state;
  for (long n = 0;; n++) {
    hn_buffer out = {0};
    hn_memory_fail_after(n);
    hn_status status = hn_text_lower("ABC", 3, &out, NULL);
    if (status == HN_OK)
      status = hn_text_strip_accents("a\xC3\xA9", 3, HN_ACCENTS_UNICODE, &out, NULL);
    hn_memory_fail_after(-1);
    hn_buffer_free(&out);
    if (status == HN_OK) break;
    assert_int_equal(status, HN_NO_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lower_and_accents_match_python),
      cmocka_unit_test(test_utf8_matches_python),
      cmocka_unit_test(test_error_names_the_byte),
      cmocka_unit_test(test_classes),
      cmocka_unit_test(test_memory_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
