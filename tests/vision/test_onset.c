#include "vision/onset.h"

#include "support.h"
#include "vision/mel.h"

static size_t count(const json_t *options, const char *name, double otherwise) {
  return (size_t)golden_number(options, name, otherwise, 0);
}

static hn_matrix make_db(size_t hop_length) {
  hn_error err;
  hn_options *options;
  hn_mel *mel;
  hn_matrix db;
  char hop[24];
  snprintf(hop, sizeof hop, "%zu", hop_length);
  ok(hn_options_create(hn_mel_options, &options, &err));
  ok(hn_options_set(options, "hop_length", hop, &err));
  ok(hn_mel_create(options, &mel, &err));
  ok(hn_mel_file(mel, GOLDEN "mono.wav", &db, NULL, &err));
  hn_mel_destroy(mel);
  hn_options_destroy(options);
  return db;
}

/* 1e-3 dB, the tolerance of the spectrogram. */
static void test_onsets_golden(void **state) {
  (void)state;
  hn_error err;
  size_t i;
  json_t *row;
  json_array_foreach(golden("onsets"), i, row) {
    const json_t *o = json_object_get(row, "options");
    hn_onset_options options = {.lag = count(o, "lag", 1),
                                .max_size = count(o, "max_size", 1),
                                .median = (int)count(o, "median", 0),
                                .detrend = (int)count(o, "detrend", 0),
                                .center = (int)count(o, "center", 1),
                                .n_fft = 2048,
                                .hop_length = count(o, "hop_length", 512)};
    /* librosa's `center` moves onsets; it does not reach the spectrogram. */
    hn_matrix db = make_db(options.hop_length);
    float *onsets = malloc(db.n_cols * sizeof *onsets);
    assert_non_null(onsets);
    ok(hn_onset_strength(&db, &options, onsets, &err));
    check_strided(row, onsets, db.n_cols, 1e-3);
    free(onsets);
    hn_matrix_free(&db);
  }
}

/* Fewer frames than lag and delay: nothing begins. */
static void test_few_frames(void **state) {
  (void)state;
  hn_error err;
  float values[] = {0, 1, 2, 3, 5, 7}, onsets[3] = {9, 9, 9};
  hn_onset_options options = {.lag = 1, .max_size = 1};
  ok(hn_onset_strength(&(hn_matrix){2, 3, values}, &options, onsets, &err));
  assert_memory_equal(onsets, ((float[]){0, 1.5f, 1.5f}), sizeof onsets);
  options.lag = 3;
  ok(hn_onset_strength(&(hn_matrix){2, 3, values}, &options, onsets, &err));
  assert_memory_equal(onsets, ((float[]){0, 0, 0}), sizeof onsets);
}

/* 1e-5: single precision, values of at most 1 except without norm (10). */
static void test_tempograms_golden(void **state) {
  (void)state;
  hn_error err;
  size_t i, t;
  json_t *row, *value;
  json_array_foreach(golden("tempograms"), i, row) {
    const json_t *o = json_object_get(row, "options");
    hn_tempogram_options options = {.win_length = count(o, "win_length", 384),
                                    .center = (int)count(o, "center", 1),
                                    .window = golden_word(o, "window", "hann"),
                                    .norm = golden_number(o, "norm", HUGE_VAL, 0)};
    float onsets[64];
    json_array_foreach(json_object_get(row, "onsets"), t, value) onsets[t] =
        (float)json_number_value(value);
    hn_matrix tempogram;
    ok(hn_tempogram(onsets, t, &options, &tempogram, &err));
    check_strided(row, tempogram.values, tempogram.n_rows * tempogram.n_cols, 1e-5);
    hn_matrix_free(&tempogram);
  }
}

/* A click every 10 frames: the largest of the lags above 5 is 10. */
static void test_tempo(void **state) {
  (void)state;
  hn_error err;
  float onsets[200] = {0};
  for (size_t t = 0; t < 200; t += 10) onsets[t] = 1;
  hn_matrix tempogram;
  hn_tempogram_options options = {
      .win_length = 64, .center = 1, .window = "hann", .norm = HUGE_VAL};
  ok(hn_tempogram(onsets, 200, &options, &tempogram, &err));
  for (size_t t = 40; t < 160; t++) {
    size_t best = 5;
    for (size_t l = 5; l < 64; l++)
      if (tempogram.values[l * 200 + t] > tempogram.values[best * 200 + t]) best = l;
    assert_int_equal(best, 10);
    assert_true(tempogram.values[t] == 1);
  }
  hn_matrix_free(&tempogram);
}

static void test_window_too_long(void **state) {
  (void)state;
  hn_error err;
  float onsets[3] = {1, 2, 3};
  hn_matrix tempogram = {0};
  hn_tempogram_options options = {.win_length = 4, .window = "hann"};
  assert_int_equal(hn_tempogram(onsets, 3, &options, &tempogram, &err), HN_INVALID);
  assert_string_equal(
      err.message, "win_length: 4 is more than the 3 frames that there are, and center is false");
  assert_null(tempogram.values);
}

static void test_out_of_memory(void **state) {
  (void)state;
  float values[4] = {0}, onsets[2];
  hn_matrix db = {2, 2, values}, tempogram = {0};
  hn_onset_options options = {.lag = 1, .max_size = 1};
  hn_tempogram_options tempo = {.win_length = 4, .center = 1, .window = "hann"};
  hn_status status = HN_NO_MEMORY;
  for (long n = 0; status != HN_OK; n++) {
    hn_memory_fail_after(n);
    status = hn_onset_strength(&db, &options, onsets, NULL);
    if (status == HN_OK) status = hn_tempogram(onsets, 2, &tempo, &tempogram, NULL);
    hn_memory_fail_after(-1);
    assert_true(status == HN_OK || (status == HN_NO_MEMORY && !tempogram.values));
  }
  hn_matrix_free(&tempogram);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_onsets_golden),     cmocka_unit_test(test_few_frames),
      cmocka_unit_test(test_tempograms_golden), cmocka_unit_test(test_tempo),
      cmocka_unit_test(test_window_too_long),   cmocka_unit_test(test_out_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
