/* The forest against scikit-learn 1.9.1 (golden.safetensors): trees without chance node by node,
 * random ones by means over many; and its corners. */
#include "support.h"

#include "base/memory.h"
#include "learn/forest.h"
#include "learn/tree.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const sets[] = {"continuous", "signed", "counts", "binary"};
enum { N_SETS = sizeof sets / sizeof *sets };

/* The tensors of a model's file; destroy them. */
static hn_tensors *tensors_of(const hn_model *model) {
  hn_tensors *file;
  hn_error err;
  if (hn_model_save(model, NULL, scratch_path(), &err) != HN_OK ||
      hn_tensors_read(scratch_path(), &file, &err) != HN_OK)
    fail_msg("%s", err.message);
  unlink(scratch_path());
  return file;
}

static const void *data_of(const hn_tensors *file, const char *name) {
  return hn_tensors_find(file, name)->data;
}

/* --- trees without chance --- */

static void check_nodes(const hn_model *model, const char *set, const char *name) {
  hn_tensors *file = tensors_of(model);
  const hn_tensor *feature = golden("tree.%s.%s.feature", set, name);
  const double *threshold = golden("tree.%s.%s.threshold", set, name)->data;
  const int32_t *got = data_of(file, "feature");
  assert_int_equal(hn_tensors_find(file, "feature")->shape[0], feature->shape[0]);
  for (size_t i = 0; i < feature->shape[0]; i++) {
    assert_int_equal(got[i] < 0 ? -1 : got[i], ((const int32_t *)feature->data)[i]);
    /* Ours is rounded down to a float. */
    if (got[i] >= 0)
      expect_near(((const float *)data_of(file, "threshold"))[i], threshold[i], 1e-6);
  }
  hn_tensors_destroy(file);
}

static void check_tree(const char *set, const char *name, const char *options,
                       hn_features_kind kind) {
  test_data d = golden_data(set, kind);
  hn_model *model = fit(&hn_forest_kind, options, &d, 3);
  check_nodes(model, set, name);
  const float *want = golden("tree.%s.%s.p", set, name)->data;
  float *p = predict(model, &d);
  for (size_t v = 0; v < d.n_rows * d.n_classes; v++) expect_near(p[v], want[v], 1e-6);
  const hn_tensor *importances = golden("tree.%s.%s.importances", set, name);
  double got[6];
  assert_int_equal(hn_model_importances(model, got, NULL), HN_OK);
  for (size_t j = 0; j < 6; j++) expect_near(got[j], ((const double *)importances->data)[j], 1e-6);
  hn_free(p);
  hn_model_destroy(model);
  free_data(&d);
}

static void test_trees_equal_scikit_learns(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"gini", "max_depth=3 min_samples_leaf=7"},
      {"entropy", "criterion=entropy max_depth=3 min_samples_leaf=9"},
      {"balanced", "class_weight=balanced max_depth=3 min_samples_leaf=8"},
      {"decrease", "min_impurity_decrease=0.02 min_samples_split=12"},
      {"best", "max_leaf_nodes=6 min_samples_leaf=5"},
      {"best_balanced", "max_leaf_nodes=9 min_samples_leaf=6 class_weight=balanced"},
      {"pruned_little", "ccp_alpha=0.006 max_depth=5 min_samples_leaf=5"},
      {"pruned", "ccp_alpha=0.012 max_depth=6 min_samples_leaf=6"},
      {"pruned_most", "ccp_alpha=0.03 max_depth=6 min_samples_leaf=4"},
      {"pruned_balanced", "ccp_alpha=0.02 class_weight=balanced max_depth=6 min_samples_leaf=4"},
      {"pruned_best", "ccp_alpha=0.02 criterion=log_loss max_leaf_nodes=12 min_samples_leaf=5"}};
  size_t n_checked = 0;
  for (size_t s = 0; s < N_SETS; s++)
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
      char options[160];
      if (!has_golden("tree.%s.%s.p", sets[s], cases[c][0])) continue;
      snprintf(options, sizeof options, "n_estimators=1 bootstrap=false max_features=none %s",
               cases[c][1]);
      check_tree(sets[s], cases[c][0], options, HN_FEATURES_DENSE);
      check_tree(sets[s], cases[c][0], options, HN_FEATURES_CSR);
      n_checked++;
    }
  assert_true(n_checked >= 37);
}

/* --- random trees --- */

enum { N_MEASURES = 3 };
static const char *const measure_names[] = {"nodes", "depth", "importance of the first columns"};

/* A saved forest, for a look at its trees. */
typedef struct {
  const int32_t *feature, *next;
  const float *gain;
} saved_nodes;

/* Adds nodes, depth and the share of the gain in columns below `first_columns` of one tree. */
static void measure_tree(const saved_nodes *nodes, size_t start, size_t n, size_t first_columns,
                         double sums[N_MEASURES]) {
  size_t *depth = hn_calloc(n, sizeof *depth), deepest = 0;
  double gain = 0, first_gain = 0;
  for (size_t i = 0; i < n; i++) {
    if (depth[i] > deepest) deepest = depth[i];
    int32_t feature = nodes->feature[start + i];
    if (feature < 0) continue;
    depth[i + 1] = depth[nodes->next[start + i]] = depth[i] + 1;
    gain += nodes->gain[start + i];
    if ((size_t)feature < first_columns) first_gain += nodes->gain[start + i];
  }
  sums[0] += (double)n;
  sums[1] += (double)deepest;
  if (gain > 0) sums[2] += first_gain / gain;
  hn_free(depth);
}

/* Means over the trees of a model. */
static void measure(const hn_model *model, double means[N_MEASURES]) {
  hn_tensors *file = tensors_of(model);
  const saved_nodes nodes = {data_of(file, "feature"), data_of(file, "next"),
                             data_of(file, "gain")};
  const int64_t *start = data_of(file, "tree_start");
  size_t n_trees = hn_tensors_find(file, "tree_start")->shape[0] - 1;
  for (int m = 0; m < N_MEASURES; m++) means[m] = 0;
  for (size_t t = 0; t < n_trees; t++)
    measure_tree(&nodes, (size_t)start[t], (size_t)(start[t + 1] - start[t]),
                 hn_model_n_columns(model) / 6, means);
  for (int m = 0; m < N_MEASURES; m++) means[m] /= (double)n_trees;
  hn_tensors_destroy(file);
}

static void check_means(const char *set, const char *name, const char *options,
                        hn_features_kind kind) {
  enum { N_TREES = 1000 };
  test_data d = golden_data(set, kind);
  char text[160];
  double got[N_MEASURES];
  snprintf(text, sizeof text, "n_estimators=%d %s", N_TREES, options);
  hn_model *model = fit(&hn_forest_kind, text, &d, 17);
  measure(model, got);
  const double *want = golden("forest.%s.%s", set, name)->data;
  for (int m = 0; m < N_MEASURES; m++) {
    /* Both are means of 1,000 trees: four standard errors of their difference. */
    double allowed = 4 * want[N_MEASURES + m] * sqrt(2.0 / N_TREES);
    if (fabs(got[m] - want[m]) > allowed)
      fail_msg("%s %s (%s): mean %s %.4f, scikit-learn %.4f, allowed difference %.4f", set, name,
               hn_features_kind_name(kind), measure_names[m], got[m], want[m], allowed);
  }
  hn_model_destroy(model);
  free_data(&d);
}

static void test_random_trees_are_like_scikit_learns(void **state) {
  (void)state;
  static const char *const cases[][2] = {{"default", ""},
                                         {"two", "max_features=2"},
                                         {"balanced", "class_weight=balanced"},
                                         {"subsample", "class_weight=balanced_subsample"},
                                         {"small", "max_samples=0.4 criterion=entropy"},
                                         {"best", "max_leaf_nodes=12 max_features=3"},
                                         {"pruned", "ccp_alpha=0.01"}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    for (size_t s = 0; s < N_SETS; s++) {
      check_means(sets[s], cases[c][0], cases[c][1], HN_FEATURES_DENSE);
      check_means(sets[s], cases[c][0], cases[c][1], HN_FEATURES_CSR);
    }
    check_means("wide", cases[c][0], cases[c][1], HN_FEATURES_CSR);
  }
}

/* Rows that 16 bits do not number; what the sparse form grows, the dense one grows. */
static void test_many_rows(void **state) {
  (void)state;
  static const char options[] = "n_estimators=1 bootstrap=false max_features=none max_depth=6";
  test_data dense = make_data(HN_FEATURES_DENSE, 70000, 3, 4);
  test_data sparse = make_data(HN_FEATURES_CSR, 70000, 3, 4);
  hn_model *a = fit(&hn_forest_kind, options, &dense, 1);
  hn_model *b = fit(&hn_forest_kind, options, &sparse, 1);
  float *p = predict(a, &dense), *q = predict(b, &sparse);
  assert_memory_equal(p, q, dense.n_rows * 3 * sizeof *p);
  hn_free(p);
  hn_free(q);
  hn_model_destroy(a);
  hn_model_destroy(b);
  free_data(&dense);
  free_data(&sparse);
}

/* --- corners --- */

static void test_constant_columns_give_a_leaf(void **state) {
  (void)state;
  for (int kind = HN_FEATURES_DENSE; kind <= HN_FEATURES_CSR; kind++) {
    test_data d = make_data(HN_FEATURES_DENSE, 20, 2, 1);
    for (size_t v = 0; v < 20 * 8; v++) d.x.as.dense.values[v] = v % 8 == 3 ? -2.5f : 0;
    if (kind == HN_FEATURES_CSR) {
      hn_features sparse = to_csr(&d.x.as.dense);
      hn_features_free(&d.x);
      d.x = sparse;
    }
    hn_model *model = fit(&hn_forest_kind, "n_estimators=1 bootstrap=false", &d, 1);
    float *p = predict(model, &d);
    double share = 0, importances[8];
    for (size_t i = 0; i < 20; i++) share += d.y[i] == 0 ? 1.0 / 20 : 0;
    for (size_t i = 0; i < 20; i++) expect_near(p[2 * i], share, 1e-6);
    assert_int_equal(hn_model_importances(model, importances, NULL), HN_OK);
    for (size_t j = 0; j < 8; j++) expect_near(importances[j], 0, 0);
    hn_free(p);
    hn_model_destroy(model);
    free_data(&d);
  }
}

static void test_full_trees_know_their_rows(void **state) {
  (void)state;
  for (int kind = HN_FEATURES_DENSE; kind <= HN_FEATURES_CSR; kind++) {
    test_data d = make_data((hn_features_kind)kind, 300, 4, 2);
    hn_model *model = fit(&hn_forest_kind, "n_estimators=3 bootstrap=false", &d, 1);
    float *p = predict(model, &d);
    /* Half the numbers are 0, so a few rows are all 0 and cannot be told apart. */
    size_t n_right = 0;
    for (size_t i = 0; i < d.n_rows; i++) n_right += p[4 * i + (size_t)d.y[i]] > 0.999f;
    assert_true(n_right >= d.n_rows - 6);
    hn_free(p);
    hn_model_destroy(model);
    free_data(&d);
  }
}

static void test_max_samples_needs_bootstrap(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 10, 2, 2);
  hn_options *options = parse_options(&hn_forest_kind, "bootstrap=false max_samples=5");
  hn_fit_input input = {.x = &d.x, .y = d.y, .n_classes = 2};
  hn_model *model = NULL;
  hn_error err;
  assert_int_equal(hn_model_fit(&hn_forest_kind, options, &input, class_names, &model, &err),
                   HN_INVALID);
  assert_non_null(strstr(err.message, "max_samples"));
  hn_options_destroy(options);
  free_data(&d);
}

/* Put `value` into entry i of tensor `name` of a saved forest, and load it. */
static void expect_bad_tensor(const char *name, size_t i, int32_t value, const char *part) {
  test_data d = make_data(HN_FEATURES_DENSE, 40, 3, 2);
  hn_model *model = fit(&hn_forest_kind, "n_estimators=2 max_depth=2", &d, 1), *copy = NULL;
  hn_tensors *file = tensors_of(model), *changed;
  hn_error err;
  assert_int_equal(hn_tensors_create(&changed, NULL), HN_OK);
  for (size_t t = 0; t < hn_tensors_count(file); t++) {
    const hn_tensor *tensor = hn_tensors_at(file, t);
    char *bytes = hn_alloc(tensor->n_bytes, 1);
    memcpy(bytes, tensor->data, tensor->n_bytes);
    size_t width = tensor->type == HN_TENSOR_I64 ? 8 : 4;
    int64_t wide = value;
    if (strcmp(tensor->name, name) == 0)
      memcpy(bytes + i * width, width == 8 ? (void *)&wide : (void *)&value, width);
    assert_int_equal(hn_tensors_add(changed, tensor->name, tensor->type, tensor->n_dims,
                                    tensor->shape, bytes, NULL),
                     HN_OK);
    hn_free(bytes);
  }
  void *loaded = NULL;
  assert_int_equal(hn_forest_kind.load(changed, hn_model_options(model), 3, &loaded, &err),
                   HN_FORMAT);
  assert_null(loaded);
  if (!strstr(err.message, part)) fail_msg("\"%s\" lacks \"%s\"", err.message, part);
  hn_tensors_destroy(file);
  hn_tensors_destroy(changed);
  hn_model_destroy(model);
  hn_model_destroy(copy);
  free_data(&d);
}

static void test_refuses_broken_trees(void **state) {
  (void)state;
  expect_bad_tensor("feature", 0, 8, "tree 0: node 0");
  expect_bad_tensor("feature", 0, -9, "tree 0: node 0");
  expect_bad_tensor("next", 0, 0, "tree 0: node 0");
  expect_bad_tensor("next", 0, 1000, "tree 0: node 0");
  expect_bad_tensor("threshold", 0, 0x7FC00000, "tree 0: node 0");
  expect_bad_tensor("leaf_shares", 0, 0x7FC00000, "leaf_shares");
  expect_bad_tensor("tree_start", 1, 1000, "tree_start");
  expect_bad_tensor("tree_start", 1, 0, "tree_start");
  expect_bad_tensor("leaf_start", 2, 1000, "leaf_start");
  expect_bad_tensor("n_columns", 0, 0, "n_columns");
}

static int teardown(void **state) {
  (void)state;
  free_golden();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_trees_equal_scikit_learns),
      cmocka_unit_test(test_random_trees_are_like_scikit_learns),
      cmocka_unit_test(test_many_rows),
      cmocka_unit_test(test_constant_columns_give_a_leaf),
      cmocka_unit_test(test_full_trees_know_their_rows),
      cmocka_unit_test(test_max_samples_needs_bootstrap),
      cmocka_unit_test(test_refuses_broken_trees),
  };
  return cmocka_run_group_tests(tests, NULL, teardown);
}
