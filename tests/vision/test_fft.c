#include "vision/fft.h"

#include "base/random.h"
#include "support.h"
#include "vision/fft_kernels.h"
#include "vision/window.h"

/* The definition, in double precision: the twin that every kernel is compared with. */
static void transform_by_definition(const float *x, const double *window, size_t n, size_t k,
                                    double *re, double *im) {
  *re = *im = 0;
  for (size_t t = 0; t < n; t++) {
    double angle = 2 * 3.14159265358979323846 * (double)(k * t % n) / (double)n;
    double value = window ? window[t] * (double)x[t] : (double)x[t];
    *re += value * cos(angle);
    *im -= value * sin(angle);
  }
}

static float *make_noise(size_t n) {
  hn_rng rng;
  float *x = hn_calloc(n, sizeof *x);
  hn_rng_init(&rng, 1, "test.fft", n);
  for (size_t t = 0; t < n; t++) x[t] = (float)hn_rng_normal(&rng);
  return x;
}

/* The root mean square of the spectrum of noise is sqrt(n). Only results are rounded to floats, the
 * largest of them four times as large. */
static void check_length(const hn_fft_kernel *kernel, size_t n, const double *window) {
  hn_error err;
  hn_fft *fft = NULL;
  ok(hn_fft_create_with(kernel, n, window, &fft, &err));
  assert_int_equal(hn_fft_n_bins(fft), n / 2 + 1);
  float *x = make_noise(n), *out = hn_calloc(n + 2, sizeof *out);
  float *power = hn_calloc(n / 2 + 1, sizeof *power);
  float *scratch = hn_calloc(hn_fft_n_scratch(fft), sizeof *scratch);
  hn_fft_forward(fft, x, out, scratch);
  hn_fft_power(fft, x, power, scratch);
  double tolerance = 2.5e-7 * sqrt((double)n), re, im;
  for (size_t k = 0; k <= n / 2; k++) {
    transform_by_definition(x, window, n, k, &re, &im);
    double error = hypot((double)out[2 * k] - re, (double)out[2 * k + 1] - im);
    double error_of_power = fabs(sqrt((double)power[k]) - hypot(re, im));
    if (!(error <= tolerance && error_of_power <= tolerance))
      fail_msg("%s, %zu lanes, n %zu, bin %zu: off by %g, power by %g", kernel->name, kernel->lanes,
               n, k, error, error_of_power);
  }
  hn_free(x);
  hn_free(out);
  hn_free(power);
  hn_free(scratch);
  hn_fft_destroy(fft);
}

/* Every kernel of this build that runs here, every radix, lanes that divide their columns and such
 * that do not. */
static void test_against_definition(void **state) {
  (void)state;
  static const size_t lengths[] = {48,  64,  112, 128, 192, 256, 320,  400,  416,
                                   441, 480, 512, 640, 800, 992, 1023, 2025, 2048};
  const hn_fft_kernel *kernel;
  for (size_t i = 0; (kernel = hn_fft_kernel_at(i)); i++) {
    for (size_t n = 1; n <= 40; n++)
      if (hn_fft_kernel_suits(kernel, n)) check_length(kernel, n, NULL);
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
      if (hn_fft_kernel_suits(kernel, lengths[k])) check_length(kernel, lengths[k], NULL);
  }
}

static void test_window(void **state) {
  (void)state;
  double window[512];
  const hn_fft_kernel *kernel;
  for (size_t t = 0; t < 512; t++) window[t] = 0.25 + (double)t / 512;
  for (size_t i = 0; (kernel = hn_fft_kernel_at(i)); i++) {
    if (hn_fft_kernel_suits(kernel, 512)) check_length(kernel, 512, window);
    if (hn_fft_kernel_suits(kernel, 63)) check_length(kernel, 63, window);
  }
}

/* A sine in the middle of noise 140 dB below it, which single precision would drown: every bin
 * within 1e-4 dB, however quiet. */
static void test_precision(void **state) {
  (void)state;
  enum { N = 2048 };
  hn_error err;
  hn_fft *fft;
  double window[N];
  float *x = make_noise(N), power[N / 2 + 1], scratch[8 * N];
  hn_window_fill("blackmanharris", N, window);
  for (size_t t = 0; t < N; t++) x[t] = 1e-7f * x[t] + sinf(0.3f * (float)t);
  ok(hn_fft_create_windowed(N, window, &fft, &err));
  assert_true(hn_fft_n_scratch(fft) <= sizeof scratch / sizeof *scratch);
  hn_fft_power(fft, x, power, scratch);
  double re, im;
  for (size_t k = 0; k <= N / 2; k++) {
    transform_by_definition(x, window, N, k, &re, &im);
    double error_db = 10 * log10((double)power[k] / (re * re + im * im));
    if (!(fabs(error_db) < 1e-4)) fail_msg("bin %zu is off by %g dB", k, error_db);
  }
  hn_free(x);
  hn_fft_destroy(fft);
}

static void test_out_of_memory(void **state) {
  (void)state;
  double window[64] = {0};
  hn_status status = HN_NO_MEMORY;
  for (long n = 0; status != HN_OK; n++) {
    hn_fft *fft = NULL;
    hn_memory_fail_after(n);
    status = hn_fft_create_windowed(64, window, &fft, NULL);
    hn_memory_fail_after(-1);
    assert_true(status == HN_OK || (status == HN_NO_MEMORY && !fft));
    hn_fft_destroy(fft);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_against_definition), cmocka_unit_test(test_window),
      cmocka_unit_test(test_precision), cmocka_unit_test(test_out_of_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
