#include "vision/quality.h"

#include "base/random.h"
#include "support.h"

static hn_error err;

static hn_quality measure(const char *name) {
  hn_quality q = {0};
  ok(hn_quality_measure(in_folder(name), &q, &err));
  return q;
}

static void near(double got, double expected, double tolerance) {
  if (!(fabs(got - expected) <= tolerance)) fail_msg("%g, not %g", got, expected);
}

/* White noise, n samples, whose spectrum ends at `cutoff` Hz: a sum of what a brick-wall filter of
 * 1,023 taps lets through. Free with free. */
static float *make_noise(size_t n, int rate, double cutoff) {
  enum { HALF = 511 };
  const double pi = 3.14159265358979323846;
  hn_rng rng;
  hn_rng_init(&rng, 7, "test.noise", 0);
  double *white = malloc((n + 2 * HALF) * sizeof *white), taps[2 * HALF + 1];
  float *noise = malloc(n * sizeof *noise);
  for (size_t i = 0; i < n + 2 * HALF; i++) white[i] = hn_rng_uniform(&rng) - 0.5;
  for (int i = -HALF; i <= HALF; i++) {
    double x = pi * i * 2 * cutoff / rate, phase = pi * (i + HALF) / HALF;
    double window = 0.42 - 0.5 * cos(phase) + 0.08 * cos(2 * phase);
    taps[i + HALF] = (i ? sin(x) / x : 1) * 2 * cutoff / rate * window;
  }
  for (size_t t = 0; t < n; t++) {
    double sum = 0;
    for (size_t i = 0; i < 2 * HALF + 1; i++) sum += taps[i] * white[t + i];
    noise[t] = (float)sum;
  }
  free(white);
  return noise;
}

/* Whatever the file's format, the spectrum ends where it was cut off before. */
static void test_bandwidth(void **state) {
  (void)state;
  static const struct {
    int rate;
    double cutoff;
  } cases[] = {{44100, 16000}, {44100, 11025}, {48000, 4000}, {22050, 8000}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    float *noise = make_noise(20000, cases[i].rate, cases[i].cutoff);
    write_sound(in_folder("noise.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, cases[i].rate, 1, noise,
                20000);
    near(measure("noise.wav").bandwidth, cases[i].cutoff, 375);
    write_sound(in_folder("noise.flac"), SF_FORMAT_FLAC | SF_FORMAT_PCM_16, cases[i].rate, 1, noise,
                20000);
    near(measure("noise.flac").bandwidth, cases[i].cutoff, 375);
    free(noise);
  }
  float *noise = make_noise(20000, 22050, 11025); /* not cut off */
  write_sound(in_folder("noise.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 22050, 1, noise, 20000);
  near(measure("noise.wav").bandwidth, 11025, 0);
  write_sound(in_folder("noise.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 22050, 1, noise, 100);
  near(measure("noise.wav").bandwidth, 11025, 0); /* less than a block */
  free(noise);
}

static void test_levels(void **state) {
  (void)state;
  float samples[10000];
  for (size_t i = 0; i < 10000; i++) samples[i] = i % 2 ? 0.1f : -0.1f;
  write_sound(in_folder("q.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 8000, 1, samples, 10000);
  hn_quality q = measure("q.wav");
  near(q.level, -20, 1e-5);
  near(q.peak, -20, 1e-5);
  near(q.clipped, 0, 0);
  near(q.info.seconds, 1.25, 1e-12);
  assert_int_equal(q.info.rate, 8000);
  assert_string_equal(q.info.format, "WAV");

  /* Flat tops of three and more count, also across blocks; single peaks do not. */
  memset(samples, 0, sizeof samples);
  samples[7] = samples[20] = samples[21] = 1;
  for (size_t i = 4090; i < 4100; i++) samples[i] = -1;
  samples[9000] = samples[9002] = -1, samples[9001] = 0.9995f;
  write_sound(in_folder("q.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 8000, 1, samples, 10000);
  near(measure("q.wav").clipped, 13.0 / 10000, 1e-12);

  memset(samples, 0, sizeof samples);
  write_sound(in_folder("q.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1, samples, 10000);
  q = measure("q.wav");
  assert_true(isinf(q.level) && q.level < 0 && isinf(q.peak) && q.peak < 0);
  near(q.bandwidth, 0, 0);
}

static void check_fails(const char *name, hn_status status, const char *reason) {
  hn_quality q;
  char expected[256];
  snprintf(expected, sizeof expected, "%s: %s", in_folder(name), reason);
  assert_int_equal(hn_quality_measure(in_folder(name), &q, &err), status);
  assert_string_equal(err.message, expected);
}

static void test_refusals(void **state) {
  (void)state;
  float samples[5000] = {0};
  check_fails("none.wav", HN_IO, "cannot open: No such file or directory");
  write_sound(in_folder("empty.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1, samples, 0);
  check_fails("empty.wav", HN_FORMAT, "holds no samples");
  samples[4400] = NAN;
  write_sound(in_folder("nan.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 8000, 1, samples, 5000);
  check_fails("nan.wav", HN_FORMAT, "the sample at 0.550 s is NaN, not a finite number");
}

static void test_out_of_memory(void **state) {
  (void)state;
  hn_status status = HN_NO_MEMORY;
  hn_quality q;
  for (long n = 0; status != HN_OK; n++) {
    hn_memory_fail_after(n);
    status = hn_quality_measure(GOLDEN "mono.wav", &q, NULL);
    hn_memory_fail_after(-1);
    assert_true(status == HN_OK || status == HN_NO_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_bandwidth),
                                     cmocka_unit_test(test_levels), cmocka_unit_test(test_refusals),
                                     cmocka_unit_test(test_out_of_memory)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
