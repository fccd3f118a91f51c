/* What every classifier of the registry promises, whatever it is. */
#include "support.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/threads.h"
#include "learn/registry.h"
#include "learn/row_changes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const hn_features_kind feature_kinds[] = {HN_FEATURES_DENSE, HN_FEATURES_CSR,
                                                 HN_FEATURES_IMAGES};

/* Options that keep a kind's tests short, and switch on what others refine, where it has them. */
static const char *short_options(const hn_classifier_kind *kind) {
  static char text[256];
  static const char *const wanted[][2] = {
      {"n_estimators", "5"}, {"epochs", "8"},       {"channels", "4,4"},     {"width", "2"},
      {"window", "16"},      {"bootstrap", "true"}, {"optimizer", "sgd"},    {"schedule", "step"},
      {"time_masks", "1"},   {"step_size", "3"},    {"frequency_masks", "1"}};
  text[0] = 0;
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
    if (hn_option_find(kind->options, wanted[i][0]))
      snprintf(text + strlen(text), sizeof text - strlen(text), "%s=%s ", wanted[i][0],
               wanted[i][1]);
  return text;
}

static hn_model *fit_short(const hn_classifier_kind *kind, const test_data *d, uint64_t seed) {
  return fit(kind, short_options(kind), d, seed);
}

/* Data that the kind can learn from. */
static test_data make_data_for(const hn_classifier_kind *kind, hn_features_kind form, size_t n_rows,
                               size_t n_classes, uint64_t seed) {
  test_data d = make_data(form, n_rows, n_classes, seed);
  if (kind->takes_counts) drop_signs(&d.x);
  return d;
}

/* Call body for each kind and each form of features that it accepts. */
static void for_each(void (*body)(const hn_classifier_kind *, const test_data *)) {
  for (size_t c = 0; c < hn_classifier_count(); c++)
    for (size_t f = 0; f < sizeof feature_kinds / sizeof *feature_kinds; f++) {
      const hn_classifier_kind *kind = hn_classifier_at(c);
      if (!(kind->accepts & feature_kinds[f])) continue;
      test_data d = make_data_for(kind, feature_kinds[f], 60, 3, 11);
      print_message("  %s, %s\n", kind->name, hn_features_kind_name(feature_kinds[f]));
      body(kind, &d);
      free_data(&d);
    }
}

static int same_bytes(const hn_model *a, const hn_model *b) {
  size_t n_a, n_b;
  char *bytes_a = saved_bytes(a, &n_a), *bytes_b = saved_bytes(b, &n_b);
  int same = n_a == n_b && memcmp(bytes_a, bytes_b, n_a) == 0;
  hn_free(bytes_a);
  hn_free(bytes_b);
  return same;
}

static int same_predictions(const hn_model *a, const hn_model *b, const test_data *d) {
  float *p = predict(a, d), *q = predict(b, d);
  int same = memcmp(p, q, d->n_rows * d->n_classes * sizeof *p) == 0;
  hn_free(p);
  hn_free(q);
  return same;
}

static void expect_same_predictions(const hn_model *a, const hn_model *b, const test_data *d) {
  assert_true(same_predictions(a, b, d));
}

static void probabilities_sum_to_1(const hn_classifier_kind *kind, const test_data *d) {
  hn_model *model = fit_short(kind, d, 1);
  float *p = predict(model, d);
  for (size_t i = 0; i < d->n_rows; i++) {
    double sum = 0;
    for (size_t k = 0; k < d->n_classes; k++) {
      assert_true(p[i * d->n_classes + k] >= 0 && p[i * d->n_classes + k] <= 1);
      sum += p[i * d->n_classes + k];
    }
    expect_near(sum, 1, 1e-5);
  }
  hn_free(p);
  hn_model_destroy(model);
}

static void a_saved_model_is_the_model(const hn_classifier_kind *kind, const test_data *d) {
  hn_model *model = fit_short(kind, d, 1), *copy = NULL;
  hn_error err;
  assert_int_equal(hn_model_save(model, NULL, scratch_path(), NULL), HN_OK);
  if (hn_model_load(scratch_path(), &copy, NULL, &err) != HN_OK) fail_msg("%s", err.message);
  unlink(scratch_path());
  assert_true(same_bytes(model, copy));
  expect_same_predictions(model, copy, d);
  hn_model_destroy(model);
  hn_model_destroy(copy);
}

static void seeds_and_threads(const hn_classifier_kind *kind, const test_data *d) {
  int n_threads = hn_threads();
  hn_threads_set(1);
  hn_model *one = fit_short(kind, d, 5), *again = fit_short(kind, d, 5);
  float *p_one = predict(one, d);
  hn_threads_set(4);
  hn_model *four = fit_short(kind, d, 5);
  float *p_four = predict(four, d);
  assert_true(same_bytes(one, again));
  assert_true(same_bytes(one, four));
  assert_memory_equal(p_one, p_four, d->n_rows * d->n_classes * sizeof *p_one);
  hn_threads_set(n_threads);
  hn_free(p_one);
  hn_free(p_four);
  hn_model_destroy(one);
  hn_model_destroy(again);
  hn_model_destroy(four);
}

/* Few rows, one row, one class, a class without rows: nothing to be proud of, but probabilities. */
static void small_data(const hn_classifier_kind *kind, const test_data *d) {
  static const size_t shapes[][3] = {{1, 1, 1}, {1, 1, 3}, {2, 2, 2}, {12, 2, 5}};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    test_data small = make_data_for(kind, d->x.kind, shapes[s][0], shapes[s][1], 3);
    small.n_classes = shapes[s][2];
    probabilities_sum_to_1(kind, &small);
    free_data(&small);
  }
}

static void importances_sum_to_1(const hn_classifier_kind *kind, const test_data *d) {
  if (!kind->importances) return;
  hn_model *model = fit_short(kind, d, 1);
  double importances[8], sum = 0;
  assert_int_equal(hn_model_importances(model, importances, NULL), HN_OK);
  for (size_t j = 0; j < 8; j++) {
    assert_true(importances[j] >= 0);
    sum += importances[j];
  }
  expect_near(sum, 1, 1e-6);
  hn_model_destroy(model);
}

/* What a model says of a row with changed values, one, several, none, to 0 and to others, is what
 * it says of the row that they make; and a column that it does not use changes nothing. */
static void changes_are_changed_rows(const hn_classifier_kind *kind, const test_data *d) {
  enum { N = 20 }; /* among them the 8 columns alone */
  if (d->x.kind == HN_FEATURES_IMAGES) return;
  hn_model *model = fit_short(kind, d, 1);
  hn_row_change changes[N];
  int32_t columns[N * 8];
  float values[N * 8], got[N * 3], want[N * 3], *base = predict(model, d);
  uint8_t used[8];
  const size_t row = 7;
  hn_rng rng;
  hn_rng_init(&rng, 3, "test.changes", 0);
  for (size_t c = 0; c < N; c++) {
    changes[c] = (hn_row_change){columns + 8 * c, values + 8 * c, 0};
    for (int32_t j = 0; j < 8; j++) {
      if (c < 8 ? c != (size_t)j : hn_rng_below(&rng, 3) > 0) continue;
      columns[8 * c + changes[c].n] = j;
      values[8 * c + changes[c].n++] = (float)hn_rng_below(&rng, 3);
    }
  }
  assert_int_equal(hn_model_predict_changes(model, &d->x, row, changes, N, got, NULL), HN_OK);
  assert_int_equal(hn_predict_changed_rows(model, &d->x, row, changes, N, want, NULL), HN_OK);
  for (size_t v = 0; v < 3 * N; v++) expect_near(got[v], want[v], 1e-7);
  hn_model_uses(model, used);
  for (size_t j = 0; j < 8; j++)
    if (!used[j]) assert_memory_equal(got + 3 * j, base + 3 * row, 3 * sizeof *base);
  hn_free(base);
  hn_model_destroy(model);
}

/* --- options --- */

/* Another value than the one in force, in text; the n-th such, or NULL. */
static const char *another_value(const hn_option_spec *spec, const hn_options *in_force, int n) {
  static char text[64];
  static const char *const numbers[] = {"1", "2", "0.3", "7", "12"};
  static const char *const words[] = {"true", "false"};
  if (spec->type == HN_OPTION_BOOL) {
    return n < 2 ? words[n] : NULL;
  } else if (spec->type == HN_OPTION_CHOICE) {
    const char *at = spec->choices;
    for (; n > 0 && at; n--) at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL;
    if (!at) return NULL;
    snprintf(text, sizeof text, "%.*s", (int)strcspn(at, "|"), at);
    return text;
  } else if (spec->type == HN_OPTION_REAL && n == 0 && !hn_options_is_none(in_force, spec->name)) {
    snprintf(text, sizeof text, "%.9g", 0.25 * hn_options_real(in_force, spec->name) + 0.01);
    return text;
  }
  return n < 5 ? numbers[n] : NULL;
}

/* Are the tensors of two models the same? Their texts hold the options and always differ. */
static int same_tensors(const hn_model *a, const hn_model *b) {
  hn_tensors *files[2];
  const hn_model *models[2] = {a, b};
  for (int m = 0; m < 2; m++) {
    assert_int_equal(hn_model_save(models[m], NULL, scratch_path(), NULL), HN_OK);
    assert_int_equal(hn_tensors_read(scratch_path(), &files[m], NULL), HN_OK);
    unlink(scratch_path());
  }
  int same = hn_tensors_count(files[0]) == hn_tensors_count(files[1]);
  for (size_t t = 0; same && t < hn_tensors_count(files[0]); t++) {
    const hn_tensor *x = hn_tensors_at(files[0], t), *y = hn_tensors_find(files[1], x->name);
    same = y && x->n_bytes == y->n_bytes && memcmp(x->data, y->data, x->n_bytes) == 0;
  }
  hn_tensors_destroy(files[0]);
  hn_tensors_destroy(files[1]);
  return same;
}

/* Does some value of the option give another model, or other probabilities, than its value in
 * force? */
static int option_matters(const hn_classifier_kind *kind, const hn_option_spec *spec,
                          const test_data *d, const hn_model *plain) {
  int matters = 0;
  const char *value;
  for (int n = 0; !matters && (value = another_value(spec, hn_model_options(plain), n)); n++) {
    hn_options *options = parse_options(kind, short_options(kind));
    hn_fit_input input = {.x = &d->x, .y = d->y, .n_classes = d->n_classes, .seed = 1};
    hn_model *model = NULL;
    if (hn_options_set(options, spec->name, value, NULL) == HN_OK &&
        hn_model_fit(kind, options, &input, class_names, &model, NULL) == HN_OK)
      matters = !same_tensors(plain, model) || !same_predictions(plain, model, d);
    hn_model_destroy(model);
    hn_options_destroy(options);
  }
  return matters;
}

/* Has a network before this one the same option? They train alike, and deep ones slowly. */
static int is_tested_before(const hn_classifier_kind *kind, const hn_option_spec *spec) {
  if (kind->accepts != HN_FEATURES_IMAGES) return 0;
  for (size_t c = 0; hn_classifier_at(c) != kind; c++) {
    const hn_classifier_kind *before = hn_classifier_at(c);
    const hn_option_spec *same = hn_option_find(before->options, spec->name);
    if (before->accepts == kind->accepts && same && strcmp(same->help, spec->help) == 0) return 1;
  }
  return 0;
}

static void every_option_matters(const hn_classifier_kind *kind, const test_data *d) {
  hn_model *plain = fit_short(kind, d, 1);
  for (const hn_option_spec *spec = kind->options; spec->name; spec++) {
    assert_non_null(spec->help);
    if (!is_tested_before(kind, spec) && !option_matters(kind, spec, d, plain))
      fail_msg("%s: option %s changes nothing", kind->name, spec->name);
  }
  hn_model_destroy(plain);
}

static void bad_options_are_refused(const hn_classifier_kind *kind, const test_data *d) {
  (void)d;
  hn_options *options = parse_options(kind, NULL);
  hn_error err;
  assert_int_equal(hn_options_set(options, "no_such_option", "1", &err), HN_INVALID);
  for (const hn_option_spec *spec = kind->options; spec->name; spec++) {
    if (spec->type == HN_OPTION_TEXT) continue;
    assert_int_equal(hn_options_set(options, spec->name, "no such value", &err), HN_INVALID);
    assert_non_null(strstr(err.message, spec->name));
  }
  hn_options_destroy(options);
}

/* --- memory --- */

static void failed_allocations_leave_nothing(const hn_classifier_kind *kind, const test_data *d) {
  test_data few = make_data_for(kind, d->x.kind, 12, 3, 3);
  hn_options *options = parse_options(kind, short_options(kind));
  hn_fit_input input = {.x = &few.x, .y = few.y, .n_classes = 3, .seed = 1};
  hn_model *model = NULL, *copy = NULL;
  float p[36];
  int n_threads = hn_threads();
  hn_threads_set(1); /* so that the n-th allocation is always the same */
  EXPECT_CLEAN_FAILURES(hn_model_fit(kind, options, &input, class_names, &model, NULL));
  EXPECT_CLEAN_FAILURES(hn_model_predict_proba(model, &few.x, p, NULL));
  EXPECT_CLEAN_FAILURES(hn_model_save(model, NULL, scratch_path(), NULL));
  EXPECT_CLEAN_FAILURES(hn_model_load(scratch_path(), &copy, NULL, NULL));
  unlink(scratch_path());
  hn_threads_set(n_threads);
  hn_model_destroy(model);
  hn_model_destroy(copy);
  hn_options_destroy(options);
  free_data(&few);
}

#define CONTRACT(body)                                                                             \
  static void test_##body(void **state) {                                                          \
    (void)state;                                                                                   \
    for_each(body);                                                                                \
  }
CONTRACT(probabilities_sum_to_1)
CONTRACT(a_saved_model_is_the_model)
CONTRACT(seeds_and_threads)
CONTRACT(small_data)
CONTRACT(importances_sum_to_1)
CONTRACT(changes_are_changed_rows)
CONTRACT(every_option_matters)
CONTRACT(bad_options_are_refused)
CONTRACT(failed_allocations_leave_nothing)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_probabilities_sum_to_1),
      cmocka_unit_test(test_a_saved_model_is_the_model),
      cmocka_unit_test(test_seeds_and_threads),
      cmocka_unit_test(test_small_data),
      cmocka_unit_test(test_importances_sum_to_1),
      cmocka_unit_test(test_changes_are_changed_rows),
      cmocka_unit_test(test_every_option_matters),
      cmocka_unit_test(test_bad_options_are_refused),
      cmocka_unit_test(test_failed_allocations_leave_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
