/* The most telling words and the importances, in metrics.json and in the report. */
#include "experiments/telling.h"

#include "base/file.h"
#include "experiments/importances.h"
#include "experiments/run_folder.h"
#include "experiments/runner.h"

#include "tests/support.h"

static hn_error err;
static char *scratch;

/* Two models with the same features, one with others; only the forest has importances. */
static const char study_text[] =
    "name: words\n"
    "seed: 3\n"
    "corpus: {simulated: {seed: 1, n_artists: 12, n_songs: 6, duration: 1}}\n"
    "target: region\n"
    "split: {folds: 2}\n"
    "models:\n"
    "  trees: {features: tfidf, classifier: forest, n_estimators: 20}\n"
    "  line: {features: tfidf, classifier: logistic}\n"
    "  pairs: {features: tfidf, ngram: [2, 2], classifier: multinomial_nb}\n"
    "  style: {features: style, classifier: logistic}\n"
    "importances: {n_repeats: 3, groups: {all: [mattr, words_per_line], one: [mattr]}}\n";

static json_t *metrics;
static char *page;

static double number(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  assert_true(json_is_number(value));
  return json_number_value(value);
}

/* By hand: y = 30 of n = 1,000 in the class, 10 of 3,000 in the rest, so a(w) = 40 and a = 4,000:
 * (ln(70 / 4930) - ln(50 / 6950)) / sqrt(1 / 70 + 1 / 50). */
static void test_z(void **state) {
  (void)state;
  assert_true(fabs(hn_telling_z(30, 1000, 10, 3000) - 3.6717441558589066) < 1e-12);
  assert_true(hn_telling_z(10, 1000, 30, 3000) == 0);
  assert_true(hn_telling_z(0, 1000, 10, 3000) < 0);
}

static void check_words(const json_t *class) {
  size_t w;
  json_t *word;
  const json_t *words = json_object_get(class, "words");
  double last = INFINITY, songs = number(class, "songs");
  assert_in_range(json_array_size(words), 1, HN_TELLING_WORDS);
  json_array_foreach(words, w, word) {
    double z = number(word, "z"), share = number(word, "in_class");
    assert_true(z > 0 && z <= last);
    assert_true(share > number(word, "in_rest") && share <= 1);
    assert_true(fabs(share * songs - round(share * songs)) < 1e-9);
    assert_true(number(word, "artists") >= 1 && number(word, "artists") <= share * songs);
    last = z;
  }
}

static void test_words_of_each_class(void **state) {
  (void)state;
  const json_t *telling = json_object_get(metrics, "telling_words");
  size_t m, k;
  json_t *model, *class;
  assert_int_equal(json_array_size(telling), 2);
  assert_string_equal(json_string_value(json_object_get(json_array_get(telling, 0), "model")),
                      "trees");
  assert_string_equal(json_string_value(json_object_get(json_array_get(telling, 1), "model")),
                      "pairs");
  json_array_foreach(telling, m, model) {
    const json_t *classes = json_object_get(model, "classes");
    assert_int_equal(json_array_size(classes),
                     json_array_size(json_object_get(metrics, "classes")));
    json_array_foreach(classes, k, class) check_words(class);
  }
}

static void test_importances(void **state) {
  (void)state;
  const json_t *importances = json_object_get(metrics, "importances");
  size_t i;
  json_t *feature;
  double last = 1, sum = 0;
  assert_int_equal(json_array_size(importances), 1);
  const json_t *features = json_object_get(json_array_get(importances, 0), "features");
  assert_int_equal(json_array_size(features), HN_IMPORTANCES_LISTED);
  json_array_foreach(features, i, feature) {
    double importance = number(feature, "importance");
    assert_true(importance > 0 && importance <= last);
    for (size_t j = 0; j < i; j++)
      assert_string_not_equal(
          json_string_value(json_object_get(feature, "feature")),
          json_string_value(json_object_get(json_array_get(features, j), "feature")));
    last = importance;
    sum += importance;
  }
  assert_true(sum < 1);
}

/* Accuracy is counted over songs: what a fold loses is a whole number of them. */
static void test_permutation_importances(void **state) {
  (void)state;
  const json_t *models = json_object_get(metrics, "permutation_importances");
  static const char *const names[] = {"trees", "line", "pairs", "style"};
  size_t m, i;
  json_t *model, *feature;
  assert_int_equal(json_array_size(models), 4);
  json_array_foreach(models, m, model) {
    double last = 1;
    assert_string_equal(json_string_value(json_object_get(model, "model")), names[m]);
    assert_int_equal(number(model, "n_repeats"), 3);
    assert_int_equal(json_array_size(json_object_get(model, "groups")), m == 3 ? 2 : 0);
    assert_in_range(json_array_size(json_object_get(model, "features")), 1, HN_IMPORTANCES_LISTED);
    json_array_foreach(json_object_get(model, "features"), i, feature) {
      double importance = number(feature, "importance");
      assert_true(importance <= last && number(feature, "deviation") >= 0);
      last = importance;
    }
  }
  /* What no song may do without is what the corpus was made with: a word that tells the region. */
  feature = json_array_get(json_object_get(json_array_get(models, 0), "features"), 0);
  assert_true(number(feature, "importance") > 0.01);
}

static void test_report(void **state) {
  (void)state;
  assert_non_null(strstr(page, "The most telling words"));
  assert_non_null(strstr(page, "What the trees lean on"));
  assert_non_null(strstr(page, "favours features with many distinct values"));
  assert_non_null(strstr(page, "What the models cannot do without"));
  assert_non_null(strstr(page, "<th>group</th>"));
}

static int begin(void **state) {
  (void)state;
  hn_study *study = NULL;
  size_t n;
  scratch = make_scratch();
  if (setenv("XDG_CACHE_HOME", scratch, 1) != 0) return -1;
  char *folder = hn_run_path(scratch, "run"), *path = hn_run_path(scratch, "run/report.html");
  hn_status status =
      hn_study_parse("words.yaml", study_text, strlen(study_text), NULL, 0, &study, &err);
  if (status == HN_OK) status = hn_run_study(study, folder, NULL, NULL, &metrics, NULL, &err);
  if (status == HN_OK) status = hn_file_read(path, &page, &n, &err);
  if (status != HN_OK) print_error("%s\n", err.message);
  hn_study_destroy(study);
  hn_free(folder);
  hn_free(path);
  return status == HN_OK ? 0 : -1;
}

static int end(void **state) {
  (void)state;
  hn_free(page);
  json_decref(metrics);
  drop_scratch(scratch);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_z),           cmocka_unit_test(test_words_of_each_class),
      cmocka_unit_test(test_importances), cmocka_unit_test(test_permutation_importances),
      cmocka_unit_test(test_report),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
