#include "tests/support.h"

#include "eval/kmeans.h"
#include "tests/eval/golden.h"

#include "base/threads.h"

static hn_error err;

static hn_options *options_of(const char *k) {
  hn_options *o;
  assert_ok(hn_options_create(hn_kmeans_options, &o, &err));
  assert_ok(hn_options_set(o, "k", k, &err));
  return o;
}

/* values (n, d) as dense or as sparse features. */
static hn_features features_of(const float *values, size_t n, size_t d, hn_features_kind kind) {
  hn_features x = {.kind = kind};
  if (kind == HN_FEATURES_DENSE) {
    assert_ok(hn_matrix_init(&x.as.dense, n, d, &err));
    memcpy(x.as.dense.values, values, n * d * sizeof *values);
    return x;
  }
  hn_csr *m = &x.as.csr;
  assert_ok(hn_csr_init(m, n, d, n * d, &err));
  for (size_t i = 0; i < n; i++) {
    m->indptr[i + 1] = m->indptr[i];
    for (size_t j = 0; j < d; j++) {
      if (values[i * d + j] == 0) continue;
      m->indices[m->indptr[i + 1]] = (int32_t)j;
      m->values[m->indptr[i + 1]++] = values[i * d + j];
    }
  }
  return x;
}

static void check_golden(const float *values, size_t n, size_t d, hn_features_kind kind,
                         const char *k, const int32_t *labels, double inertia,
                         const double *centers) {
  hn_features x = features_of(values, n, d, kind);
  hn_options *o = options_of(k);
  hn_kmeans m;
  assert_ok(hn_kmeans_fit(&x, o, 1, &m, &err));
  assert_memory_equal(m.labels, labels, n * sizeof *labels);
  assert_near(m.inertia / inertia, 1, 1e-10); /* sparse distances are differences of squares */
  for (size_t j = 0; j < m.n_clusters * d; j++) assert_near(m.centers[j], centers[j], 1e-10);
  hn_kmeans_free(&m);
  hn_options_destroy(o);
  hn_features_free(&x);
}

static void test_as_scikit_learn(void **state) {
  (void)state;
  check_golden(dense_x, 120, 3, HN_FEATURES_DENSE, "3", dense_labels, dense_inertia[0],
               dense_centers);
  check_golden(dense_x, 120, 3, HN_FEATURES_CSR, "3", dense_labels, dense_inertia[0],
               dense_centers);
  check_golden(sparse_x, 80, 20, HN_FEATURES_CSR, "4", sparse_labels, sparse_inertia[0],
               sparse_centers);
  check_golden(sparse_x, 80, 20, HN_FEATURES_DENSE, "4", sparse_labels, sparse_inertia[0],
               sparse_centers);
}

/* Three of Lloyd's rounds from given centers, of which the last has no row at first. */
static void test_empty_cluster_is_filled(void **state) {
  (void)state;
  for (int kind = HN_FEATURES_DENSE; kind <= HN_FEATURES_CSR; kind++) {
    hn_features x = features_of(dense_x, 120, 3, (hn_features_kind)kind);
    hn_options *o = options_of("4");
    hn_kmeans m;
    assert_ok(hn_options_set(o, "max_iter", "3", &err));
    assert_survives_no_memory(hn_kmeans_fit_from(&x, o, lloyd_start, &m, &err));
    assert_int_equal(m.n_iter, 3);
    assert_memory_equal(m.labels, lloyd_labels, sizeof lloyd_labels);
    assert_near(m.inertia / lloyd_inertia[0], 1, 1e-10);
    for (size_t j = 0; j < 12; j++) assert_near(m.centers[j], lloyd_centers[j], 1e-10);
    hn_kmeans_free(&m);
    hn_options_destroy(o);
    hn_features_free(&x);
  }
}

static void test_same_for_every_thread_count(void **state) {
  (void)state;
  hn_features x = features_of(sparse_x, 80, 20, HN_FEATURES_CSR);
  hn_options *o = options_of("7");
  hn_kmeans one, four;
  int before = hn_threads();
  hn_threads_set(1);
  assert_ok(hn_kmeans_fit(&x, o, 5, &one, &err));
  hn_threads_set(4);
  assert_ok(hn_kmeans_fit(&x, o, 5, &four, &err));
  hn_threads_set(before);
  assert_memory_equal(one.labels, four.labels, 80 * sizeof(int32_t));
  assert_memory_equal(one.centers, four.centers, 7 * 20 * sizeof(double));
  assert_true(one.inertia == four.inertia);
  hn_kmeans_free(&one);
  hn_kmeans_free(&four);
  hn_options_destroy(o);
  hn_features_free(&x);
}

/* As many clusters as distinct rows: each row is its own center; one more is refused. */
static void test_distinct_rows(void **state) {
  (void)state;
  static const float values[] = {0, 1, 0.1f, 0.7f, 0, 1, 3, 0, 0.1f, 0.7f, 3, 0};
  static const int32_t labels[] = {0, 1, 0, 2, 1, 2};
  for (int kind = HN_FEATURES_DENSE; kind <= HN_FEATURES_CSR; kind++) {
    hn_features x = features_of(values, 6, 2, (hn_features_kind)kind);
    hn_options *o = options_of("3");
    hn_kmeans m;
    assert_survives_no_memory(hn_kmeans_fit(&x, o, 1, &m, &err));
    assert_memory_equal(m.labels, labels, sizeof labels);
    assert_near(m.inertia, 0, 1e-12);
    hn_kmeans_free(&m);
    assert_ok(hn_options_set(o, "k", "4", &err));
    assert_fails(hn_kmeans_fit(&x, o, 1, &m, &err), HN_INVALID,
                 "4 clusters of rows of which only 3 differ");
    hn_options_destroy(o);
    hn_features_free(&x);
  }
}

static void test_one_row_and_errors(void **state) {
  (void)state;
  static const float one[] = {2, -3}, endless[] = {1, 2, NAN, 0};
  hn_features x = features_of(one, 1, 2, HN_FEATURES_DENSE);
  hn_options *o = options_of("1");
  hn_kmeans m;
  assert_ok(hn_kmeans_fit(&x, o, 1, &m, &err));
  assert_int_equal(m.labels[0], 0);
  assert_near(m.centers[1], -3, 0);
  hn_kmeans_free(&m);
  assert_ok(hn_options_set(o, "k", "2", &err));
  assert_fails(hn_kmeans_fit(&x, o, 1, &m, &err), HN_INVALID, "2 clusters of 1 rows");
  hn_features_free(&x);

  x = features_of(endless, 2, 2, HN_FEATURES_DENSE);
  assert_fails(hn_kmeans_fit(&x, o, 1, &m, &err), HN_INVALID, "row 1 (from 0)");
  hn_features_free(&x);
  x = (hn_features){.kind = HN_FEATURES_IMAGES};
  assert_fails(hn_kmeans_fit(&x, o, 1, &m, &err), HN_INVALID, "not pictures");
  hn_options_destroy(o);
  hn_kmeans_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_as_scikit_learn),
      cmocka_unit_test(test_empty_cluster_is_filled),
      cmocka_unit_test(test_same_for_every_thread_count),
      cmocka_unit_test(test_distinct_rows),
      cmocka_unit_test(test_one_row_and_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
