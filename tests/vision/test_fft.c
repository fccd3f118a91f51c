#include "vision/fft.h"

#include "base/random.h"
#include "support.h"

/* The definition, in double precision: the twin that every FFT is compared with. */
static void transform_by_definition(const float *x, size_t n, size_t k, double *re, double *im) {
  *re = *im = 0;
  for (size_t t = 0; t < n; t++) {
    double angle = 2 * 3.14159265358979323846 * (double)(k * t % n) / (double)n;
    *re += (double)x[t] * cos(angle);
    *im -= (double)x[t] * sin(angle);
  }
}

static void check_length(size_t n) {
  hn_error err;
  hn_fft *fft = NULL;
  hn_rng rng;
  ok(hn_fft_create(n, &fft, &err));
  assert_int_equal(hn_fft_n_bins(fft), n / 2 + 1);
  float *x = hn_calloc(n, sizeof *x), *out = hn_calloc(n + 2, sizeof *out);
  float *scratch = hn_calloc(hn_fft_n_scratch(fft), sizeof *scratch);
  hn_rng_init(&rng, 1, "test.fft", n);
  for (size_t t = 0; t < n; t++) x[t] = (float)hn_rng_normal(&rng);
  hn_fft_forward(fft, x, out, scratch);
  /* The root mean square of the spectrum is sqrt(n). */
  double tolerance = 2e-6 * sqrt((double)n), re, im;
  for (size_t k = 0; k <= n / 2; k++) {
    transform_by_definition(x, n, k, &re, &im);
    double error = hypot((double)out[2 * k] - re, (double)out[2 * k + 1] - im);
    if (!(error <= tolerance)) fail_msg("n %zu, bin %zu: off by %g", n, k, error);
  }
  hn_free(x);
  hn_free(out);
  hn_free(scratch);
  hn_fft_destroy(fft);
}

static void test_against_definition(void **state) {
  (void)state;
  for (size_t n = 1; n <= 40; n++) check_length(n);
  const size_t lengths[] = {400, 441, 512, 1023, 2025, 2048};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) check_length(lengths[i]);
}

static void test_out_of_memory(void **state) {
  (void)state;
  hn_status status = HN_NO_MEMORY;
  for (long n = 0; status != HN_OK; n++) {
    hn_fft *fft = NULL;
    hn_memory_fail_after(n);
    status = hn_fft_create(64, &fft, NULL);
    hn_memory_fail_after(-1);
    assert_true(status == HN_OK || (status == HN_NO_MEMORY && !fft));
    hn_fft_destroy(fft);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_definition),
                                     cmocka_unit_test(test_out_of_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
