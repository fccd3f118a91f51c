#include "vision/chroma.h"

#include "support.h"
#include "vision/audio.h"
#include "vision/tuning.h"

static hn_stft *make_stft(size_t n_fft) {
  hn_error err;
  hn_stft *stft;
  ok(hn_stft_create(&(hn_stft_options){.n_fft = n_fft, .hop_length = 512, .center = 1}, &stft,
                    &err));
  return stft;
}

/* 1e-5 of the largest value: single precision. */
static void test_golden(void **state) {
  (void)state;
  hn_error err;
  hn_audio audio;
  size_t i;
  json_t *row;
  ok(hn_audio_read(GOLDEN "mono.wav", NULL, &audio, &err));
  json_array_foreach(golden("chromas"), i, row) {
    const json_t *o = json_object_get(row, "options");
    hn_chroma_options options = {.sr = audio.info.rate,
                                 .tuning = golden_number(o, "tuning", NAN, NAN),
                                 .n_chroma = (size_t)golden_number(o, "n_chroma", 12, 0),
                                 .ctroct = golden_number(o, "ctroct", 5, 0),
                                 .octwidth = golden_number(o, "octwidth", 2, HUGE_VAL),
                                 .norm = golden_number(o, "norm", HUGE_VAL, 0)};
    hn_stft *stft = make_stft((size_t)golden_number(o, "n_fft", 2048, 0));
    hn_matrix chroma;
    double tuning;
    ok(hn_chroma(stft, &options, audio.samples, audio.n, &tuning, &chroma, &err));
    double wanted = json_number_value(json_object_get(row, "tuning"));
    if (fabs(tuning - wanted) > 1e-9) fail_msg("tuning is %g, expected %g", tuning, wanted);
    check_strided(row, chroma.values, chroma.n_rows * chroma.n_cols,
                  1e-5 * json_number_value(json_object_get(row, "largest")));
    hn_matrix_free(&chroma);
    hn_stft_destroy(stft);
  }
  hn_audio_free(&audio);
}

/* A sine of a tempered pitch, tuned up by a share of a semitone, is found in its row. */
static void test_sines(void **state) {
  (void)state;
  hn_error err;
  hn_stft *stft = make_stft(2048);
  hn_chroma_options options = hn_chroma_defaults(22050);
  for (int note = 0; note < 24; note++) {
    double shift = (note - 12) / 40.0, tuning;
    double hz = 440 * exp2((note + shift) / 12);
    float *samples = make_sine(hz, 22050, 22050);
    hn_matrix chroma;
    ok(hn_chroma(stft, &options, samples, 22050, &tuning, &chroma, &err));
    assert_true(fabs(tuning - shift) <= 0.05); /* the bias of a parabola through powers */
    size_t expected = (size_t)(note + 9) % 12;
    for (size_t t = 2; t + 2 < chroma.n_cols; t++)
      assert_true(chroma.values[expected * chroma.n_cols + t] == 1);
    hn_matrix_free(&chroma);
    free(samples);
  }
  hn_stft_destroy(stft);
}

/* Nothing is heard: tuning 0, all rows 0. */
static void test_silence(void **state) {
  (void)state;
  hn_error err;
  hn_stft *stft = make_stft(2048);
  hn_chroma_options options = hn_chroma_defaults(22050);
  float samples[1000] = {0};
  double tuning = 9;
  hn_matrix chroma;
  ok(hn_chroma(stft, &options, samples, 1000, &tuning, &chroma, &err));
  assert_true(tuning == 0);
  for (size_t i = 0; i < chroma.n_rows * chroma.n_cols; i++) assert_true(chroma.values[i] == 0);
  hn_matrix_free(&chroma);
  hn_stft_destroy(stft);
}

static void test_no_samples(void **state) {
  (void)state;
  hn_error err;
  hn_stft *stft = make_stft(2048);
  hn_chroma_options options = hn_chroma_defaults(22050);
  hn_matrix chroma = {0};
  float none = 0;
  assert_int_equal(hn_chroma(stft, &options, &none, 0, NULL, &chroma, &err), HN_INVALID);
  assert_string_equal(err.message, "chroma: 0 samples are too few for a frame of 2048");
  assert_null(chroma.values);
  hn_stft_destroy(stft);
}

static void test_out_of_memory(void **state) {
  (void)state;
  hn_stft *stft = make_stft(512);
  hn_chroma_options options = hn_chroma_defaults(22050);
  float *samples = make_sine(440, 22050, 3000);
  hn_matrix chroma = {0};
  hn_status status = HN_NO_MEMORY;
  for (long n = 0; status != HN_OK; n++) {
    hn_memory_fail_after(n);
    status = hn_chroma(stft, &options, samples, 3000, NULL, &chroma, NULL);
    hn_memory_fail_after(-1);
    assert_true(status == HN_OK || (status == HN_NO_MEMORY && !chroma.values));
  }
  hn_matrix_free(&chroma);
  free(samples);
  hn_stft_destroy(stft);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden),        cmocka_unit_test(test_sines),
      cmocka_unit_test(test_silence),       cmocka_unit_test(test_no_samples),
      cmocka_unit_test(test_out_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
