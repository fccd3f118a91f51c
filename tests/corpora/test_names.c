#include "corpora/names.h"

#include "check.h"

static void folded(const char *text, const char *expected) {
  hn_error err;
  char *fold = NULL;
  assert_ok(hn_name_fold(text, &fold, &err));
  assert_string_equal(fold, expected);
  hn_free(fold);
}

static void names_become_comparable(void **state) {
  (void)state;
  folded("2Pac", "2pac");
  folded("", "");
  folded("  Missy \t Elliott ", "missy elliott");
  folded("\u200bblackbear", "blackbear");
  folded("BEYONCÉ", "beyoncé");
  folded("Beyonce\u0301", "beyoncé");
  folded("Straße", "strasse");
  folded("a\u00a0b", "a b");
  folded("Ｎａｓ", "nas");
}

static void broken_names_are_refused(void **state) {
  (void)state;
  hn_error err;
  char *fold = NULL;
  assert_fails(hn_name_fold("a\xff", &fold, &err), HN_FORMAT, "the name \"a?\" is not UTF-8");
  assert_null(fold);
  assert_survives_no_memory(hn_name_fold("Nas", &fold, &err));
  hn_free(fold);
}

static void whole_words_are_found(void **state) {
  (void)state;
  static const char *const with[] = {"Intro",   "Album Intro", "INTRO: the call", "intro-2",
                                     "(intro)", "the_intro",   "intros intro"};
  static const char *const without[] = {"",        "Introduction", "Intros",
                                        "reintro", "intro2",       "introé"};
  for (size_t i = 0; i < sizeof with / sizeof *with; i++)
    assert_true(hn_text_has_word(with[i], "intro"));
  for (size_t i = 0; i < sizeof without / sizeof *without; i++)
    assert_false(hn_text_has_word(without[i], "intro"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_become_comparable),
      cmocka_unit_test(broken_names_are_refused),
      cmocka_unit_test(whole_words_are_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
