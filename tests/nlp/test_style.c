#include "golden.h"

#include "base/memory.h"
#include "nlp/style.h"

#include <math.h>
#include <string.h>

static hn_text text_of(const char *bytes) {
  return (hn_text){bytes, strlen(bytes)};
}

static double value_of(const char *lyric, const char *marked, const char *name) {
  hn_error err = {0};
  float values[HN_STYLE_N_FEATURES];
  if (hn_style_measure(text_of(lyric), text_of(marked), values, &err) != HN_OK)
    fail_msg("%s", err.message);
  for (size_t i = 0; hn_style_names[i]; i++) {
    assert_true(isfinite(values[i]) && values[i] >= 0);
    if (strcmp(hn_style_names[i], name) == 0) return (double)values[i];
  }
  fail_msg("no feature %s", name);
  return 0;
}

static void expect(const char *lyric, const char *name, double expected) {
  double value = value_of(lyric, lyric, name);
  if (fabs(value - expected) > 1e-6) fail_msg("%s of \"%s\": %f", name, lyric, value);
}

static void test_words_and_lines(void **state) {
  (void)state;
  static const char lyric[] = "I don't know\n\nthe caf\xC3\xA9, no\n - \nrock\xE2\x80\x99n'roll'";
  expect(lyric, "words", 7);
  expect(lyric, "lines", 3);
  expect(lyric, "words_per_line", 7.0 / 3);
  expect("ab \xC3\xA9tude", "word_length", 3.5);
}

static void test_variety(void **state) {
  (void)state;
  char lyric[2048] = "";
  expect("a b A c", "mattr", 0.75);
  /* Each of the 51 windows over 50 times "a" and 50 different words. */
  for (int i = 0; i < 100; i++) {
    size_t n = strlen(lyric);
    snprintf(lyric + n, sizeof lyric - n, i < 50 ? "a " : "w%d ", i);
  }
  double sum = 0;
  for (int others = 0; others <= 50; others++) sum += (others + (others < 50)) / 50.0;
  expect(lyric, "mattr", sum / 51);
  expect("short", "compression", 0);
  assert_true(value_of("la la la la la la la la la la la la la la la la", "", "compression") > 0.6);
}

static void test_repeated_lines(void **state) {
  (void)state;
  expect("One two\nthree\nONE, two!\none two\nthree four", "repeated_lines", 2.0 / 5);
}

static void test_sections(void **state) {
  (void)state;
  static const char marked[] = "[Verse 1]\na\nb\n[Chorus]\nc\n\n[Pre-Chorus]\nd\n[Outro]\n";
  static const char lyric[] = "a\nb\nc\n\nd\n";
  assert_float_equal(value_of(lyric, marked, "sections"), 4, 0);
  assert_float_equal(value_of(lyric, marked, "chorus_share"), 0.5, 0);
  assert_float_equal(value_of(lyric, marked, "verse_share"), 0.5, 0);
  expect(lyric, "chorus_share", 0);
}

static void test_rhymes(void **state) {
  (void)state;
  expect("in the night\nout of light\nand the day", "rhymes", 1.0 / 3);
  expect("a rime\nin Time\n\nof lime", "rhymes", 1.0 / 3);
  expect("x night\ny night", "rhymes", 0); /* the same word is no rhyme */
  expect("fly\nhigh", "rhymes", 0);
  expect("one way\nb\nc\nd\nto stay", "rhymes", 0); /* too far */
  expect("\xD0\xBB\xD1\x8E\xD0\xB1\xD0\xBE\xD0\xB2\xD1\x8C\n"
         "\xD0\xBA\xD1\x80\xD0\xBE\xD0\xB2\xD1\x8C",
         "rhymes", 0.5);
}

static void test_names_and_numbers(void **state) {
  (void)state;
  expect("In Paris I saw Ann\nand I'm 21 or 4th", "names", 2.0 / 8);
  expect("In Paris I saw Ann\nand I'm 21 or 4th", "numbers", 0.2);
  expect("Paris", "names", 0);
}

static void test_nothing_and_errors(void **state) {
  (void)state;
  hn_error err;
  float values[HN_STYLE_N_FEATURES];
  for (size_t i = 0; hn_style_names[i]; i++) {
    expect("", hn_style_names[i], 0);
    expect(" \n...\n", hn_style_names[i], 0);
  }
  assert_int_equal(hn_style_measure(text_of("\xFF"), text_of(""), values, &err), HN_FORMAT);
}

static void test_memory_failures(void **state) {
  (void)state;
  float values[HN_STYLE_N_FEATURES];
  for (long n = 0;; n++) {
    hn_memory_fail_after(n);
    hn_status status =
        hn_style_measure(text_of("a b\nc"), text_of("[Verse: X]\na b\nc"), values, NULL);
    hn_memory_fail_after(-1);
    if (status == HN_OK) break;
    assert_int_equal(status, HN_NO_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_words_and_lines),
      cmocka_unit_test(test_variety),
      cmocka_unit_test(test_repeated_lines),
      cmocka_unit_test(test_sections),
      cmocka_unit_test(test_rhymes),
      cmocka_unit_test(test_names_and_numbers),
      cmocka_unit_test(test_nothing_and_errors),
      cmocka_unit_test(test_memory_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
