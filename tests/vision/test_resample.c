#include "vision/resample.h"

#include "support.h"
#include "vision/audio.h"

static void test_golden(void **state) {
  (void)state;
  hn_error err;
  hn_audio audio;
  size_t i;
  json_t *row;
  ok(hn_audio_read(GOLDEN "mono.wav", NULL, &audio, &err));
  json_array_foreach(golden("resampled"), i, row) {
    float *y;
    size_t n;
    const char *resampler = json_string_value(json_object_get(row, "resample"));
    int rate = (int)json_integer_value(json_object_get(row, "rate"));
    ok(hn_resample(audio.samples, audio.n, audio.info.rate, rate, resampler, &y, &n, &err));
    /* The same library built for other vector instructions: rounding. */
    check_strided(row, y, n, 1e-6);
    hn_free(y);
  }
  hn_audio_free(&audio);
}

/* A sine stays the sine that it was, away from the ends, by each of the resamplers. */
static void test_sine(void **state) {
  (void)state;
  static const struct {
    const char *name;
    double tolerance;
  } cases[] = {{"soxr_vhq", 1e-5},    {"soxr_hq", 1e-5},     {"soxr_mq", 1e-4},
               {"soxr_lq", 1e-3},     {"soxr_qq", 2e-2},     {"sinc_best", 1e-4},
               {"sinc_medium", 1e-3}, {"sinc_fastest", 1e-2}};
  hn_error err;
  float *x = make_sine(440, 44100, 44100), *wanted = make_sine(440, 22050, 22050);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    float *y;
    size_t n;
    ok(hn_resample(x, 44100, 44100, 22050, cases[i].name, &y, &n, &err));
    assert_int_equal(n, 22050);
    double worst = 0;
    for (size_t t = 1000; t < n - 1000; t++)
      worst = fmax(worst, fabs((double)y[t] - (double)wanted[t]));
    if (!(worst < cases[i].tolerance)) fail_msg("%s: off by %g", cases[i].name, worst);
    hn_free(y);
  }
  free(x);
  free(wanted);
}

static void test_lengths(void **state) {
  (void)state;
  hn_error err;
  assert_int_equal(hn_resample_length(0, 44100, 22050), 0);
  assert_int_equal(hn_resample_length(1, 44100, 22050), 1);
  assert_int_equal(hn_resample_length(3, 44100, 22050), 2);
  assert_int_equal(hn_resample_length(1000, 48000, 22050), 460);
  float x[3] = {0.5f, 0.25f, -0.5f};
  for (size_t n_in = 0; n_in <= 3; n_in++) {
    float *y;
    size_t n;
    ok(hn_resample(x, n_in, 48000, 22050, "soxr_hq", &y, &n, &err));
    assert_int_equal(n, hn_resample_length(n_in, 48000, 22050));
    hn_free(y);
    ok(hn_resample(x, n_in, 48000, 48000, "soxr_hq", &y, &n, &err));
    assert_int_equal(n, n_in);
    assert_memory_equal(y, x, n * sizeof *x);
    hn_free(y);
  }
}

static void test_errors(void **state) {
  (void)state;
  hn_error err;
  float x[3] = {0}, *y = NULL;
  size_t n = 0;
  assert_int_equal(hn_resample(x, 3, 48000, 22050, "best", &y, &n, &err), HN_INVALID);
  assert_string_equal(err.message, "\"best\" is not a resampler; expected one of "
                                   "soxr_vhq|soxr_hq|soxr_mq|soxr_lq|soxr_qq|sinc_best|sinc_medium|"
                                   "sinc_fastest");
  assert_int_equal(hn_resample(x, 3, 0, 22050, "soxr_hq", &y, &n, &err), HN_INVALID);
  assert_string_equal(err.message, "sample rates are at least 1 Hz, found 0 and 22050");
  assert_int_equal(hn_resample(x, 3, 1, 22050, "sinc_best", &y, &n, &err), HN_UNSUPPORTED);
  hn_memory_fail_after(0);
  assert_int_equal(hn_resample(x, 3, 48000, 22050, "soxr_hq", &y, &n, &err), HN_NO_MEMORY);
  hn_memory_fail_after(-1);
  assert_null(y);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden), cmocka_unit_test(test_sine),
                                     cmocka_unit_test(test_lengths), cmocka_unit_test(test_errors)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
