#include "vision/stft.h"

#include "support.h"
#include "vision/audio.h"

static size_t count(const json_t *options, const char *name, double otherwise) {
  return (size_t)golden_number(options, name, otherwise, 0);
}

static hn_stft *make_stft(const json_t *o) {
  hn_error err;
  hn_stft *stft;
  ok(hn_stft_create(&(hn_stft_options){.n_fft = count(o, "n_fft", 2048),
                                       .hop_length = count(o, "hop_length", 512),
                                       .win_length = count(o, "win_length", 0),
                                       .window = golden_word(o, "window", NULL),
                                       .pad_mode = golden_word(o, "pad_mode", NULL),
                                       .center = (int)count(o, "center", 1)},
                    &stft, &err));
  return stft;
}

/* All frames, (n_frames, n_bins, 2); free with free. */
static float *transform(const hn_stft *stft, const float *samples, size_t n) {
  size_t n_frames = hn_stft_n_frames(stft, n), n_bins = hn_stft_n_bins(stft);
  float *spectra = malloc((2 * n_frames * n_bins + 1) * sizeof *spectra);
  float *scratch = malloc(hn_stft_n_scratch(stft) * sizeof *scratch);
  assert_true(spectra && scratch);
  for (size_t t = 0; t < n_frames; t++)
    hn_stft_frame(stft, samples, n, t, spectra + 2 * t * n_bins, scratch);
  free(scratch);
  return spectra;
}

/* 1e-6 of the largest magnitude: librosa windows and transforms in double precision, this in
 * single, whose error goes with the frame's energy. */
static void test_golden(void **state) {
  (void)state;
  hn_error err;
  hn_audio audio;
  size_t i;
  json_t *row;
  ok(hn_audio_read(GOLDEN "mono.wav", NULL, &audio, &err));
  json_array_foreach(golden("stfts"), i, row) {
    hn_stft *stft = make_stft(json_object_get(row, "options"));
    float *spectra = transform(stft, audio.samples, audio.n);
    size_t n_bins = hn_stft_n_bins(stft);
    assert_int_equal(n_bins, json_integer_value(json_object_get(row, "n_bins")));
    check_strided(row, spectra, 2 * n_bins * hn_stft_n_frames(stft, audio.n),
                  1e-6 * json_real_value(json_object_get(row, "largest")));
    free(spectra);
    hn_stft_destroy(stft);
  }
  hn_audio_free(&audio);
}

static void test_power(void **state) {
  (void)state;
  hn_error err;
  hn_stft *stft;
  ok(hn_stft_create(&(hn_stft_options){.n_fft = 64, .hop_length = 16, .center = 1}, &stft, &err));
  float *samples = make_sine(1000, 8000, 200), *spectra = transform(stft, samples, 200);
  float *scratch = malloc(hn_stft_n_scratch(stft) * sizeof *scratch), power[33];
  static const double powers[] = {1, 2, 1.5};
  for (size_t p = 0; p < 3; p++)
    for (size_t t = 0; t < hn_stft_n_frames(stft, 200); t++) {
      hn_stft_power(stft, samples, 200, t, powers[p], power, scratch);
      for (size_t k = 0; k < 33; k++) {
        const float *x = spectra + 2 * (t * 33 + k);
        double wanted = pow(hypot((double)x[0], (double)x[1]), powers[p]);
        assert_true(fabs((double)power[k] - wanted) <= 1e-6 * (1 + wanted));
      }
    }
  free(samples);
  free(spectra);
  free(scratch);
  hn_stft_destroy(stft);
}

static void test_n_frames(void **state) {
  (void)state;
  static const struct {
    size_t n_fft, hop;
    int center;
    size_t n, n_frames;
  } cases[] = {{2048, 512, 1, 0, 0},    {2048, 512, 1, 1, 1},    {2048, 512, 1, 512, 2},
               {2047, 512, 1, 512, 1},  {2047, 512, 1, 513, 2},  {2048, 512, 0, 2047, 0},
               {2048, 512, 0, 2048, 1}, {2048, 100, 0, 2248, 3}, {1, 1, 1, 5, 5}};
  hn_error err;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hn_stft *stft;
    ok(hn_stft_create(&(hn_stft_options){.n_fft = cases[i].n_fft,
                                         .hop_length = cases[i].hop,
                                         .center = cases[i].center},
                      &stft, &err));
    assert_int_equal(hn_stft_n_frames(stft, cases[i].n), cases[i].n_frames);
    hn_stft_destroy(stft);
  }
}

static void test_window_too_long(void **state) {
  (void)state;
  hn_error err;
  hn_stft *stft = NULL;
  hn_stft_options options = {.n_fft = 512, .hop_length = 1, .win_length = 513};
  assert_int_equal(hn_stft_create(&options, &stft, &err), HN_INVALID);
  assert_string_equal(err.message, "win_length: 513 is longer than n_fft, which is 512");
  assert_null(stft);
}

static void test_out_of_memory(void **state) {
  (void)state;
  hn_stft *stft = NULL;
  hn_stft_options options = {.n_fft = 512, .hop_length = 128};
  hn_status status = HN_NO_MEMORY;
  for (long n = 0; status != HN_OK; n++) {
    hn_memory_fail_after(n);
    status = hn_stft_create(&options, &stft, NULL);
    hn_memory_fail_after(-1);
    assert_true(status == HN_OK || (status == HN_NO_MEMORY && !stft));
  }
  hn_stft_destroy(stft);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden),        cmocka_unit_test(test_power),
      cmocka_unit_test(test_n_frames),      cmocka_unit_test(test_window_too_long),
      cmocka_unit_test(test_out_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
