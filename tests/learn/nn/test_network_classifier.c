#include "corpus.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/threads.h"

/* What on_epoch was told. */
typedef struct {
  size_t n;
  hn_epoch epochs[64];
} history;

static void remember(void *context, const hn_epoch *epoch) {
  history *h = context;
  h->epochs[h->n++] = *epoch;
}

static void overfits_eight_items(void **state) {
  (void)state;
  hn_features x;
  int32_t y[8];
  history seen = {0};
  void *model;
  corpus_init(&x, y, 8, 24);
  hn_options *options =
      OPTIONS("channels", "8,16", "epochs", "60", "dropout", "0", "batch_size", "4", "schedule",
              "constant", "validation_fraction", "0", "learning_rate", "0.01");
  const hn_fit_input input = {
      .x = &x, .y = y, .n_classes = CLASSES, .seed = 1, .on_epoch = remember, .context = &seen};
  assert_int_equal(hn_cnn_kind.n_units(options), 60);
  assert_ok(hn_cnn_kind.fit(&input, options, &model, &error));
  assert_int_equal(seen.n, 60);
  assert_int_equal(seen.epochs[59].epoch, 60);
  assert_near(seen.epochs[59].train_loss, 0, 0.05, "loss of the last epoch");
  assert_true(seen.epochs[59].train_accuracy == 1);
  assert_true(isnan(seen.epochs[59].validation_loss));
  assert_true(accuracy(model, &x, y) == 1);
  hn_cnn_kind.destroy(model);
  hn_options_destroy(options);
  hn_features_free(&x);
}

static void learns_from_windows(void **state) {
  (void)state;
  enum { N = 60 };
  hn_features x, unseen;
  int32_t y[N], y_unseen[N];
  uint8_t validation[N] = {0};
  history seen = {0};
  void *model;
  corpus_init(&x, y, N, 30); /* windows of 20, items from 30 to 39 frames */
  corpus_init(&unseen, y_unseen, N, 13);
  for (size_t i = 0; i < 9; i++) validation[i] = 1;
  hn_options *options = OPTIONS("channels", "8,16", "epochs", "25", "window", "20", "learning_rate",
                                "0.01", "label_smoothing", "0.05", "dropout", "0.2");
  const hn_fit_input input = {.x = &x,
                              .y = y,
                              .n_classes = CLASSES,
                              .seed = 1,
                              .validation = validation,
                              .on_epoch = remember,
                              .context = &seen};
  assert_ok(hn_cnn_kind.fit(&input, options, &model, &error));
  assert_int_equal(seen.n, 25);
  assert_true(seen.epochs[24].train_loss < 0.5 * seen.epochs[0].train_loss);
  assert_true(seen.epochs[24].validation_accuracy >= 8.0 / 9);
  assert_true(accuracy(model, &unseen, y_unseen) > 0.8); /* narrower than the window: repeated */
  hn_cnn_kind.destroy(model);
  hn_options_destroy(options);
  hn_features_free(&x);
  hn_features_free(&unseen);
}

/* Fit with so many threads and give the saved bytes' worth: probabilities of the items. */
static void fit_and_predict(const hn_features *x, const int32_t *y, const char *kernel_size,
                            int n_threads, float *p_out) {
  void *model;
  hn_options *options = OPTIONS("channels", "4,8", "epochs", "3", "window", "12", "batch_size", "7",
                                "patience", "2", "kernel_size", kernel_size);
  const hn_fit_input input = {.x = x, .y = y, .n_classes = CLASSES, .seed = 5};
  hn_threads_set(n_threads);
  assert_ok(hn_cnn_kind.fit(&input, options, &model, &error));
  assert_ok(hn_cnn_kind.predict_proba(model, x, p_out, &error));
  hn_threads_set(0);
  hn_cnn_kind.destroy(model);
  hn_options_destroy(options);
}

static void threads_change_nothing(void **state) {
  (void)state;
  enum { N = 20 };
  static const char *const sizes[] = {"3", "5"};
  hn_features x;
  int32_t y[N];
  float one[N * CLASSES], more[N * CLASSES];
  corpus_init(&x, y, N, 16);
  for (int s = 0; s < 2; s++) {
    fit_and_predict(&x, y, sizes[s], 1, one);
    for (int n_threads = 2; n_threads <= 4; n_threads += 2) {
      fit_and_predict(&x, y, sizes[s], n_threads, more);
      assert_memory_equal(one, more, sizeof one);
    }
  }
  hn_features_free(&x);
}

static void stops_early_and_takes_the_best(void **state) {
  (void)state;
  enum { N = 24 };
  hn_features x;
  int32_t y[N], shuffled[N];
  uint8_t validation[N] = {0};
  history seen = {0};
  void *model;
  corpus_init(&x, y, N, 16);
  for (size_t i = 0; i < N; i++) { /* validation labels that contradict the others */
    validation[i] = i < 9;
    shuffled[i] = i < 9 ? (y[i] + 1) % CLASSES : y[i];
  }
  hn_options *options = OPTIONS("channels", "8,16", "epochs", "50", "patience", "4",
                                "learning_rate", "0.01", "validation_fraction", "0");
  const hn_fit_input input = {.x = &x,
                              .y = shuffled,
                              .n_classes = CLASSES,
                              .seed = 1,
                              .validation = validation,
                              .on_epoch = remember,
                              .context = &seen};
  assert_ok(hn_cnn_kind.fit(&input, options, &model, &error));
  assert_in_range(seen.n, 5, 49);
  size_t best = 0;
  for (size_t i = 1; i < seen.n; i++) {
    if (seen.epochs[i].validation_loss < seen.epochs[best].validation_loss) best = i;
  }
  assert_int_equal(best + 4, seen.n - 1);
  /* the model is that of the best epoch: its validation loss comes out again */
  float p[N * CLASSES];
  double loss = 0;
  assert_ok(hn_cnn_kind.predict_proba(model, &x, p, &error));
  for (size_t i = 0; i < 9; i++) loss -= log(p[i * CLASSES + (size_t)shuffled[i]]) / 9;
  assert_near(loss, seen.epochs[best].validation_loss, 1e-9, "validation loss");
  hn_cnn_kind.destroy(model);
  hn_options_destroy(options);
  hn_features_free(&x);
}

/* A training that keeps its state; after some epochs the file is copied, as a kill leaves it. */
typedef struct {
  char path[64], copy[64];
  int copy_after;
} interruption;

static void copy_checkpoint(void *context, const hn_epoch *epoch) {
  const interruption *cut = context;
  char *bytes;
  size_t n;
  if (epoch->epoch != cut->copy_after + 1)
    return; /* that epoch's own state is written after this */
  assert_ok(hn_file_read(cut->path, &bytes, &n, &error));
  assert_ok(hn_file_write(cut->copy, bytes, n, &error));
  hn_free(bytes);
}

static hn_status fit_model(const hn_features *x, const int32_t *y, const char *const *pairs,
                           interruption *cut, const char *checkpoint, float *p_out) {
  void *model = NULL;
  hn_options *options = options_of(pairs);
  const hn_fit_input input = {.x = x,
                              .y = y,
                              .n_classes = CLASSES,
                              .seed = 5,
                              .checkpoint = checkpoint,
                              .on_epoch = cut ? copy_checkpoint : NULL,
                              .context = cut};
  hn_status status = hn_cnn_kind.fit(&input, options, &model, &error);
  if (status == HN_OK) status = hn_cnn_kind.predict_proba(model, x, p_out, &error);
  hn_cnn_kind.destroy(model);
  hn_options_destroy(options);
  return status;
}

static void goes_on_bit_for_bit(void **state) {
  (void)state;
  enum { N = 20 };
  static const char *const adamw[] = {"channels", "4,8", "epochs", "6", "window", "12",
                                      "patience", "2",   "mixup",  "1", NULL};
  static const char *const sgd[] = {"channels",  "4,8", "epochs",   "6",        "window", "12",
                                    "optimizer", "sgd", "sampling", "balanced", NULL};
  static const char *const finder[] = {
      "channels",           "4,8",  "epochs", "3", "window", "12", "patience", "2",
      "find_learning_rate", "true", NULL};
  static const char *const others[] = {"channels", "4,8", "epochs", "7", "window", "12", NULL};
  static const char *const *const options[] = {adamw, sgd, finder};
  hn_features x;
  int32_t y[N];
  float whole[N * CLASSES], resumed[N * CLASSES];
  interruption cut;
  corpus_init(&x, y, N, 16);
  snprintf(cut.path, sizeof cut.path, "checkpoint-%d", (int)getpid());
  snprintf(cut.copy, sizeof cut.copy, "checkpoint-%d-copy", (int)getpid());
  for (size_t o = 0; o < 3; o++) {
    /* What searches for its rate has a state before the first epoch too. */
    for (cut.copy_after = options[o] == finder ? 0 : 1; cut.copy_after <= 2; cut.copy_after++) {
      unlink(cut.path);
      assert_ok(fit_model(&x, y, options[o], &cut, cut.path, whole));
      assert_ok(fit_model(&x, y, options[o], NULL, cut.copy, resumed));
      assert_memory_equal(whole, resumed, sizeof whole);
      assert_ok(fit_model(&x, y, options[o], NULL, NULL, resumed)); /* never kept */
      assert_memory_equal(whole, resumed, sizeof whole);
      assert_ok(fit_model(&x, y, options[o], NULL, cut.path, resumed)); /* nothing is left to do */
      assert_memory_equal(whole, resumed, sizeof whole);
    }
  }
  assert_int_equal(fit_model(&x, y, others, NULL, cut.path, resumed), HN_INVALID);
  assert_non_null(strstr(error.message, "checkpoint of a training with other options"));
  assert_ok(hn_file_write(cut.path, "no state", 8, &error));
  assert_int_equal(fit_model(&x, y, adamw, NULL, cut.path, resumed), HN_FORMAT);
  unlink(cut.path);
  unlink(cut.copy);
  hn_features_free(&x);
}

static void saved_and_loaded(void **state) {
  (void)state;
  enum { N = 9 };
  hn_features x;
  int32_t y[N];
  float before[N * CLASSES], after[N * CLASSES];
  void *model, *loaded;
  hn_tensors *tensors;
  corpus_init(&x, y, N, 20);
  hn_options *options = OPTIONS("channels", "4", "epochs", "2");
  const hn_fit_input input = {.x = &x, .y = y, .n_classes = CLASSES, .seed = 1};
  assert_ok(hn_cnn_kind.fit(&input, options, &model, &error));
  assert_ok(hn_tensors_create(&tensors, &error));
  assert_int_equal(hn_cnn_kind.load(tensors, options, CLASSES, &loaded, &error), HN_FORMAT);
  assert_ok(hn_cnn_kind.save(model, tensors, &error));
  assert_ok(hn_cnn_kind.load(tensors, options, CLASSES, &loaded, &error));
  assert_ok(hn_cnn_kind.predict_proba(model, &x, before, &error));
  assert_ok(hn_cnn_kind.predict_proba(loaded, &x, after, &error));
  assert_memory_equal(before, after, sizeof before);
  hn_cnn_kind.destroy(loaded);
  assert_int_equal(hn_cnn_kind.load(tensors, options, CLASSES + 1, &loaded, &error), HN_FORMAT);
  hn_tensors_destroy(tensors);
  hn_cnn_kind.destroy(model);
  hn_options_destroy(options);
  hn_features_free(&x);
}

static void small_and_wrong_inputs(void **state) {
  (void)state;
  int32_t y[1] = {0};
  float one_pixel = -30, *items[1] = {&one_pixel}, p[CLASSES];
  size_t widths[1] = {1};
  hn_features x = {HN_FEATURES_IMAGES, {.images = {1, 1, widths, items}}};
  const hn_fit_input input = {.x = &x, .y = y, .n_classes = CLASSES, .seed = 1};
  hn_options *options = OPTIONS("epochs", "1", "channels", "4,8");
  void *model;
  assert_ok(hn_cnn_kind.fit(&input, options, &model, &error));
  assert_ok(hn_cnn_kind.predict_proba(model, &x, p, &error));
  assert_near(p[0] + p[1] + p[2], 1, 1e-6, "sum");
  widths[0] = 0;
  assert_int_equal(hn_cnn_kind.predict_proba(model, &x, p, &error), HN_INVALID);
  assert_non_null(strstr(error.message, "item 0 has no frames"));
  assert_int_equal(hn_cnn_kind.fit(&input, options, &model, &error), HN_INVALID);
  widths[0] = 1;
  hn_cnn_kind.destroy(model);
  hn_options_destroy(options);
  options = OPTIONS("kernel_size", "4");
  assert_int_equal(hn_cnn_kind.fit(&input, options, &model, &error), HN_INVALID);
  hn_options_destroy(options);
  hn_cnn_kind.destroy(NULL);
}

static void diverging_is_an_error(void **state) {
  (void)state;
  enum { N = 6 };
  hn_features x;
  int32_t y[N];
  void *model;
  corpus_init(&x, y, N, 16);
  x.as.images.items[2][5] = NAN;
  hn_options *options = OPTIONS("epochs", "30", "channels", "4");
  const hn_fit_input input = {.x = &x, .y = y, .n_classes = CLASSES, .seed = 1};
  assert_int_equal(hn_cnn_kind.fit(&input, options, &model, &error), HN_NUMERIC);
  assert_non_null(strstr(error.message, "no longer finite"));
  hn_options_destroy(options);
  hn_features_free(&x);
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  enum { N = 6 };
  hn_features x;
  int32_t y[N];
  float p[N * CLASSES];
  corpus_init(&x, y, N, 8);
  hn_options *options = OPTIONS("epochs", "1", "channels", "4", "validation_fraction", "0.3",
                                "patience", "1", "class_weight", "balanced", "mixup", "1");
  char checkpoint[64];
  snprintf(checkpoint, sizeof checkpoint, "checkpoint-%d", (int)getpid());
  const hn_fit_input input = {
      .x = &x, .y = y, .n_classes = CLASSES, .seed = 1, .checkpoint = checkpoint};
  hn_status status = HN_NO_MEMORY;
  for (long n = 0; status != HN_OK && n < 1000; n++) {
    void *model = NULL, *loaded = NULL;
    hn_tensors *tensors = NULL;
    hn_memory_fail_after(n);
    status = hn_cnn_kind.fit(&input, options, &model, &error);
    if (status == HN_OK) status = hn_cnn_kind.predict_proba(model, &x, p, &error);
    if (status == HN_OK) status = hn_tensors_create(&tensors, &error);
    if (status == HN_OK) status = hn_cnn_kind.save(model, tensors, &error);
    if (status == HN_OK) status = hn_cnn_kind.load(tensors, options, CLASSES, &loaded, &error);
    hn_memory_fail_after(-1);
    hn_cnn_kind.destroy(model);
    hn_cnn_kind.destroy(loaded);
    hn_tensors_destroy(tensors);
    assert_true(status == HN_OK || status == HN_NO_MEMORY);
    if (n % 2) unlink(checkpoint); /* else the next one reads it */
  }
  unlink(checkpoint);
  assert_int_equal(status, HN_OK);
  hn_options_destroy(options);
  hn_features_free(&x);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(overfits_eight_items),      cmocka_unit_test(learns_from_windows),
      cmocka_unit_test(threads_change_nothing),    cmocka_unit_test(stops_early_and_takes_the_best),
      cmocka_unit_test(goes_on_bit_for_bit),       cmocka_unit_test(saved_and_loaded),
      cmocka_unit_test(small_and_wrong_inputs),    cmocka_unit_test(diverging_is_an_error),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
