/* What surrounds the optimiser: schedules, sampling, augmentation. */
#include "testing.h"

#include <string.h>

#include "learn/nn/augment.h"
#include "learn/nn/sampler.h"
#include "learn/nn/schedule.h"

static hn_error error;

static void schedules(void **state) {
  (void)state;
  hn_schedule s = {.kind = HN_SCHEDULE_COSINE, .n_epochs = 10, .n_batches = 4};
  assert_near(hn_schedule_factor(&s, 0), 1, 0, "cosine begins");
  assert_near(hn_schedule_factor(&s, 20), 0.5, 1e-15, "cosine in the middle");
  assert_near(hn_schedule_factor(&s, 40), 0, 1e-15, "cosine ends");
  s.warmup = 2; /* 8 steps to rise, 32 to fall */
  for (size_t i = 0; i < 8; i++)
    assert_near(hn_schedule_factor(&s, i), ((double)i + 1) / 9, 1e-15, "warm-up");
  assert_near(hn_schedule_factor(&s, 8), 1, 0, "the highest");
  assert_near(hn_schedule_factor(&s, 24), 0.5, 1e-15, "cosine in the middle");
  s = (hn_schedule){HN_SCHEDULE_STEP, 10, 4, .step_size = 3, .gamma = 0.5};
  assert_near(hn_schedule_factor(&s, 11), 1, 0, "the last step of epoch 3");
  assert_near(hn_schedule_factor(&s, 12), 0.5, 0, "the first of epoch 4");
  assert_near(hn_schedule_factor(&s, 39), 0.125, 0, "the last");
  s.kind = HN_SCHEDULE_CONSTANT;
  assert_near(hn_schedule_factor(&s, 39), 1, 0, "constant");
}

/* Pictures 3 … 14: eight of class 0, three of class 2, one of class 3; class 1 has none. */
enum { FIRST = 3, N = 12, PICTURES = 15, CLASSES = 4 };
static const int32_t y[PICTURES] = {1, 1, 1, 0, 0, 0, 2, 0, 0, 2, 0, 3, 0, 2, 0};

static void sampler_init(hn_sampler *sampler, size_t rows[N], int is_balanced) {
  for (size_t i = 0; i < N; i++) rows[i] = FIRST + i;
  assert_ok(hn_sampler_init(sampler, rows, N, y, CLASSES, is_balanced, &error));
}

static void every_row_once(void **state) {
  (void)state;
  size_t rows[N], n_moved = 0;
  int seen[PICTURES] = {0};
  hn_sampler sampler;
  sampler_init(&sampler, rows, 0);
  const hn_draw *draws = hn_sampler_draw(&sampler, 1, 0);
  for (size_t i = 0; i < N; i++) {
    seen[draws[i].row]++;
    assert_int_equal(draws[i].repeat, 0);
    n_moved += draws[i].row != rows[i];
  }
  for (size_t i = 0; i < PICTURES; i++) assert_int_equal(seen[i], i >= FIRST);
  assert_true(n_moved > N / 2);
  hn_sampler_free(&sampler);
}

static void every_class_as_often(void **state) {
  (void)state;
  size_t rows[N];
  hn_draw before[N];
  hn_sampler sampler;
  sampler_init(&sampler, rows, 1);
  memcpy(before, hn_sampler_draw(&sampler, 1, 6), sizeof before);
  for (size_t epoch = 0; epoch < 6; epoch++) {
    const hn_draw *draws = hn_sampler_draw(&sampler, 1, epoch);
    size_t of_class[CLASSES] = {0}, of_row[PICTURES] = {0};
    for (size_t i = 0; i < N; i++) {
      of_class[y[draws[i].row]]++;
      of_row[draws[i].row]++;
      for (size_t j = 0; j < i; j++)
        assert_false(draws[j].row == draws[i].row && draws[j].repeat == draws[i].repeat);
    }
    assert_int_equal(of_class[0], 4);
    assert_int_equal(of_class[1], 0);
    assert_int_equal(of_class[2], 4);
    assert_int_equal(of_class[3], 4);
    assert_int_equal(of_row[11], 4); /* the only one of class 3 */
  }
  /* An epoch is the same whatever came before it: training may begin anew in any. */
  assert_memory_equal(before, hn_sampler_draw(&sampler, 1, 6), sizeof before);
  hn_sampler_free(&sampler);
}

static void balanced_weights(void **state) {
  (void)state;
  size_t rows[N];
  double weights[CLASSES];
  for (size_t i = 0; i < N; i++) rows[i] = FIRST + i;
  hn_balanced_weights(rows, N, y, CLASSES, weights);
  assert_near(weights[0], 12.0 / (3 * 8), 1e-15, "class 0");
  assert_near(weights[1], 0, 0, "a class without rows");
  assert_near(weights[2], 12.0 / (3 * 3), 1e-15, "class 2");
  assert_near(weights[3], 12.0 / 3, 1e-15, "class 3");
}

static void sampler_without_memory(void **state) {
  (void)state;
  size_t rows[N];
  hn_sampler sampler = {0};
  hn_status status = HN_NO_MEMORY;
  for (size_t i = 0; i < N; i++) rows[i] = FIRST + i;
  for (long n = 0; status != HN_OK; n++) {
    hn_memory_fail_after(n);
    status = hn_sampler_init(&sampler, rows, N, y, CLASSES, 1, &error);
    hn_memory_fail_after(-1);
    assert_true(status == HN_OK || status == HN_NO_MEMORY);
  }
  hn_sampler_free(&sampler);
}

enum { BANDS = 5, FRAMES = 7 };
static float std[BANDS] = {1, 2, 4, 1, 1}, mean[BANDS];
static const hn_standard standard = {BANDS, mean, std};

/* Augment a window of ones. */
static void augment_ones(const hn_augmentation *a, uint64_t item, float out[BANDS * FRAMES]) {
  hn_shape shape;
  hn_rng rng;
  assert_ok(hn_shape_planes(1, BANDS, FRAMES, &shape, &error));
  for (size_t i = 0; i < BANDS * FRAMES; i++) out[i] = 1;
  hn_rng_init(&rng, 1, "test", item);
  hn_augment(a, &standard, &shape, &rng, out);
}

static void nothing_asked_nothing_done(void **state) {
  (void)state;
  float x[BANDS * FRAMES];
  augment_ones(&(hn_augmentation){0}, 0, x);
  for (size_t i = 0; i < BANDS * FRAMES; i++) assert_true(x[i] == 1);
}

/* The same dB in every band, in units of each band's deviation. */
static void gain_is_of_the_whole_window(void **state) {
  (void)state;
  double least = 0, most = 0;
  for (uint64_t item = 0; item < 200; item++) {
    float x[BANDS * FRAMES];
    augment_ones(&(hn_augmentation){.gain = 6}, item, x);
    const float db = x[0] - 1;
    for (size_t i = 0; i < BANDS * FRAMES; i++)
      assert_near(x[i], 1 + db / std[i / FRAMES], 1e-6, "pixel");
    least = fmin(least, db);
    most = fmax(most, db);
  }
  assert_true(least < -5 && least >= -6 && most > 5 && most <= 6);
}

/* One stretch of frames, blank in all bands; every width up to the widest comes about. */
static void time_masks(void **state) {
  (void)state;
  int widths[FRAMES + 1] = {0};
  for (uint64_t item = 0; item < 200; item++) {
    float x[BANDS * FRAMES];
    size_t n_blank = 0, n_edges = 0;
    augment_ones(&(hn_augmentation){.time_masks = 1, .time_width = 3}, item, x);
    for (size_t t = 0; t < FRAMES; t++) {
      for (size_t h = 1; h < BANDS; h++) assert_true(x[h * FRAMES + t] == x[t]);
      n_blank += x[t] == 0;
      n_edges += t > 0 && x[t] != x[t - 1];
    }
    assert_true(n_edges <= 2);
    widths[n_blank]++;
  }
  for (size_t w = 0; w <= FRAMES; w++) assert_int_equal(widths[w] > 0, w <= 3);
}

/* A mask that may be wider than the window ends with it. */
static void frequency_masks(void **state) {
  (void)state;
  int widths[BANDS + 1] = {0};
  for (uint64_t item = 0; item < 200; item++) {
    float x[BANDS * FRAMES];
    size_t n_blank = 0;
    augment_ones(&(hn_augmentation){.frequency_masks = 1, .band_width = 99}, item, x);
    for (size_t h = 0; h < BANDS; h++) {
      for (size_t t = 1; t < FRAMES; t++) assert_true(x[h * FRAMES + t] == x[h * FRAMES]);
      n_blank += x[h * FRAMES] == 0;
    }
    widths[n_blank]++;
  }
  for (size_t w = 0; w <= BANDS; w++) assert_true(widths[w] > 0);
}

/* Mean 1/2 and variance 1 / (8 alpha + 4). */
static void mixup_shares(void **state) {
  (void)state;
  static const double alphas[] = {0.2, 1, 4};
  hn_rng rng;
  hn_rng_init(&rng, 1, "test", 0);
  assert_near(hn_mixup_share(0, &rng), 1, 0, "no mixup");
  for (size_t a = 0; a < 3; a++) {
    enum { DRAWS = 4000 };
    double sum = 0, squares = 0;
    for (size_t i = 0; i < DRAWS; i++) {
      const double share = hn_mixup_share(alphas[a], &rng);
      assert_true(share >= 0 && share <= 1);
      sum += share;
      squares += (share - 0.5) * (share - 0.5);
    }
    assert_near(sum / DRAWS, 0.5, 0.03, "mean");
    assert_near(squares / DRAWS, 1 / (8 * alphas[a] + 4), 0.01, "variance");
  }
}

static void mixup_mixes_both(void **state) {
  (void)state;
  float a[2] = {1, 2}, b[2] = {5, -2};
  const hn_shape shape = hn_shape_vector(2);
  hn_mixup(&shape, a, 0.75, b, 0.5);
  assert_near(a[0], 2, 1e-6, "a");
  assert_near(a[1], 1, 1e-6, "a");
  assert_near(b[0], 3, 1e-6, "b");
  assert_near(b[1], 0, 1e-6, "b");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(schedules),
      cmocka_unit_test(every_row_once),
      cmocka_unit_test(every_class_as_often),
      cmocka_unit_test(balanced_weights),
      cmocka_unit_test(sampler_without_memory),
      cmocka_unit_test(nothing_asked_nothing_done),
      cmocka_unit_test(gain_is_of_the_whole_window),
      cmocka_unit_test(time_masks),
      cmocka_unit_test(frequency_masks),
      cmocka_unit_test(mixup_shares),
      cmocka_unit_test(mixup_mixes_both),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
