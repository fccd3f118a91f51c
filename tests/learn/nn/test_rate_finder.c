/* The search for a learning rate: what a curve says, and networks that train with what was found.
 */
#include "corpus.h"

#include <string.h>
#include <unistd.h>

#include "base/threads.h"
#include "learn/nn/rate_finder.h"

/* --- a curve --- */

static void rates_are_even_in_their_logarithm(void **state) {
  (void)state;
  assert_near(hn_rate_at(0), 1e-6, 1e-21, "first");
  assert_near(hn_rate_at(HN_RATE_STEPS - 1), 10, 1e-12, "last");
  for (size_t i = 1; i < HN_RATE_STEPS; i++)
    assert_near(log(hn_rate_at(i) / hn_rate_at(i - 1)), log(1e7) / 99, 1e-12, "step");
}

/* A weighted mean of the losses so far, each older one 0.98 times the weight of the next. */
static void losses_are_smoothed(void **state) {
  (void)state;
  static const double losses[] = {2, 1, 3, 0.5, 0.25};
  hn_rate_curve curve = {0};
  for (size_t i = 0; i < 5; i++) {
    double sum = 0, weights = 0;
    for (size_t j = 0; j <= i; j++) {
      sum += pow(0.98, (double)(i - j)) * losses[j];
      weights += pow(0.98, (double)(i - j));
    }
    assert_true(hn_rate_curve_add(&curve, losses[i]));
    assert_int_equal(curve.n, i + 1);
    assert_near(curve.losses[i], sum / weights, 1e-12, "smoothed");
  }
  assert_near(curve.lowest, curve.losses[4], 0, "lowest");
}

static void the_test_ends(void **state) {
  (void)state;
  hn_rate_curve whole = {0}, diverging = {0}, broken = {0};
  size_t n = 0;
  while (hn_rate_curve_add(&whole, 1)) n++;
  assert_int_equal(n, HN_RATE_STEPS - 1);
  assert_int_equal(whole.n, HN_RATE_STEPS);
  for (size_t i = 0; i < 50; i++) assert_true(hn_rate_curve_add(&diverging, 1));
  /* 0.98 / (1 - 0.98^51) of it is 32 of 1000: the mean is 31 times its lowest. */
  assert_false(hn_rate_curve_add(&diverging, 1000));
  assert_int_equal(diverging.n, 51);
  assert_near(diverging.lowest, 1, 1e-12, "lowest");
  assert_true(hn_rate_curve_add(&broken, 1));
  assert_false(hn_rate_curve_add(&broken, NAN));
  assert_false(hn_rate_curve_add(&broken, INFINITY));
  assert_int_equal(broken.n, 1);
}

/* A curve through n points of a function of the step. */
static hn_rate_curve curve_of(double (*loss)(double step), size_t n) {
  hn_rate_curve curve = {.n = n, .lowest = INFINITY};
  for (size_t i = 0; i < n; i++) {
    curve.losses[i] = loss((double)i);
    curve.lowest = fmin(curve.lowest, curve.losses[i]);
  }
  return curve;
}

static double falling(double step) {
  return 2 - 1.5 / (1 + exp(-(step - 45) / 6));
}
/* The usual course: level, steepest at step 45, and away from 75 on. */
static double usual(double step) {
  return falling(step) + exp((step - 85) / 4);
}
/* It dips by noise before any rate can do anything, and falls deep behind a peak. */
static double noisy(double step) {
  const double dip = step == 12 ? -0.5 : 0, peak = 40 * exp(-(step - 85) * (step - 85) / 8);
  return usual(step) + dip + peak;
}
static double sinking(double step) {
  return 2 - 0.01 * step;
}
static double rising(double step) {
  return 1 + 0.01 * step;
}
static double level(double step) {
  (void)step;
  return 1;
}

static void suggests_the_steepest_fall(void **state) {
  (void)state;
  double rate = 0;
  hn_rate_curve curve = curve_of(usual, 93);
  assert_ok(hn_rate_suggest(&curve, &rate, &error));
  assert_near(rate, hn_rate_at(45), 1e-15, "the usual");
  curve = curve_of(noisy, 99);
  assert_ok(hn_rate_suggest(&curve, &rate, &error));
  assert_near(rate, hn_rate_at(45), 1e-15, "with noise");
  curve = curve_of(sinking, HN_RATE_STEPS); /* as steep anywhere */
  assert_ok(hn_rate_suggest(&curve, &rate, &error));
  assert_in_range(lround(99 * log(rate / 1e-6) / log(1e7)), 20, 88);
}

static void refuses(const hn_rate_curve *curve, const char *what) {
  double rate = -1;
  assert_int_equal(hn_rate_suggest(curve, &rate, &error), HN_NUMERIC);
  if (!strstr(error.message, what)) fail_msg("\"%s\" lacks \"%s\"", error.message, what);
  assert_near(rate, -1, 0, "untouched");
}

static void says_what_was_tried_in_vain(void **state) {
  (void)state;
  hn_rate_curve curve = curve_of(rising, 60);
  refuses(&curve,
          "find_learning_rate: tried 60 rates from 1e-06 to 0.0148, where the loss diverged, "
          "and behind the first 10 the smoothed loss did not fall over 21 in a row (1 at "
          "first, 1 at its lowest, 1.59 at last)");
  refuses(&curve, "set learning_rate");
  curve = curve_of(level, HN_RATE_STEPS);
  refuses(&curve, "tried 100 rates from 1e-06 to 10,");
  curve = curve_of(falling, 31); /* the line through 21 points needs 10 before them, 1 behind */
  refuses(&curve, "tried 31 rates");
  curve = curve_of(falling, 1);
  refuses(&curve, "tried 1 rates");
  curve = curve_of(falling, 0);
  refuses(&curve, "the loss is not finite before the first step");
  double rate;
  curve = curve_of(falling, 32);
  assert_ok(hn_rate_suggest(&curve, &rate, &error));
  assert_near(rate, hn_rate_at(20), 1e-15, "the only one");
}

/* --- a network --- */

/* What on_rate and on_epoch were told. */
typedef struct {
  size_t n_searches, n_points;
  double learning_rate, rates[HN_RATE_STEPS], losses[HN_RATE_STEPS];
  double train_loss; /* of the last epoch */
} history;

static void remember_search(void *context, const hn_rate_search *search) {
  history *h = context;
  h->n_searches++;
  h->n_points = search->n;
  h->learning_rate = search->learning_rate;
  memcpy(h->rates, search->rates, search->n * sizeof *h->rates);
  memcpy(h->losses, search->losses, search->n * sizeof *h->losses);
}

static void remember_epoch(void *context, const hn_epoch *epoch) {
  ((history *)context)->train_loss = epoch->train_loss;
}

/* Fit on n items, the first of which are held out, and predict them all: p_out (n, CLASSES). */
static void *fit(const hn_features *x, const int32_t *y, hn_options *options,
                 const uint8_t *validation, history *seen, float *p_out) {
  void *model;
  const hn_fit_input input = {.x = x,
                              .y = y,
                              .n_classes = CLASSES,
                              .seed = 3,
                              .validation = validation,
                              .on_rate = remember_search,
                              .on_epoch = remember_epoch,
                              .context = seen};
  assert_ok(hn_cnn_kind.fit(&input, options, &model, &error));
  if (p_out) assert_ok(hn_cnn_kind.predict_proba(model, x, p_out, &error));
  hn_options_destroy(options);
  return model;
}

/* How well a cnn does with this learning_rate ("found": with the one that is). */
static history learn(const hn_features *x, const int32_t *y, const hn_features *unseen,
                     const int32_t *y_unseen, const char *rate, double *accuracy_out) {
  history seen = {0};
  const int finds = strcmp(rate, "found") == 0;
  hn_options *options = OPTIONS(
      "channels", "8,16", "epochs", "15", "window", "20", "dropout", "0.2", "validation_fraction",
      "0", "learning_rate", finds ? "1e-9" : rate, "find_learning_rate", finds ? "true" : "false");
  void *model = fit(x, y, options, NULL, &seen, NULL);
  *accuracy_out = accuracy(model, unseen, y_unseen);
  hn_cnn_kind.destroy(model);
  return seen;
}

/* As good on unseen items as the best rate of a grid, where too low ones leave it to guess. */
static void trains_with_what_it_finds(void **state) {
  (void)state;
  enum { N = 60, N_GRID = 4 };
  static const char *const grid[N_GRID] = {"1e-4", "3e-3", "1e-2", "1e-1"};
  hn_features x, unseen;
  int32_t y[N], y_unseen[N];
  double reached, by_hand[N_GRID], best = 0;
  corpus_init(&x, y, N, 30);
  corpus_init(&unseen, y_unseen, N, 25);
  const history found = learn(&x, y, &unseen, y_unseen, "found", &reached);
  assert_int_equal(found.n_searches, 1);
  assert_true(found.learning_rate > 1e-2 && found.learning_rate < 1);
  for (size_t i = 0; i < N_GRID; i++) {
    const history given = learn(&x, y, &unseen, y_unseen, grid[i], &by_hand[i]);
    assert_int_equal(given.n_searches, 0);
    if (i < 2) assert_true(found.train_loss < 0.6 * given.train_loss);
    best = fmax(best, by_hand[i]);
  }
  assert_true(by_hand[0] < 0.6 && best > 0.9);
  assert_true(reached > best - 0.1);
  hn_features_free(&x);
  hn_features_free(&unseen);
}

/* The network begins where it would have begun: the rate found, given by hand, makes the same
 * model. */
static void leaves_the_network_as_it_was(void **state) {
  (void)state;
  enum { N = 30 };
  static const char *const methods[] = {"adamw", "sgd"};
  hn_features x;
  int32_t y[N];
  uint8_t validation[N] = {1, 1, 1, 1, 1, 1};
  float p_found[N * CLASSES], p_given[N * CLASSES];
  corpus_init(&x, y, N, 20);
  for (size_t m = 0; m < 2; m++) {
    history found = {0}, given = {0};
    char rate[40];
    void *model = fit(&x, y,
                      OPTIONS("channels", "4,8", "epochs", "2", "window", "16", "optimizer",
                              methods[m], "mixup", "0.4", "find_learning_rate", "true"),
                      validation, &found, p_found);
    assert_near(hn_cnn_kind.found_rate(model), found.learning_rate, 0, "of the model");
    hn_cnn_kind.destroy(model);
    snprintf(rate, sizeof rate, "%.17g", found.learning_rate);
    model = fit(&x, y,
                OPTIONS("channels", "4,8", "epochs", "2", "window", "16", "optimizer", methods[m],
                        "mixup", "0.4", "learning_rate", rate),
                validation, &given, p_given);
    assert_true(isnan(hn_cnn_kind.found_rate(model)));
    hn_cnn_kind.destroy(model);
    assert_memory_equal(p_found, p_given, sizeof p_found);
  }
  hn_features_free(&x);
}

/* What is held out may be anything: the search does not see it. */
static void looks_at_training_items_only(void **state) {
  (void)state;
  enum { N = 30 };
  hn_features x;
  int32_t y[N];
  uint8_t validation[N] = {1, 1, 1, 1, 1, 1};
  history plain = {0}, other = {0};
  corpus_init(&x, y, N, 20);
  for (int pass = 0; pass < 2; pass++) {
    hn_options *options =
        OPTIONS("channels", "4,8", "epochs", "1", "window", "16", "find_learning_rate", "true");
    hn_cnn_kind.destroy(fit(&x, y, options, validation, pass ? &other : &plain, NULL));
    for (size_t i = 0; i < 6; i++) {
      for (size_t t = 0; t < BANDS * x.as.images.widths[i]; t++)
        x.as.images.items[i][t] = (float)(t % 7) * 100;
      y[i] = (y[i] + 1) % CLASSES;
    }
  }
  assert_memory_equal(&plain.losses, &other.losses, sizeof plain.losses);
  hn_features_free(&x);
}

static void threads_change_nothing(void **state) {
  (void)state;
  enum { N = 24 };
  hn_features x;
  int32_t y[N];
  history one = {0};
  float p_one[N * CLASSES], p[N * CLASSES];
  corpus_init(&x, y, N, 16);
  for (int n_threads = 1; n_threads <= 4; n_threads *= 2) {
    history seen = {0};
    hn_threads_set(n_threads);
    hn_options *options = OPTIONS("channels", "4,8", "epochs", "2", "window", "12", "batch_size",
                                  "7", "find_learning_rate", "true");
    hn_cnn_kind.destroy(
        fit(&x, y, options, NULL, n_threads == 1 ? &one : &seen, n_threads == 1 ? p_one : p));
    hn_threads_set(0);
    if (n_threads == 1) continue;
    assert_memory_equal(&one, &seen, sizeof one);
    assert_memory_equal(p_one, p, sizeof p);
  }
  hn_features_free(&x);
}

/* A training that goes on does not search again. */
static void searches_once(void **state) {
  (void)state;
  enum { N = 24 };
  hn_features x;
  int32_t y[N];
  history seen = {0};
  char checkpoint[64];
  void *models[2];
  snprintf(checkpoint, sizeof checkpoint, "rate-finder-%d", (int)getpid());
  corpus_init(&x, y, N, 16);
  hn_options *options =
      OPTIONS("channels", "4,8", "epochs", "2", "window", "12", "find_learning_rate", "true");
  const hn_fit_input input = {.x = &x,
                              .y = y,
                              .n_classes = CLASSES,
                              .seed = 3,
                              .on_rate = remember_search,
                              .context = &seen,
                              .checkpoint = checkpoint};
  for (int m = 0; m < 2; m++) assert_ok(hn_cnn_kind.fit(&input, options, &models[m], &error));
  assert_int_equal(seen.n_searches, 1);
  for (int m = 0; m < 2; m++) {
    assert_near(hn_cnn_kind.found_rate(models[m]), seen.learning_rate, 0, "found");
    hn_cnn_kind.destroy(models[m]);
  }
  hn_options_set(options, "find_learning_rate", "false", &error);
  assert_int_equal(hn_cnn_kind.fit(&input, options, &models[0], &error), HN_INVALID);
  assert_non_null(strstr(error.message, "checkpoint of a training with other options"));
  unlink(checkpoint);
  hn_options_destroy(options);
  hn_features_free(&x);
}

static void is_saved_with_the_model(void **state) {
  (void)state;
  enum { N = 24 };
  static const char *const bad[] = {"", "fast", "0.1x", "-1", "nan", "inf"};
  hn_features x;
  int32_t y[N];
  history seen = {0};
  void *model, *loaded;
  hn_tensors *tensors;
  corpus_init(&x, y, N, 16);
  hn_options *options =
      OPTIONS("channels", "4,8", "epochs", "1", "window", "12", "find_learning_rate", "true");
  hn_options *copy;
  assert_ok(hn_options_copy(options, &copy, &error));
  model = fit(&x, y, copy, NULL, &seen, NULL);
  assert_ok(hn_tensors_create(&tensors, &error));
  assert_ok(hn_cnn_kind.save(model, tensors, &error));
  assert_ok(hn_cnn_kind.load(tensors, options, CLASSES, &loaded, &error));
  assert_near(hn_cnn_kind.found_rate(loaded), seen.learning_rate, 0, "loaded");
  hn_cnn_kind.destroy(loaded);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_ok(hn_tensors_set_text(tensors, "found_learning_rate", bad[i], &error));
    assert_int_equal(hn_cnn_kind.load(tensors, options, CLASSES, &loaded, &error), HN_FORMAT);
    assert_non_null(strstr(error.message, "expected a learning rate"));
  }
  hn_tensors_destroy(tensors);
  hn_cnn_kind.destroy(model);
  hn_options_destroy(options);
  hn_features_free(&x);
}

/* One class teaches nothing, and no rate mends a value that is not finite. */
static void training_is_refused_where_no_rate_can_be_told(void **state) {
  (void)state;
  enum { N = 9 };
  hn_features x;
  int32_t y[N], same[N] = {0};
  void *model = NULL;
  corpus_init(&x, y, N, 16);
  hn_options *options = OPTIONS("channels", "4", "epochs", "1", "find_learning_rate", "true");
  hn_fit_input input = {.x = &x, .y = same, .n_classes = 1, .seed = 1};
  assert_int_equal(hn_cnn_kind.fit(&input, options, &model, &error), HN_NUMERIC);
  assert_non_null(strstr(error.message, "tried 100 rates from 1e-06 to 10"));
  assert_non_null(strstr(error.message, "set learning_rate"));
  input.y = y;
  input.n_classes = CLASSES;
  for (size_t i = 0; i < N; i++) x.as.images.items[i][5] = NAN;
  assert_int_equal(hn_cnn_kind.fit(&input, options, &model, &error), HN_NUMERIC);
  assert_non_null(strstr(error.message, "not finite before the first step"));
  assert_null(model);
  hn_options_destroy(options);
  hn_features_free(&x);
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  enum { N = 24 };
  hn_features x;
  int32_t y[N];
  corpus_init(&x, y, N, 12);
  hn_options *options =
      OPTIONS("epochs", "1", "channels", "4", "batch_size", "24", "find_learning_rate", "true");
  const hn_fit_input input = {.x = &x, .y = y, .n_classes = CLASSES, .seed = 1};
  hn_status status = HN_NO_MEMORY;
  for (long n = 0; status != HN_OK && n < 1000; n++) {
    void *model = NULL;
    hn_memory_fail_after(n);
    status = hn_cnn_kind.fit(&input, options, &model, &error);
    hn_memory_fail_after(-1);
    hn_cnn_kind.destroy(model);
    assert_true(status == HN_OK || status == HN_NO_MEMORY);
  }
  assert_int_equal(status, HN_OK);
  hn_options_destroy(options);
  hn_features_free(&x);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rates_are_even_in_their_logarithm),
      cmocka_unit_test(losses_are_smoothed),
      cmocka_unit_test(the_test_ends),
      cmocka_unit_test(suggests_the_steepest_fall),
      cmocka_unit_test(says_what_was_tried_in_vain),
      cmocka_unit_test(trains_with_what_it_finds),
      cmocka_unit_test(leaves_the_network_as_it_was),
      cmocka_unit_test(looks_at_training_items_only),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(searches_once),
      cmocka_unit_test(is_saved_with_the_model),
      cmocka_unit_test(training_is_refused_where_no_rate_can_be_told),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
