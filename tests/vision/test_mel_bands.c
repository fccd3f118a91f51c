#include "vision/mel_bands.h"

#include "support.h"

static const hn_mel_bands_options options = {
    .stft = {.n_fft = 2048, .hop_length = 512, .win_length = 2048, .center = 1},
    .filters = {.sr = 22050, .n_fft = 2048, .n_mels = 64, .fmax = 11025, .norm = 1},
    .power = 2};

/* Three seconds of a chord that decays, sampled at `rate`. */
static float *make_chord(int rate, size_t *n_out) {
  static const double hz[] = {110, 441, 1234.5, 2750, 6000};
  size_t n = 3 * (size_t)rate;
  float *x = calloc(n, sizeof *x);
  for (size_t t = 0; t < n; t++) {
    double seconds = (double)t / rate, sum = 0;
    for (size_t i = 0; i < 5; i++) sum += sin(2 * 3.14159265358979323846 * hz[i] * seconds);
    x[t] = (float)(0.1 * exp(-seconds) * sum);
  }
  *n_out = n;
  return x;
}

static hn_matrix make_energies(const hn_mel_bands_options *o, int rate) {
  hn_error err;
  hn_matrix energies;
  hn_mel_bands *bands;
  size_t n;
  float *x = make_chord(rate, &n);
  ok(hn_mel_bands_create(o, rate, &bands, &err));
  /* Nothing lies above half of a low rate. */
  assert_int_equal(hn_mel_bands_n_empty(bands) > 0, rate < 22050);
  ok(hn_mel_bands_apply(bands, x, n, &energies, &err));
  assert_int_equal(energies.n_cols, hn_mel_bands_n_frames(bands, n));
  hn_mel_bands_destroy(bands);
  free(x);
  return energies;
}

/* Whatever the rate of a file, without resampling: the same frames, and where there is sound, which
 * is where the filters are wider than a few bins, the same levels within 0.3 dB. */
static void check_rates(const hn_mel_bands_options *o) {
  static const int rates[] = {16000, 24000, 32000, 44100, 48000, 96000};
  hn_matrix wanted = make_energies(o, 22050);
  float largest = 0;
  for (size_t i = 0; i < wanted.n_rows * wanted.n_cols; i++)
    largest = fmaxf(largest, wanted.values[i]);
  for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
    hn_matrix found = make_energies(o, rates[r]);
    assert_int_equal(found.n_rows, wanted.n_rows);
    assert_int_equal(found.n_cols, wanted.n_cols);
    for (size_t h = 0; h < wanted.n_rows; h++)
      for (size_t t = 3; t + 4 < wanted.n_cols; t++) {
        float a = found.values[h * wanted.n_cols + t], b = wanted.values[h * wanted.n_cols + t];
        double db = 10 * log10((double)a / (double)b);
        if (b > 0.1f * largest && !(fabs(db) < 0.3))
          fail_msg("%d Hz, power %g, band %zu, frame %zu: %g dB off", rates[r], o->power, h, t, db);
      }
    hn_matrix_free(&found);
  }
  hn_matrix_free(&wanted);
}

static void test_rates(void **state) {
  (void)state;
  hn_mel_bands_options o = options;
  check_rates(&o);
  o.power = 1;
  check_rates(&o);
  o.stft.win_length = 1500;
  check_rates(&o);
  o.stft.center = 0;
  check_rates(&o);
}

/* Short songs: one sample, and too few for a frame. */
static void test_short(void **state) {
  (void)state;
  hn_error err;
  hn_mel_bands *bands;
  hn_matrix energies;
  float sample = 0.5f;
  hn_mel_bands_options o = options;
  ok(hn_mel_bands_create(&o, 44100, &bands, &err));
  assert_int_equal(hn_mel_bands_n_frames(bands, 0), 0);
  assert_int_equal(hn_mel_bands_n_frames(bands, 1), 1);
  assert_int_equal(hn_mel_bands_n_frames(bands, 2 * 512), 2);
  ok(hn_mel_bands_apply(bands, &sample, 1, &energies, &err));
  assert_int_equal(energies.n_cols, 1);
  hn_matrix_free(&energies);
  hn_mel_bands_destroy(bands);
  o.stft.center = 0;
  ok(hn_mel_bands_create(&o, 44100, &bands, &err));
  assert_int_equal(hn_mel_bands_n_frames(bands, 4094), 0);
  assert_int_equal(hn_mel_bands_n_frames(bands, 4095), 1);
  hn_mel_bands_destroy(bands);
}

static void test_out_of_memory(void **state) {
  (void)state;
  float samples[1000] = {0};
  hn_status status = HN_NO_MEMORY;
  for (long n = 0; status != HN_OK; n++) {
    hn_mel_bands *bands = NULL;
    hn_matrix energies = {0};
    hn_memory_fail_after(n);
    status = hn_mel_bands_create(&options, 8000, &bands, NULL);
    if (status == HN_OK) status = hn_mel_bands_apply(bands, samples, 1000, &energies, NULL);
    hn_memory_fail_after(-1);
    assert_true(status == HN_OK || (status == HN_NO_MEMORY && !energies.values));
    hn_matrix_free(&energies);
    hn_mel_bands_destroy(bands);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_rates), cmocka_unit_test(test_short),
                                     cmocka_unit_test(test_out_of_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
