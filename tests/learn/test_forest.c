/* The forest against scikit-learn 1.9.1 (golden.safetensors): trees without chance node by node,
 * random ones by means over many; and its corners. */
#include "support.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/threads.h"
#include "learn/forest/forest.h"
#include "learn/forest/tree.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Random cuts have thresholds of their own; of columns with two values, they are the same cuts. */
static void check_nodes(const hn_model *model, const char *set, const char *name) {
  int is_random = hn_model_kind(model) == &hn_extra_trees_kind;
  hn_tensors *file = tensors_of(model);
  const hn_tensor *feature = golden("tree.%s.%s.feature", set, name);
  const double *threshold = golden("tree.%s.%s.threshold", set, name)->data;
  const int32_t *got = data_of(file, "feature");
  assert_int_equal(hn_tensors_find(file, "feature")->shape[0], feature->shape[0]);
  for (size_t i = 0; i < feature->shape[0]; i++) {
    assert_int_equal(got[i] < 0 ? -1 : got[i], ((const int32_t *)feature->data)[i]);
    /* Ours is rounded down to a float. */
    if (got[i] >= 0 && !is_random)
      expect_near(((const float *)data_of(file, "threshold"))[i], threshold[i], 1e-6);
  }
  hn_tensors_destroy(file);
}

static void check_tree(const hn_classifier_kind *kind, const char *set, const char *name,
                       const char *options, hn_features_kind form) {
  test_data d = golden_data(set, form);
  hn_model *model = fit(kind, options, &d, 3);
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
      check_tree(&hn_forest_kind, sets[s], cases[c][0], options, HN_FEATURES_DENSE);
      check_tree(&hn_forest_kind, sets[s], cases[c][0], options, HN_FEATURES_CSR);
      n_checked++;
    }
  assert_true(n_checked >= 37);
}

static void test_random_cuts_of_two_values_equal_scikit_learns(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"gini", "max_depth=4 min_samples_leaf=5"},
      {"entropy", "criterion=entropy max_depth=4 min_samples_leaf=5"},
      {"balanced", "class_weight=balanced max_depth=4 min_samples_leaf=5"},
      {"best", "max_leaf_nodes=7 min_samples_leaf=5"},
      {"pruned", "ccp_alpha=0.01 max_depth=5 min_samples_leaf=5"}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    char options[160];
    snprintf(options, sizeof options, "n_estimators=1 max_features=none %s", cases[c][1]);
    check_tree(&hn_extra_trees_kind, "two", cases[c][0], options, HN_FEATURES_DENSE);
    check_tree(&hn_extra_trees_kind, "two", cases[c][0], options, HN_FEATURES_CSR);
  }
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

/* golden: the name of the kind's tensors. */
static void check_means(const hn_classifier_kind *kind, const char *golden_kind, const char *set,
                        const char *const *named_case, hn_features_kind form) {
  enum { N_TREES = 1000 };
  test_data d = golden_data(set, form);
  char text[160];
  double got[N_MEASURES];
  snprintf(text, sizeof text, "n_estimators=%d %s", N_TREES, named_case[1]);
  hn_model *model = fit(kind, text, &d, 17);
  measure(model, got);
  const double *want = golden("%s.%s.%s", golden_kind, set, named_case[0])->data;
  for (int m = 0; m < N_MEASURES; m++) {
    /* Both are means of 1,000 trees: four standard errors of their difference. */
    double allowed = 4 * want[N_MEASURES + m] * sqrt(2.0 / N_TREES);
    if (fabs(got[m] - want[m]) > allowed)
      fail_msg("%s %s %s (%s): mean %s %.4f, scikit-learn %.4f, allowed difference %.4f",
               kind->name, set, named_case[0], hn_features_kind_name(form), measure_names[m],
               got[m], want[m], allowed);
  }
  hn_model_destroy(model);
  free_data(&d);
}

static void check_all_means(const hn_classifier_kind *kind, const char *golden_kind,
                            const char *const cases[][2], size_t n_cases) {
  for (size_t c = 0; c < n_cases; c++) {
    for (size_t s = 0; s < N_SETS; s++) {
      check_means(kind, golden_kind, sets[s], cases[c], HN_FEATURES_DENSE);
      check_means(kind, golden_kind, sets[s], cases[c], HN_FEATURES_CSR);
    }
    check_means(kind, golden_kind, "wide", cases[c], HN_FEATURES_CSR);
  }
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
  check_all_means(&hn_forest_kind, "forest", cases, sizeof cases / sizeof *cases);
}

static void test_extra_trees_are_like_scikit_learns(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"default", ""},
      {"all", "max_features=none criterion=entropy"},
      {"leaf", "max_features=3 min_samples_leaf=4 class_weight=balanced"},
      {"bootstrap", "bootstrap=true max_features=1"},
      {"best", "max_leaf_nodes=12 max_features=3"}};
  check_all_means(&hn_extra_trees_kind, "extra", cases, sizeof cases / sizeof *cases);
}

/* --- accuracy --- */

/* A row range of golden data, labels too. */
static test_data take_rows(const test_data *d, size_t from, size_t to) {
  test_data taken = {.n_rows = to - from, .n_classes = d->n_classes};
  size_t *rows = hn_calloc(to - from, sizeof *rows);
  taken.y = hn_calloc(to - from, sizeof *taken.y);
  for (size_t i = from; i < to; i++) {
    rows[i - from] = i;
    taken.y[i - from] = d->y[i];
  }
  assert_int_equal(hn_features_take(&d->x, rows, to - from, &taken.x, NULL), HN_OK);
  hn_free(rows);
  return taken;
}

static double accuracy(const float *p, const test_data *d) {
  size_t n_right = 0;
  for (size_t i = 0; i < d->n_rows; i++) {
    size_t best = 0;
    for (size_t k = 1; k < d->n_classes; k++)
      if (p[i * d->n_classes + k] > p[i * d->n_classes + best]) best = k;
    n_right += best == (size_t)d->y[i];
  }
  return (double)n_right / (double)d->n_rows;
}

/* Forests of 30 trees on 100 rows: accuracy out of the bag, and on the other rows. */
static void check_scores(const hn_classifier_kind *kind, const char *golden_kind, const char *set,
                         hn_features_kind form) {
  enum { N_SEEDS = 40 };
  test_data d = golden_data(set, form);
  test_data train = take_rows(&d, 0, 100), test = take_rows(&d, 100, d.n_rows);
  double got[2] = {0, 0};
  for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
    hn_model *model = fit(kind, "n_estimators=30 bootstrap=true oob_score=true", &train, seed);
    float *p = predict(model, &test);
    got[0] += hn_model_oob_score(model) / N_SEEDS;
    got[1] += accuracy(p, &test) / N_SEEDS;
    hn_free(p);
    hn_model_destroy(model);
  }
  const double *want = golden("scores.%s.%s", golden_kind, set)->data;
  for (int m = 0; m < 2; m++) {
    /* Four standard errors of the difference of two means over 40 seeds. */
    double allowed = 4 * want[2 + m] * sqrt(2.0 / N_SEEDS);
    if (fabs(got[m] - want[m]) > allowed)
      fail_msg("%s %s (%s): accuracy %s %.4f, scikit-learn %.4f, allowed difference %.4f",
               kind->name, set, hn_features_kind_name(form), m ? "elsewhere" : "out of the bag",
               got[m], want[m], allowed);
  }
  free_data(&train);
  free_data(&test);
  free_data(&d);
}

static void test_accuracies_are_like_scikit_learns(void **state) {
  (void)state;
  for (size_t s = 0; s < N_SETS; s++)
    for (int form = HN_FEATURES_DENSE; form <= HN_FEATURES_CSR; form++) {
      check_scores(&hn_forest_kind, "forest", sets[s], (hn_features_kind)form);
      check_scores(&hn_extra_trees_kind, "extra", sets[s], (hn_features_kind)form);
    }
}

/* --- out of the bag --- */

/* Add the class shares of the leaf of one row of a saved tree. */
static void add_saved_leaf(const hn_tensors *file, size_t tree, const float *row, size_t n_classes,
                           double *sums) {
  size_t start = (size_t)((const int64_t *)data_of(file, "tree_start"))[tree], i = 0;
  size_t leaf_start = (size_t)((const int64_t *)data_of(file, "leaf_start"))[tree];
  const int32_t *feature = (const int32_t *)data_of(file, "feature") + start;
  const int32_t *next = (const int32_t *)data_of(file, "next") + start;
  const float *threshold = (const float *)data_of(file, "threshold") + start;
  while (feature[i] >= 0) i = row[feature[i]] <= threshold[i] ? i + 1 : (size_t)next[i];
  if (feature[i] != HN_TREE_MIXED) {
    sums[HN_TREE_PURE(feature[i])] += 1;
    return;
  }
  const float *shares = data_of(file, "leaf_shares");
  for (size_t k = 0; k < n_classes; k++)
    sums[k] += shares[(leaf_start + (size_t)next[i]) * n_classes + k];
}

/* Draws again what each tree has drawn (its stream begins with that), and asks it about the rest.
 */
static void test_out_of_the_bag_is_what_other_trees_say(void **state) {
  (void)state;
  enum { N = 200, K = 3, T = 6 };
  test_data d = make_data(HN_FEATURES_DENSE, N, K, 5);
  hn_model *model = fit(&hn_forest_kind, "n_estimators=6 oob_score=true max_depth=4", &d, 9);
  hn_tensors *file = tensors_of(model);
  const float *got = data_of(file, "oob_decision_function");
  double sums[N][K] = {{0}};
  size_t votes[N] = {0}, n_asked = 0, n_right = 0;
  for (size_t t = 0; t < T; t++) {
    uint8_t is_drawn[N] = {0};
    hn_rng rng;
    hn_rng_init(&rng, 9, "forest.tree", t);
    for (size_t i = 0; i < N; i++) is_drawn[hn_rng_below(&rng, N)] = 1;
    for (size_t i = 0; i < N; i++) {
      if (is_drawn[i]) continue;
      add_saved_leaf(file, t, d.x.as.dense.values + i * 8, K, sums[i]);
      votes[i]++;
    }
  }
  for (size_t i = 0; i < N; i++) {
    size_t best = 0;
    for (size_t k = 0; k < K; k++) {
      expect_near(got[i * K + k], votes[i] ? sums[i][k] / (double)votes[i] : 0, 1e-6);
      if (sums[i][k] > sums[i][best]) best = k;
    }
    n_asked += votes[i] > 0;
    n_right += votes[i] && best == (size_t)d.y[i];
  }
  assert_true(n_asked < N); /* some row is in all six bags */
  expect_near(hn_model_oob_score(model), (double)n_right / (double)n_asked, 1e-12);
  expect_near(strtod(hn_tensors_text(file, "oob_score"), NULL), hn_model_oob_score(model), 0);
  hn_tensors_destroy(file);
  hn_model_destroy(model);
  free_data(&d);
}

static void test_out_of_the_bag_where_nothing_is(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_CSR, 1, 1, 5);
  hn_model *model = fit(&hn_forest_kind, "oob_score=true", &d, 9), *copy = NULL;
  assert_true(isnan(hn_model_oob_score(model)));
  assert_int_equal(hn_model_save(model, NULL, scratch_path(), NULL), HN_OK);
  assert_int_equal(hn_model_load(scratch_path(), &copy, NULL, NULL), HN_OK);
  unlink(scratch_path());
  assert_true(isnan(hn_model_oob_score(copy)));
  hn_model_destroy(copy);
  hn_model_destroy(model);
  model = fit(&hn_forest_kind, NULL, &d, 9);
  assert_true(isnan(hn_model_oob_score(model)));
  hn_model_destroy(model);
  free_data(&d);
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

static void expect_refused(const hn_classifier_kind *kind, const char *text, const char *part) {
  test_data d = make_data(HN_FEATURES_DENSE, 10, 2, 2);
  hn_options *options = parse_options(kind, text);
  hn_fit_input input = {.x = &d.x, .y = d.y, .n_classes = 2};
  hn_model *model = NULL;
  hn_error err;
  assert_int_equal(hn_model_fit(kind, options, &input, class_names, &model, &err), HN_INVALID);
  assert_non_null(strstr(err.message, part));
  hn_options_destroy(options);
  free_data(&d);
}

static void test_what_needs_bootstrap(void **state) {
  (void)state;
  expect_refused(&hn_forest_kind, "bootstrap=false max_samples=5", "max_samples");
  expect_refused(&hn_forest_kind, "bootstrap=false oob_score=true", "oob_score");
  expect_refused(&hn_extra_trees_kind, "max_samples=5", "max_samples");
  expect_refused(&hn_extra_trees_kind, "oob_score=true", "oob_score");
}

/* Of growing best-first, pruning and asking about other rows, which no default does. */
static void test_failed_allocations_leave_nothing(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_CSR, 20, 3, 2);
  hn_options *options = parse_options(
      &hn_forest_kind, "n_estimators=3 oob_score=true max_leaf_nodes=6 ccp_alpha=0.02");
  hn_fit_input input = {.x = &d.x, .y = d.y, .n_classes = 3, .seed = 1};
  hn_model *model = NULL, *copy = NULL;
  int n_threads = hn_threads();
  hn_threads_set(1);
  EXPECT_CLEAN_FAILURES(hn_model_fit(&hn_forest_kind, options, &input, class_names, &model, NULL));
  EXPECT_CLEAN_FAILURES(hn_model_save(model, NULL, scratch_path(), NULL));
  EXPECT_CLEAN_FAILURES(hn_model_load(scratch_path(), &copy, NULL, NULL));
  assert_true(hn_model_oob_score(copy) == hn_model_oob_score(model));
  unlink(scratch_path());
  hn_threads_set(n_threads);
  hn_model_destroy(model);
  hn_model_destroy(copy);
  hn_options_destroy(options);
  free_data(&d);
}

/* Put `value` into entry i of tensor `name` of a saved forest, and load it. */
static void expect_bad_tensor(const char *name, size_t i, int32_t value, const char *part) {
  test_data d = make_data(HN_FEATURES_DENSE, 40, 3, 2);
  hn_model *model = fit(&hn_forest_kind, "n_estimators=2 max_depth=2 oob_score=true", &d, 1);
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
  expect_bad_tensor("none, but the text is missing", 0, 0, "oob_score");
}

static int teardown(void **state) {
  (void)state;
  free_golden();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_trees_equal_scikit_learns),
      cmocka_unit_test(test_random_cuts_of_two_values_equal_scikit_learns),
      cmocka_unit_test(test_random_trees_are_like_scikit_learns),
      cmocka_unit_test(test_extra_trees_are_like_scikit_learns),
      cmocka_unit_test(test_accuracies_are_like_scikit_learns),
      cmocka_unit_test(test_out_of_the_bag_is_what_other_trees_say),
      cmocka_unit_test(test_out_of_the_bag_where_nothing_is),
      cmocka_unit_test(test_many_rows),
      cmocka_unit_test(test_constant_columns_give_a_leaf),
      cmocka_unit_test(test_full_trees_know_their_rows),
      cmocka_unit_test(test_what_needs_bootstrap),
      cmocka_unit_test(test_failed_allocations_leave_nothing),
      cmocka_unit_test(test_refuses_broken_trees),
  };
  return cmocka_run_group_tests(tests, NULL, teardown);
}
