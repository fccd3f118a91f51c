/* Permutation importance against a naive twin, exactly, and against scikit-learn's, in the mean. */
#include "learn/permutation.h"

#include "learn/forest/forest.h"
#include "learn/linear/linear_svm.h"
#include "learn/linear/logistic.h"
#include "learn/linear/naive_bayes.h"
#include "support.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/threads.h"

#include <stdlib.h>
#include <string.h>

enum { N_COLS = 8 };

/* {1, 2, 5}, {0} and {2, 7}. */
static const size_t group_starts[] = {0, 3, 4, 6}, group_columns[] = {5, 1, 2, 0, 2, 7};
static const hn_column_groups three_groups = {3, group_starts, group_columns};

static hn_permutation importances_of(const hn_model *model, const hn_permutation_input *input) {
  hn_permutation importances;
  hn_error err;
  if (hn_permutation_importances(model, input, &importances, &err) != HN_OK)
    fail_msg("%s", err.message);
  return importances;
}

/* --- the naive twin: whole permuted tables, predicted whole --- */

static double accuracy(const hn_model *model, const hn_matrix *m, hn_features_kind kind,
                       const int32_t *y) {
  test_data d = {.x = {.kind = HN_FEATURES_DENSE, .as.dense = *m}, .n_rows = m->n_rows};
  if (kind == HN_FEATURES_CSR) d.x = to_csr(m);
  float *p = predict(model, &d);
  size_t n_classes = hn_model_n_classes(model), n_right = 0;
  for (size_t i = 0; i < m->n_rows; i++) {
    size_t best = 0;
    for (size_t k = 1; k < n_classes; k++)
      if (p[i * n_classes + k] > p[i * n_classes + best]) best = k;
    n_right += y[i] == (int32_t)best;
  }
  hn_free(p);
  if (kind == HN_FEATURES_CSR) hn_features_free(&d.x);
  return (double)n_right / (double)m->n_rows;
}

static int holds_any(const hn_matrix *m, size_t row, const size_t *columns, size_t n) {
  for (size_t c = 0; c < n; c++)
    if (m->values[row * m->n_cols + columns[c]] != 0) return 1;
  return 0;
}

/* The rows that hold anything in the group go, one after another, to rows not yet taken. */
static void permute(hn_matrix *to, const hn_matrix *from, const size_t *columns, size_t n,
                    uint64_t seed, size_t permutation) {
  size_t *rows = hn_alloc(from->n_rows, sizeof *rows), n_moved = 0;
  hn_rng rng;
  hn_rng_init(&rng, seed, "permutation", permutation);
  for (size_t i = 0; i < from->n_rows; i++) {
    rows[i] = i;
    for (size_t c = 0; c < n; c++) to->values[i * to->n_cols + columns[c]] = 0;
  }
  for (size_t i = 0; i < from->n_rows; i++) {
    if (!holds_any(from, i, columns, n)) continue;
    size_t pick = n_moved + hn_rng_below(&rng, from->n_rows - n_moved), row = rows[pick];
    rows[pick] = rows[n_moved];
    rows[n_moved++] = row;
    for (size_t c = 0; c < n; c++)
      to->values[row * to->n_cols + columns[c]] = from->values[i * from->n_cols + columns[c]];
  }
  hn_free(rows);
}

static void expect_naive(const hn_model *model, const hn_matrix *m, hn_features_kind kind,
                         const int32_t *y, const size_t *columns, size_t n, size_t group,
                         const hn_permutation_input *input, const hn_permutation *got) {
  size_t n_repeats = input->n_repeats;
  double base = accuracy(model, m, kind, y), sum = 0, squares = 0;
  double *falls = hn_alloc(n_repeats, sizeof *falls);
  for (size_t r = 0; r < n_repeats; r++) {
    hn_matrix permuted;
    assert_int_equal(hn_matrix_init(&permuted, m->n_rows, m->n_cols, NULL), HN_OK);
    memcpy(permuted.values, m->values, m->n_rows * m->n_cols * sizeof(float));
    permute(&permuted, m, columns, n, input->seed, group * n_repeats + r);
    falls[r] = base - accuracy(model, &permuted, kind, y);
    sum += falls[r];
    hn_matrix_free(&permuted);
  }
  double mean = sum / (double)n_repeats;
  for (size_t r = 0; r < n_repeats; r++) squares += (falls[r] - mean) * (falls[r] - mean);
  /* The twin sums shares of N, the library whole rows. */
  expect_near(got->accuracy, base, 1e-15);
  expect_near(got->mean[group], mean, 1e-14);
  expect_near(got->deviation[group], sqrt(squares / (double)n_repeats), 1e-14);
  hn_free(falls);
}

static void expect_naive_all(const hn_classifier_kind *kind, const char *options,
                             hn_features_kind features) {
  test_data learned = make_data(features, 90, 3, 1), held_out = make_data(features, 61, 3, 2);
  test_data dense = make_data(HN_FEATURES_DENSE, 61, 3, 2);
  if (kind->takes_counts) {
    drop_signs(&learned.x);
    drop_signs(&held_out.x);
    drop_signs(&dense.x);
  }
  hn_model *model = fit(kind, options, &learned, 5);
  hn_permutation_input input = {&held_out.x, held_out.y, NULL, 4, 11, NULL};
  hn_permutation got = importances_of(model, &input);
  const hn_matrix *m = &dense.x.as.dense;
  double most = 0;
  assert_int_equal(got.n_groups, N_COLS);
  for (size_t j = 0; j < N_COLS; j++) {
    expect_naive(model, m, features, held_out.y, &j, 1, j, &input, &got);
    if (got.mean[j] > most) most = got.mean[j];
  }
  assert_true(most > 0.02);
  hn_permutation_free(&got);
  input.groups = &three_groups;
  got = importances_of(model, &input);
  assert_int_equal(got.n_groups, 3);
  for (size_t g = 0; g < 3; g++)
    expect_naive(model, m, features, held_out.y, group_columns + group_starts[g],
                 group_starts[g + 1] - group_starts[g], g, &input, &got);
  hn_permutation_free(&got);
  hn_model_destroy(model);
  free_data(&learned);
  free_data(&held_out);
  free_data(&dense);
}

static void test_equals_the_naive_twin(void **state) {
  (void)state;
  static const hn_features_kind features[] = {HN_FEATURES_DENSE, HN_FEATURES_CSR};
  for (int f = 0; f < 2; f++) {
    expect_naive_all(&hn_forest_kind, "n_estimators=40", features[f]);
    expect_naive_all(&hn_forest_kind, "n_estimators=25 min_samples_leaf=4", features[f]);
    expect_naive_all(&hn_logistic_kind, NULL, features[f]);
    expect_naive_all(&hn_linear_svm_kind, NULL, features[f]);
    expect_naive_all(&hn_multinomial_nb_kind, NULL, features[f]);
  }
}

/* --- scikit-learn --- */

/* Permutations are drawn by chance there and here: with so many of them the means agree within
 * five standard errors of their difference, and the deviations within a twentieth. */
static void expect_near_golden(const hn_permutation *got, size_t group, const double *mean,
                               const double *deviation, size_t n_repeats) {
  double error = *deviation * sqrt(2. / (double)n_repeats);
  expect_near(got->mean[group], *mean, 5 * error + 1e-12);
  expect_near(got->deviation[group], *deviation, *deviation / 20 + 1e-12);
}

static void expect_golden(const char *name) {
  enum { N_FIT = 100, N_REPEATS = 4000 };
  static const size_t starts[] = {0, 3}, columns[] = {0, 3, 4};
  static const hn_column_groups group = {1, starts, columns};
  const hn_tensor *want = golden("permutation.%s", name);
  const double *means = want->data, *deviations = means + want->shape[1];
  test_data all = golden_data(name, HN_FEATURES_DENSE);
  size_t n_cols = hn_features_n_cols(&all.x), rows[256], n_held_out = all.n_rows - N_FIT;
  test_data learned = all, held_out = {.n_rows = n_held_out};
  for (size_t i = 0; i < all.n_rows; i++) rows[i] = i;
  learned.n_rows = N_FIT;
  assert_int_equal(hn_features_take(&all.x, rows, N_FIT, &learned.x, NULL), HN_OK);
  assert_int_equal(hn_features_take(&all.x, rows + N_FIT, n_held_out, &held_out.x, NULL), HN_OK);
  hn_model *model = fit(&hn_logistic_kind, "tol=1e-10 max_iter=10000", &learned, 1);

  hn_permutation_input input = {&held_out.x, all.y + N_FIT, NULL, N_REPEATS, 3, NULL};
  hn_permutation got = importances_of(model, &input);
  expect_near(got.accuracy, means[0], 1e-15);
  for (size_t j = 0; j < n_cols; j++)
    expect_near_golden(&got, j, &means[1 + j], &deviations[1 + j], N_REPEATS);
  hn_permutation_free(&got);
  input.groups = &group;
  got = importances_of(model, &input);
  expect_near_golden(&got, 0, &means[1 + n_cols], &deviations[1 + n_cols], N_REPEATS);
  hn_permutation_free(&got);

  hn_model_destroy(model);
  hn_features_free(&learned.x);
  hn_features_free(&held_out.x);
  free_data(&all);
}

static void test_is_scikit_learns_in_the_mean(void **state) {
  (void)state;
  expect_golden("continuous");
  expect_golden("signed");
  expect_golden("counts");
  expect_golden("binary");
}

/* --- what needs no other library --- */

static void test_threads_change_nothing(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_CSR, 200, 4, 3);
  hn_model *model = fit(&hn_forest_kind, "n_estimators=20 max_depth=4", &d, 1);
  hn_permutation_input input = {&d.x, d.y, NULL, 3, 7, NULL};
  int n_before = hn_threads();
  hn_threads_set(1);
  hn_permutation one = importances_of(model, &input);
  hn_threads_set(4);
  hn_permutation four = importances_of(model, &input);
  hn_threads_set(n_before);
  assert_memory_equal(one.mean, four.mean, N_COLS * sizeof *one.mean);
  assert_memory_equal(one.deviation, four.deviation, N_COLS * sizeof *one.deviation);
  input.seed = 8;
  hn_permutation other = importances_of(model, &input);
  assert_memory_not_equal(one.mean, other.mean, N_COLS * sizeof *one.mean);
  hn_permutation_free(&one);
  hn_permutation_free(&four);
  hn_permutation_free(&other);
  hn_model_destroy(model);
  free_data(&d);
}

/* A tree with one cut uses one column; only that can matter, and 0 is 0 exactly. */
static void test_unused_columns_have_none(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 150, 2, 4);
  hn_model *model = fit(&hn_forest_kind, "n_estimators=1 max_depth=1 max_features=none", &d, 1);
  hn_permutation_input input = {&d.x, d.y, NULL, 5, 7, NULL};
  hn_permutation got = importances_of(model, &input);
  uint8_t used[N_COLS];
  size_t n_used = 0;
  hn_model_uses(model, used);
  for (size_t j = 0; j < N_COLS; j++) {
    n_used += used[j];
    assert_true(used[j] ? got.mean[j] > 0.05 : got.mean[j] == 0 && got.deviation[j] == 0);
  }
  assert_int_equal(n_used, 1);
  hn_permutation_free(&got);
  hn_model_destroy(model);
  free_data(&d);
}

static void test_small_and_strange(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 80, 2, 5);
  hn_model *model = fit(&hn_logistic_kind, NULL, &d, 1);
  hn_permutation_input input = {&d.x, d.y, NULL, 5, 7, NULL};

  size_t first = 0;
  hn_features one;
  assert_int_equal(hn_features_take(&d.x, &first, 1, &one, NULL), HN_OK);
  input.x = &one;
  hn_permutation got = importances_of(model, &input);
  for (size_t j = 0; j < N_COLS; j++) assert_true(got.mean[j] == 0 && got.deviation[j] == 0);
  hn_permutation_free(&got);

  /* Classes that the model does not have are never right. */
  int32_t y[80];
  for (size_t i = 0; i < 80; i++) y[i] = i % 2 ? -1 : 2;
  input = (hn_permutation_input){&d.x, y, NULL, 5, 7, NULL};
  got = importances_of(model, &input);
  assert_true(got.accuracy == 0 && got.mean[0] == 0);
  hn_permutation_free(&got);

  /* An empty group, and no group at all. */
  static const size_t starts[] = {0, 0};
  hn_column_groups groups = {1, starts, &first};
  input = (hn_permutation_input){&d.x, d.y, &groups, 5, 7, NULL};
  got = importances_of(model, &input);
  assert_true(got.n_groups == 1 && got.mean[0] == 0);
  hn_permutation_free(&got);
  groups.n = 0;
  got = importances_of(model, &input);
  assert_int_equal(got.n_groups, 0);
  hn_permutation_free(&got);

  hn_features_free(&one);
  hn_model_destroy(model);
  free_data(&d);
}

static void expect_error(const hn_model *model, const hn_permutation_input *input, hn_status want,
                         const char *part) {
  hn_permutation none;
  hn_error err;
  assert_int_equal(hn_permutation_importances(model, input, &none, &err), want);
  if (!strstr(err.message, part)) fail_msg("\"%s\" lacks \"%s\"", err.message, part);
}

static void test_errors(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 40, 2, 5);
  test_data pictures = make_data(HN_FEATURES_IMAGES, 2, 2, 5);
  hn_model *model = fit(&hn_logistic_kind, NULL, &d, 1);
  static const size_t starts[] = {0, 2}, far[] = {1, 8}, twice[] = {3, 3};
  hn_column_groups groups = {1, starts, far};
  hn_features empty = {.kind = HN_FEATURES_DENSE, .as.dense = {.n_cols = N_COLS}};
  hn_matrix narrow_matrix;
  assert_int_equal(hn_matrix_init(&narrow_matrix, 2, 3, NULL), HN_OK);
  hn_features narrow = {.kind = HN_FEATURES_DENSE, .as.dense = narrow_matrix};

  expect_error(model, &(hn_permutation_input){&d.x, d.y, NULL, 0, 0, NULL}, HN_INVALID,
               "0 repeats");
  expect_error(model, &(hn_permutation_input){&empty, d.y, NULL, 5, 0, NULL}, HN_INVALID, "0 rows");
  expect_error(model, &(hn_permutation_input){&narrow, d.y, NULL, 5, 0, NULL}, HN_INVALID,
               "3 columns");
  expect_error(model, &(hn_permutation_input){&pictures.x, d.y, NULL, 5, 0, NULL}, HN_UNSUPPORTED,
               "pictures");
  expect_error(model, &(hn_permutation_input){&d.x, d.y, &groups, 5, 0, NULL}, HN_INVALID,
               "group 0 names column 8");
  groups.columns = twice;
  expect_error(model, &(hn_permutation_input){&d.x, d.y, &groups, 5, 0, NULL}, HN_INVALID,
               "column 3 (both from 0) twice");
  hn_features_free(&narrow);
  hn_model_destroy(model);
  free_data(&d);
  free_data(&pictures);
}

static void test_failed_allocations_leave_nothing(void **state) {
  (void)state;
  static const hn_classifier_kind *const kinds[] = {&hn_forest_kind, &hn_logistic_kind};
  static const char *const options[] = {"n_estimators=5", NULL};
  for (int c = 0; c < 4; c++) {
    test_data d = make_data(c / 2 ? HN_FEATURES_CSR : HN_FEATURES_DENSE, 30, 2, 5);
    hn_model *model = fit(kinds[c % 2], options[c % 2], &d, 1);
    hn_permutation_input input = {&d.x, d.y, &three_groups, 2, 7, NULL};
    hn_permutation got;
    hn_status status = HN_NO_MEMORY;
    long n = 0;
    for (; status == HN_NO_MEMORY; n++) {
      hn_memory_fail_after(n);
      status = hn_permutation_importances(model, &input, &got, NULL);
      hn_memory_fail_after(-1);
    }
    assert_int_equal(status, HN_OK);
    assert_true(n > 10);
    hn_permutation_free(&got);
    hn_model_destroy(model);
    free_data(&d);
  }
}

static int teardown(void **state) {
  (void)state;
  free_golden();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_equals_the_naive_twin),
      cmocka_unit_test(test_is_scikit_learns_in_the_mean),
      cmocka_unit_test(test_threads_change_nothing),
      cmocka_unit_test(test_unused_columns_have_none),
      cmocka_unit_test(test_small_and_strange),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_failed_allocations_leave_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, teardown);
}
