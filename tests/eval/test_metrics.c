#include "tests/support.h"

#include "eval/metrics.h"
#include "tests/eval/golden.h"

#include "base/labels.h"

static hn_error err;

enum { N = sizeof score_truth / sizeof *score_truth, K = 5 };

static const char *const classes[] = {"a", "b", "c", "d", "e"};

static void make_table(size_t n, hn_probability *table) {
  static char names[N][8];
  const char *ids[N];
  for (size_t i = 0; i < N; i++) {
    snprintf(names[i], sizeof names[i], "t%zu", i);
    ids[i] = names[i];
  }
  assert_ok(hn_probability_init(table, n, ids, K, classes, &err));
  for (size_t i = 0; i < n; i++) table->truth[i] = score_truth[i];
  memcpy(table->p, score_p, n * K * sizeof(float));
}

static void test_as_scikit_learn(void **state) {
  (void)state;
  hn_probability table;
  hn_metrics m;
  make_table(N, &table);
  assert_ok(hn_metrics_score(&table, NULL, &m, &err));
  assert_int_equal(m.n_scored, N);
  assert_memory_equal(m.confusion, score_confusion, sizeof score_confusion);
  for (size_t k = 0; k < K; k++) {
    assert_near(m.classes[k].precision, score_classes[3 * k], 1e-12);
    assert_near(m.classes[k].recall, score_classes[3 * k + 1], 1e-12);
    assert_near(m.classes[k].f1, score_classes[3 * k + 2], 1e-12);
    assert_int_equal(m.classes[k].support, score_support[k]);
  }
  assert_near(m.accuracy, score_values[0], 1e-12);
  assert_near(m.balanced_accuracy, score_values[1], 1e-12);
  assert_near(m.macro_f1, score_values[2], 1e-12);
  assert_near(m.log_loss, score_values[3], 1e-6); /* there the logarithms are float32 */
  assert_near(m.brier, score_values[4], 1e-12);
  assert_near(m.calibration_error, score_values[5], 1e-12);
  hn_metrics_free(&m);
  assert_survives_no_memory(hn_metrics_score(&table, NULL, &m, &err));
  hn_metrics_free(&m);
  hn_probability_free(&table);
  hn_metrics_free(NULL);
}

static void test_one_against_rest(void **state) {
  (void)state;
  hn_probability table;
  hn_metrics m;
  make_table(N, &table);
  assert_ok(hn_metrics_score(&table, NULL, &m, &err));
  for (size_t k = 0; k < K; k++) {
    hn_one_against_rest one = hn_metrics_one_against_rest(&m, k);
    assert_int_equal(one.true_positive, m.confusion[k * K + k]);
    assert_int_equal(one.true_positive + one.false_negative, m.classes[k].support);
    assert_int_equal(
        one.true_positive + one.false_negative + one.false_positive + one.true_negative, N);
    assert_near(one.recall, m.classes[k].recall, 0);
    assert_near(one.precision, m.classes[k].precision, 0);
    double n_others = (double)(one.true_negative + one.false_positive);
    assert_near(one.specificity, (double)one.true_negative / n_others, 1e-12);
  }
  hn_metrics_free(&m);
  hn_probability_free(&table);
}

/* Rows out of the mask, without truth and without probabilities are counted apart. */
static void test_what_is_scored(void **state) {
  (void)state;
  hn_probability table;
  hn_metrics m;
  make_table(6, &table);
  table.truth[1] = HN_LABEL_MISSING;
  for (size_t k = 0; k < K; k++) table.p[2 * K + k] = NAN;
  static const uint8_t rows[] = {1, 1, 1, 1, 0, 0};
  assert_ok(hn_metrics_score(&table, rows, &m, &err));
  assert_int_equal(m.n_scored, 2);
  assert_int_equal(m.n_unlabelled, 1);
  assert_int_equal(m.n_absent, 1);
  hn_metrics_free(&m);
  hn_probability_free(&table);
}

static void test_one_row_and_none(void **state) {
  (void)state;
  hn_probability table;
  hn_metrics m;
  static const uint8_t nothing[] = {0};
  make_table(1, &table);
  memcpy(table.p, (float[]){0.25f, 0.5f, 0.25f, 0, 0}, K * sizeof(float));
  table.truth[0] = 1;
  assert_ok(hn_metrics_score(&table, NULL, &m, &err));
  assert_near(m.accuracy, 1, 0);
  assert_near(m.balanced_accuracy, 1, 0);
  assert_near(m.macro_f1, 1, 0); /* over the one class that occurs */
  assert_near(m.log_loss, log(2), 1e-12);
  assert_near(m.brier, 0.375, 1e-12);
  assert_near(m.calibration_error, 0.5, 1e-12);
  hn_metrics_free(&m);
  assert_ok(hn_metrics_score(&table, nothing, &m, &err));
  assert_int_equal(m.n_scored, 0);
  assert_true(isnan(m.accuracy) && isnan(m.balanced_accuracy) && isnan(m.macro_f1));
  assert_true(isnan(m.log_loss) && isnan(m.brier) && isnan(m.calibration_error));
  assert_near(hn_metrics_one_against_rest(&m, 0).recall, 0, 0);
  hn_metrics_free(&m);
  hn_probability_free(&table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_as_scikit_learn),
      cmocka_unit_test(test_one_against_rest),
      cmocka_unit_test(test_what_is_scored),
      cmocka_unit_test(test_one_row_and_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
