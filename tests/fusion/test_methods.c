#include "tests/fusion/tables.h"

#include "base/labels.h"
#include "fusion/conditional_logit.h"
#include "fusion/registry.h"

static hn_error err;

static hn_fusion *fit_method(const char *method, const char *option, const char *value,
                             const hn_probability *const *tables, size_t n_tables) {
  const hn_fusion_kind *kind;
  hn_options *options;
  hn_fusion *fusion;
  assert_ok(hn_fusion_find(method, &kind, &err));
  assert_ok(hn_options_create(kind->options, &options, &err));
  if (option) assert_ok(hn_options_set(options, option, value, &err));
  assert_ok(hn_fusion_fit(kind, options, models, tables, n_tables, &fusion, &err));
  hn_options_destroy(options);
  return fusion;
}

/* Fit on the golden tables and fuse them: in the order of the first, with truth and fold. */
static void check_golden(const char *method, const char *option, const char *value,
                         const double *expected, double tolerance) {
  hn_probability t[M], fused;
  const hn_probability *tables[M];
  make_golden(t, tables);
  hn_fusion *fusion = fit_method(method, option, value, tables, M);
  assert_ok(hn_fusion_apply(fusion, models, tables, M, &fused, &err));
  assert_int_equal(fused.n_rows, N);
  for (size_t i = 0; i < N; i++) {
    assert_string_equal(fused.ids[i], t[0].ids[i]);
    assert_int_equal(fused.truth[i], golden_truth[i]);
    assert_int_equal(fused.fold[i], i % 5);
    assert_int_equal(hn_probability_has(&fused, i), !isnan(expected[i * K]));
    for (size_t k = 0; k < K && hn_probability_has(&fused, i); k++)
      assert_near(fused.p[i * K + k], expected[i * K + k], tolerance);
  }
  hn_probability_free(&fused);
  hn_fusion_destroy(fusion);
  free_tables(t, M);
}

static void test_mean(void **state) {
  (void)state;
  check_golden("mean", NULL, NULL, golden_mean, 1e-7);
}

static void test_product(void **state) {
  (void)state;
  check_golden("product", NULL, NULL, golden_product, 1e-7);
}

static void test_weighted(void **state) {
  (void)state;
  check_golden("weighted", NULL, NULL, golden_weighted, 1e-5); /* a flat minimum, two searches */
}

static void test_stacking(void **state) {
  (void)state;
  check_golden("stacking", NULL, NULL, golden_shared, 1e-6);
  check_golden("stacking", "coefficients", "free", golden_free, 2e-4); /* both stop at 1e-4 */
}

static void test_stacking_of_two_classes(void **state) {
  (void)state;
  enum { N_BINARY = sizeof binary_truth / sizeof *binary_truth };
  hn_probability t[2], fused;
  const hn_probability *tables[] = {&t[0], &t[1]};
  for (size_t m = 0; m < 2; m++)
    make_table(binary_p + m * N_BINARY * 2, binary_truth, N_BINARY, 2, 0, &t[m]);
  hn_fusion *fusion = fit_method("stacking", "coefficients", "free", tables, 2);
  assert_ok(hn_fusion_apply(fusion, models, tables, 2, &fused, &err));
  for (size_t i = 0; i < N_BINARY * 2; i++) assert_near(fused.p[i], binary_free[i], 2e-4);
  hn_probability_free(&fused);
  hn_fusion_destroy(fusion);
  free_tables(t, 2);
}

/* Models that no validation track has together are averaged. */
static void test_stacking_of_strangers(void **state) {
  (void)state;
  hn_probability t[2], fused;
  const hn_probability *tables[] = {&t[0], &t[1]};
  for (size_t m = 0; m < 2; m++) make_table(golden_p + m * N * K, golden_truth, N, K, 0, &t[m]);
  for (size_t i = 0; i < N; i++)
    for (size_t k = 0; k < K; k++) t[i % 2].p[i * K + k] = NAN;
  hn_fusion *fusion = fit_method("stacking", NULL, NULL, tables, 2);
  free_tables(t, 2);
  for (size_t m = 0; m < 2; m++) make_table(golden_p + m * N * K, golden_truth, 1, K, 0, &t[m]);
  assert_ok(hn_fusion_apply(fusion, models, tables, 2, &fused, &err));
  for (size_t k = 0; k < K; k++) assert_near(fused.p[k], (t[0].p[k] + t[1].p[k]) / 2, 1e-7);
  hn_probability_free(&fused);
  hn_fusion_destroy(fusion);
  free_tables(t, 2);
}

/* Zeros that contradict each other leave a distribution. */
static void test_product_of_contradictions(void **state) {
  (void)state;
  static const float p[] = {1, 0, 0, 0, 0, 1, 0, 0};
  static const int32_t truth[] = {0};
  hn_probability t[2], fused;
  const hn_probability *tables[] = {&t[0], &t[1]};
  for (size_t m = 0; m < 2; m++) make_table(p + m * K, truth, 1, K, 0, &t[m]);
  hn_fusion *fusion = fit_method("product", NULL, NULL, tables, 2);
  assert_ok(hn_fusion_apply(fusion, models, tables, 2, &fused, &err));
  assert_near(fused.p[0], 0.5, 1e-6);
  assert_near(fused.p[1], 0.5, 1e-6);
  hn_probability_free(&fused);
  hn_fusion_destroy(fusion);
  free_tables(t, 2);
}

/* A useless model gets no weight; where it stands alone it still speaks. */
static void test_weight_of_nothing(void **state) {
  (void)state;
  static const float p[] = {0.9f, 0.1f, 0, 0, 0.1f, 0.9f, 0, 0, /* a good model, then its reverse */
                            0.1f, 0.9f, 0, 0, 0.9f, 0.1f, 0, 0};
  static const int32_t truth[] = {0, 1};
  hn_probability t[2], fused;
  const hn_probability *tables[] = {&t[0], &t[1]};
  for (size_t m = 0; m < 2; m++) make_table(p + m * 2 * K, truth, 2, K, 0, &t[m]);
  hn_fusion *fusion = fit_method("weighted", NULL, NULL, tables, 2);
  assert_ok(hn_fusion_apply(fusion, models, tables, 2, &fused, &err));
  assert_near(fused.p[0], 0.9, 1e-6);
  hn_probability_free(&fused);
  assert_ok(hn_fusion_apply(fusion, models + 1, tables + 1, 1, &fused, &err));
  assert_near(fused.p[0], 0.1, 1e-6);
  hn_probability_free(&fused);
  hn_fusion_destroy(fusion);
  free_tables(t, 2);
}

/* With hardly any data the conditional logit stays at the plain sum; no rows: exactly there. */
static void test_conditional_logit(void **state) {
  (void)state;
  static const double x[] = {0.5, -0.5, 1, 2};
  static const int32_t y[] = {1};
  double coef[4];
  hn_conditional_logit none = {0, 2, 2, x, y, 1}, tight = {1, 2, 2, x, y, 1e-6};
  assert_ok(hn_conditional_logit_fit(&none, coef, &err));
  assert_memory_equal(coef, ((double[]){1, 1, 0, 0}), sizeof coef);
  assert_survives_no_memory(hn_conditional_logit_fit(&tight, coef, &err));
  for (size_t a = 0; a < 4; a++) assert_near(coef[a], a < 2, 1e-5);
}

static void test_fit_errors(void **state) {
  (void)state;
  static const char *const same[] = {"lyrics", "lyrics"};
  hn_probability t[2];
  const hn_probability *tables[9] = {&t[0], &t[1]};
  const hn_fusion_kind *kind;
  hn_fusion *fusion = NULL;
  for (size_t m = 0; m < 2; m++) make_table(golden_p + m * N * K, golden_truth, N, K, 0, &t[m]);
  assert_ok(hn_fusion_find("weighted", &kind, &err));
  assert_fails(hn_fusion_fit(kind, NULL, models, tables, 1, &fusion, &err), HN_INVALID,
               "two models at least, not 1");
  assert_fails(hn_fusion_fit(kind, NULL, same, tables, 2, &fusion, &err), HN_INVALID,
               "model \"lyrics\" is given twice");
  for (size_t m = 0; m < 2; m++)
    for (size_t i = 0; i < N; i++) t[m].truth[i] = HN_LABEL_MISSING;
  assert_fails(hn_fusion_fit(kind, NULL, models, tables, 2, &fusion, &err), HN_INVALID,
               "weighted has nothing to learn from");
  assert_null(fusion);

  static const char *const nine[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
  for (size_t m = 2; m < 9; m++) tables[m] = &t[0];
  memcpy(t[0].truth, golden_truth, sizeof golden_truth);
  assert_ok(hn_fusion_find("stacking", &kind, &err));
  assert_fails(hn_fusion_fit(kind, NULL, nine, tables, 9, &fusion, &err), HN_INVALID,
               "at most 8 models, not 9");
  free_tables(t, 2);
}

static void test_apply_errors(void **state) {
  (void)state;
  static const char *const stranger[] = {"lyrics", "video"}, *const same[] = {"audio", "audio"};
  hn_probability t[M], other, fused = {.n_rows = 99};
  const hn_probability *tables[M];
  make_golden(t, tables);
  hn_fusion *fusion = fit_method("mean", NULL, NULL, tables, M);
  assert_fails(hn_fusion_apply(fusion, models, tables, 0, &fused, &err), HN_INVALID, "no table");
  assert_fails(hn_fusion_apply(fusion, stranger, tables, 2, &fused, &err), HN_INVALID,
               "does not know a model \"video\"");
  assert_fails(hn_fusion_apply(fusion, same, tables, 2, &fused, &err), HN_INVALID,
               "\"audio\" is given twice");
  make_table(binary_p, binary_truth, 3, 2, 0, &other);
  tables[0] = &other;
  assert_fails(hn_fusion_apply(fusion, models, tables, 1, &fused, &err), HN_INVALID,
               "fitted on 4 classes");
  assert_int_equal(fused.n_rows, 99);
  hn_probability_free(&other);
  hn_fusion_destroy(fusion);
  free_tables(t, M);
  hn_fusion_destroy(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mean),
      cmocka_unit_test(test_product),
      cmocka_unit_test(test_weighted),
      cmocka_unit_test(test_stacking),
      cmocka_unit_test(test_stacking_of_two_classes),
      cmocka_unit_test(test_stacking_of_strangers),
      cmocka_unit_test(test_product_of_contradictions),
      cmocka_unit_test(test_weight_of_nothing),
      cmocka_unit_test(test_conditional_logit),
      cmocka_unit_test(test_fit_errors),
      cmocka_unit_test(test_apply_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
