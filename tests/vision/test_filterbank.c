#include "vision/filterbank.h"

#include "support.h"
#include "vision/filterbank_kernels.h"

static hn_filterbank_options options_of(const json_t *o) {
  hn_filterbank_options options = {
      .sr = json_number_value(json_object_get(o, "sr")),
      .n_fft = (size_t)json_integer_value(json_object_get(o, "n_fft")),
      .n_mels = (size_t)json_integer_value(json_object_get(o, "n_mels")),
      .fmin = json_number_value(json_object_get(o, "fmin")),
      .fmax = json_number_value(json_object_get(o, "fmax")),
      .htk = json_is_true(json_object_get(o, "htk")),
      .norm = !json_is_null(json_object_get(o, "norm")),
  };
  return options;
}

/* Each weight, found by asking for the answer to a spectrum of one bin. */
static void test_golden(void **state) {
  (void)state;
  hn_error err;
  size_t i, h, k;
  json_t *row, *band, *weight;
  json_array_foreach(golden("filters"), i, row) {
    hn_filterbank_options options = options_of(json_object_get(row, "options"));
    hn_filterbank bank;
    ok(hn_filterbank_init(&bank, &options, &err));
    assert_int_equal(bank.n_bins, options.n_fft / 2 + 1);
    float bins[128] = {0}, bands[32];
    size_t n_empty = 0;
    json_array_foreach(json_object_get(row, "weights"), h, band) {
      double sum = 0;
      json_array_foreach(band, k, weight) {
        bins[k] = 1;
        hn_filterbank_apply(&bank, bins, bands);
        bins[k] = 0;
        /* Rounding of single precision. */
        double wanted = json_number_value(weight);
        if (!(fabs((double)bands[h] - wanted) <= 1e-6 * wanted))
          fail_msg("set %zu, band %zu, bin %zu: %.9g, expected %.9g", i, h, k, (double)bands[h],
                   wanted);
        sum += wanted;
      }
      n_empty += sum == 0;
    }
    assert_int_equal(h, options.n_mels);
    assert_int_equal(bank.n_empty, n_empty);
    hn_filterbank_free(&bank);
  }
}

static void test_scales(void **state) {
  (void)state;
  assert_true(fabs(hn_mel_from_hz(1000, 0) - 15) < 1e-12);
  assert_true(fabs(hn_mel_from_hz(6400, 0) - 42) < 1e-12);
  assert_true(fabs(hn_mel_from_hz(700, 1) - 2595 * log10(2)) < 1e-12);
  for (double hz = 0; hz < 12000; hz += 313)
    for (int htk = 0; htk < 2; htk++)
      assert_true(fabs(hn_hz_from_mel(hn_mel_from_hz(hz, htk), htk) - hz) < 1e-8);
}

/* Spectra side by side give the numbers that each gives alone, whatever the instructions. */
static void test_frames(void **state) {
  (void)state;
  enum { N = HN_FILTERBANK_FRAMES };
  hn_error err;
  hn_filterbank bank;
  hn_filterbank_options options = {16000, 512, 40, 100, 7000, 1, 0};
  float power[257][N], alone[257], found[40][N], chosen[40][N], wanted[40];
  const hn_filterbank_kernel *kernel;
  ok(hn_filterbank_init(&bank, &options, &err));
  for (size_t k = 0; k < 257; k++)
    for (size_t t = 0; t < N; t++) power[k][t] = sinf((float)(k * N + t)) + 1;
  hn_filterbank_apply_frames(&bank, power[0], chosen[0]);
  for (size_t i = 0; (kernel = hn_filterbank_kernel_at(i)); i++) {
    if (!kernel->supported()) continue;
    kernel->apply(&bank, power[0], found[0]);
    for (size_t t = 0; t < N; t++) {
      for (size_t k = 0; k < 257; k++) alone[k] = power[k][t];
      hn_filterbank_apply(&bank, alone, wanted);
      for (size_t h = 0; h < 40; h++)
        if (found[h][t] != wanted[h])
          fail_msg("%s, band %zu: %.9g, expected %.9g", kernel->name, h, (double)found[h][t],
                   (double)wanted[h]);
    }
  }
  assert_memory_equal(found, chosen, sizeof found);
  hn_filterbank_free(&bank);
}

static void test_out_of_memory(void **state) {
  (void)state;
  hn_filterbank_options options = {22050, 256, 20, 0, 11025, 0, 1};
  hn_status status = HN_NO_MEMORY;
  for (long n = 0; status != HN_OK; n++) {
    hn_filterbank bank = {0};
    hn_memory_fail_after(n);
    status = hn_filterbank_init(&bank, &options, NULL);
    hn_memory_fail_after(-1);
    assert_true(status == HN_OK || (status == HN_NO_MEMORY && !bank.weights));
    hn_filterbank_free(&bank);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden), cmocka_unit_test(test_scales),
                                     cmocka_unit_test(test_frames),
                                     cmocka_unit_test(test_out_of_memory)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
