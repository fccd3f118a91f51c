#include "tests/support.h"

#include <math.h>

#include "base/options.h"

static hn_error err;

static const hn_option_spec specs[] = {
    {"n_estimators", HN_OPTION_INT, "100", 1, 100000, 0, NULL, "trees"},
    {"learning_rate", HN_OPTION_REAL, "0.001", 0, INFINITY, 0, NULL, "step"},
    {"min_df", HN_OPTION_COUNT, "1", 0, INFINITY, 0, NULL, "documents"},
    {"bootstrap", HN_OPTION_BOOL, "true", 0, 0, 0, NULL, "draw with replacement"},
    {"criterion", HN_OPTION_CHOICE, "gini", 0, 0, 0, "gini|entropy", "impurity"},
    {"max_features", HN_OPTION_COUNT, "sqrt", 1, INFINITY, 1, "sqrt|log2", "a split"},
    {"max_depth", HN_OPTION_INT, "none", 1, INFINITY, 1, NULL, "levels"},
    {"note", HN_OPTION_TEXT, "", 0, 0, 0, NULL, "anything"},
    {"ngram", HN_OPTION_INTS, "1,1", 1, 10, 0, NULL, "shortest and longest"},
    {"clip", HN_OPTION_REALS, "none", 0, INFINITY, 1, NULL, "seconds"},
    {NULL, HN_OPTION_TEXT, NULL, 0, 0, 0, NULL, NULL}};

static hn_options *defaults(void) {
  hn_options *o;
  assert_ok(hn_options_create(specs, &o, &err));
  return o;
}

static void test_defaults(void **state) {
  (void)state;
  hn_options *o = defaults();
  const double *list;
  assert_int_equal(hn_options_int(o, "n_estimators"), 100);
  assert_true(hn_options_real(o, "learning_rate") == 0.001);
  assert_true(hn_options_count(o, "min_df", 50) == 1);
  assert_true(hn_options_bool(o, "bootstrap"));
  assert_true(hn_options_is(o, "criterion", "gini"));
  assert_false(hn_options_is(o, "criterion", "entropy"));
  assert_true(hn_options_is(o, "max_features", "sqrt"));
  assert_true(hn_options_is_none(o, "max_depth"));
  assert_false(hn_options_is_none(o, "n_estimators"));
  assert_string_equal(hn_options_text(o, "note"), "");
  assert_int_equal(hn_options_list(o, "ngram", &list), 2);
  assert_true(list[0] == 1 && list[1] == 1);
  assert_int_equal(hn_options_list(o, "clip", &list), 0);
  assert_false(hn_options_is_set(o, "n_estimators"));
  assert_ptr_equal(hn_options_specs(o), specs);
  hn_options_destroy(o);
  hn_options_destroy(NULL);
}

static void test_set(void **state) {
  (void)state;
  hn_options *o = defaults();
  const double *list;
  assert_ok(hn_options_set(o, "n-estimators", " 500", &err));
  assert_int_equal(hn_options_int(o, "n_estimators"), 500);
  assert_string_equal(hn_options_text(o, "n_estimators"), "500");
  assert_true(hn_options_is_set(o, "n_estimators"));
  assert_ok(hn_options_set(o, "n_estimators", "1e3", &err));
  assert_int_equal(hn_options_int(o, "n_estimators"), 1000);
  assert_ok(hn_options_set(o, "min_df", "2", &err));
  assert_true(hn_options_count(o, "min_df", 50) == 2);
  assert_ok(hn_options_set(o, "min_df", "0.5", &err));
  assert_true(hn_options_count(o, "min_df", 50) == 25);
  assert_ok(hn_options_set(o, "min_df", "1.0", &err)); /* all documents; 1 is one document */
  assert_true(hn_options_count(o, "min_df", 50) == 50);
  assert_ok(hn_options_set(o, "bootstrap", "False", &err));
  assert_false(hn_options_bool(o, "bootstrap"));
  assert_string_equal(hn_options_text(o, "bootstrap"), "false");
  assert_ok(hn_options_set(o, "criterion", "entropy", &err));
  assert_ok(hn_options_set(o, "max_features", "log2", &err));
  assert_true(hn_options_is(o, "max_features", "log2"));
  assert_ok(hn_options_set(o, "max_features", "None", &err));
  assert_true(hn_options_is_none(o, "max_features"));
  assert_ok(hn_options_set(o, "max_features", "7", &err));
  assert_false(hn_options_is(o, "max_features", "7"));
  assert_ok(hn_options_set(o, "max_depth", "3", &err));
  assert_ok(hn_options_set(o, "max_depth", "null", &err));
  assert_string_equal(hn_options_text(o, "max_depth"), "none");
  assert_ok(hn_options_set(o, "note", "none", &err)); /* here a word like any other */
  assert_ok(hn_options_set(o, "ngram", "1, 2 ,3", &err));
  assert_int_equal(hn_options_list(o, "ngram", &list), 3);
  assert_true(list[2] == 3);
  assert_string_equal(hn_options_text(o, "ngram"), "1,2,3");
  assert_ok(hn_options_set(o, "clip", "30,75.5", &err));
  assert_int_equal(hn_options_list(o, "clip", &list), 2);
  assert_true(list[1] == 75.5);

  hn_options *copy;
  assert_survives_no_memory(hn_options_copy(o, &copy, &err));
  for (const hn_option_spec *s = specs; s->name; s++) {
    assert_string_equal(hn_options_text(copy, s->name), hn_options_text(o, s->name));
    assert_int_equal(hn_options_is_set(copy, s->name), hn_options_is_set(o, s->name));
  }
  hn_options_destroy(copy);
  hn_options_destroy(o);
}

static void test_refusals(void **state) {
  (void)state;
  static const struct {
    const char *name, *text, *message;
  } cases[] = {
      {"n_estimators", "0",
       "n_estimators: \"0\" is not allowed; expected a whole number from 1 to"},
      {"n_estimators", "100001", "from 1 to 100000"},
      {"n_estimators", "2.5", "a whole number"},
      {"n_estimators", "many", "\"many\""},
      {"n_estimators", "", "\"\""},
      {"n_estimators", "none", "\"none\""},
      {"n_estimators", "5,6", "\"5,6\""},
      {"n_estimators", "5 6", "\"5 6\""},
      {"learning_rate", "-1", "a number of at least 0"},
      {"learning_rate", "nan", "\"nan\""},
      {"learning_rate", "inf", "\"inf\""},
      {"min_df", "1.5", "a count, or a fraction such as 0.5"},
      {"min_df", "-0.5", "a count"},
      {"bootstrap", "yes", "true or false"},
      {"criterion", "log", "expected one of gini, entropy"},
      {"criterion", "gin", "one of"},
      {"criterion", "", "one of"},
      {"max_features", "sqr", ", sqrt, log2, or none"},
      {"max_depth", "0", "or none"},
      {"ngram", "1,", "whole numbers separated by commas from 1 to 10"},
      {"ngram", "1,,2", "\"1,,2\""},
      {"ngram", "1,11", "\"1,11\""},
      {"ngram", "1,1.5", "\"1,1.5\""},
      {"clip", "30;75", "numbers separated by commas"},
      {"trees", "5", "\"trees\" is not a known option (known: n_estimators, learning_rate,"},
  };
  hn_options *o = defaults();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_fails(hn_options_set(o, cases[i].name, cases[i].text, &err), HN_INVALID,
                 cases[i].message);
  }
  for (const hn_option_spec *s = specs; s->name; s++) {
    assert_string_equal(hn_options_text(o, s->name), s->default_text);
    assert_false(hn_options_is_set(o, s->name));
  }
  hn_options_destroy(o);
}

static void test_no_memory(void **state) {
  (void)state;
  hn_options *o;
  assert_survives_no_memory(hn_options_create(specs, &o, &err));
  assert_survives_no_memory(hn_options_set(o, "ngram", "1,2", &err));
  hn_options_destroy(o);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_set),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
