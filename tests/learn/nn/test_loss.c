/* Softmax and cross-entropy: against PyTorch (golden_loss.py), central differences, edges. */
#include "testing.h"

#include <string.h>

#include "base/tensors.h"
#include "learn/nn/loss.h"

enum { SAMPLES = 7, CLASSES = 5, SIZE = SAMPLES * CLASSES };

static hn_error error;

static const void *golden_data(const hn_tensors *golden, const char *prefix, const char *name,
                               size_t size) {
  char whole[64];
  snprintf(whole, sizeof whole, "%s%s", prefix, name);
  const hn_tensor *tensor = hn_tensors_find(golden, whole);
  if (!tensor || tensor->n_bytes != size * sizeof(float))
    fail_msg("loss_golden.safetensors: no %s of %zu elements", whole, size);
  return tensor->data;
}

/* Tolerance: we compute in double and round the gradient to float32; the golden file holds
 * float32. */
static void check(const hn_tensors *golden, const char *prefix, const hn_targets *targets) {
  const float *logits = golden_data(golden, "", "logits", SIZE);
  const float *objective = golden_data(golden, prefix, "objective", 1);
  const float *slopes = golden_data(golden, prefix, "gradient", SIZE);
  const float *sum = golden_data(golden, targets->other ? "mixed." : "", "sum", 1);
  float gradient[SIZE];
  const hn_loss loss = hn_cross_entropy(logits, targets, SAMPLES, CLASSES, gradient);
  assert_near(loss.objective, *objective, 1e-7 * *objective, prefix);
  assert_near(loss.loss, *sum, 1e-7 * *sum, prefix);
  for (size_t i = 0; i < SIZE; i++) assert_near(gradient[i], slopes[i], 1e-7, prefix);
}

static void cross_entropy_as_pytorch(void **state) {
  (void)state;
  hn_tensors *golden;
  double weights[CLASSES];
  assert_ok(hn_tensors_read(HN_TEST_DIR "/loss_golden.safetensors", &golden, &error));
  for (size_t k = 0; k < CLASSES; k++)
    weights[k] = ((const float *)golden_data(golden, "", "weights", CLASSES))[k];
  for (int variant = 0; variant < 8; variant++) {
    char prefix[32];
    hn_targets targets = {.y = golden_data(golden, "", "y", SAMPLES)};
    snprintf(prefix, sizeof prefix, "%s%s%s", variant & 1 ? "mixed." : "",
             variant & 2 ? "weighted." : "", variant & 4 ? "smooth." : "");
    if (variant & 1) {
      targets.other = golden_data(golden, "", "other", SAMPLES);
      targets.share = golden_data(golden, "", "share", SAMPLES);
    }
    if (variant & 2) targets.weights = weights;
    if (variant & 4) targets.smoothing = 0.2;
    check(golden, prefix, &targets);
  }
  hn_tensors_destroy(golden);
}

static void softmax_as_pytorch(void **state) {
  (void)state;
  hn_tensors *golden;
  float p[SIZE];
  assert_ok(hn_tensors_read(HN_TEST_DIR "/loss_golden.safetensors", &golden, &error));
  const float *expected = golden_data(golden, "", "softmax", SIZE);
  memcpy(p, golden_data(golden, "", "logits", SIZE), sizeof p);
  hn_softmax(p, SAMPLES, CLASSES, p);
  for (size_t i = 0; i < SIZE; i++) assert_near(p[i], expected[i], 1e-7, "softmax");
  const hn_loss loss =
      hn_cross_entropy_of(p, golden_data(golden, "", "y", SAMPLES), SAMPLES, CLASSES);
  const float *sum = golden_data(golden, "", "sum", 1);
  assert_near(loss.loss, *sum, 1e-6 * *sum, "of probabilities"); /* p is rounded */
  assert_near(loss.objective, *sum / SAMPLES, 1e-6, "the mean");
  hn_tensors_destroy(golden);
}

static double objective_of(const float logits[6], const hn_targets *targets, size_t i, float push) {
  float pushed[6];
  memcpy(pushed, logits, sizeof pushed);
  pushed[i] += push;
  return hn_cross_entropy(pushed, targets, 2, 3, pushed).objective;
}

/* Plain, and with all at once: smoothing, weights, a sample that is 0.3 of another class. */
static void cross_entropy_gradient(void **state) {
  (void)state;
  const float logits[6] = {0.5f, -1.25f, 2, -3, 0.25f, 0}, push = 0.0078125f;
  const int32_t y[2] = {1, 2}, other[2] = {2, 2};
  const float share[2] = {0.7f, 1};
  const double weights[3] = {0.5, 2, 1};
  const hn_targets cases[] = {
      {.y = y}, {.y = y, .other = other, .share = share, .smoothing = 0.1, .weights = weights}};
  for (size_t c = 0; c < 2; c++) {
    float gradient[6];
    const hn_loss sums = hn_cross_entropy(logits, &cases[c], 2, 3, gradient);
    assert_near(sums.n_correct, c ? 0.3 : 0, 1e-6, "correct"); /* of the class mixed in */
    for (size_t i = 0; i < 6; i++) {
      double slope =
          objective_of(logits, &cases[c], i, push) - objective_of(logits, &cases[c], i, -push);
      assert_near(gradient[i], slope / (2 * (double)push), 1e-5, "logit");
    }
  }
}

static void softmax_survives_large_logits(void **state) {
  (void)state;
  const float logits[3] = {1e4f, 1e4f, -1e4f};
  const int32_t y = 0;
  float p[3];
  hn_softmax(logits, 1, 3, p);
  assert_near(p[0], 0.5, 1e-7, "p");
  assert_true(p[2] == 0);
  hn_loss sum = hn_cross_entropy_of(p, &y, 1, 3);
  assert_near(sum.loss, log(2), 1e-6, "loss");
  assert_true(sum.n_correct == 1); /* the first on ties */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cross_entropy_as_pytorch),
      cmocka_unit_test(softmax_as_pytorch),
      cmocka_unit_test(cross_entropy_gradient),
      cmocka_unit_test(softmax_survives_large_logits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
