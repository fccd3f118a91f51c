#include "vision/mel.h"

#include "base/npy.h"
#include "support.h"

static hn_options *options_of(const json_t *texts) {
  hn_error err;
  hn_options *options;
  const char *name;
  json_t *text;
  ok(hn_options_create(hn_mel_options, &options, &err));
  json_object_foreach((json_t *)(uintptr_t)texts, name, text)
      ok(hn_options_set(options, name, json_string_value(text), &err));
  return options;
}

/* Options from "name=value name=value". */
static hn_mel *make_mel(const char *text) {
  hn_error err;
  hn_options *options;
  hn_mel *mel;
  char pairs[256], *rest = pairs, *pair;
  ok(hn_options_create(hn_mel_options, &options, &err));
  snprintf(pairs, sizeof pairs, "%s", text);
  while ((pair = strsep(&rest, " "))) {
    char *value = strchr(pair, '=');
    if (!value) continue;
    *value++ = 0;
    ok(hn_options_set(options, pair, value, &err));
  }
  ok(hn_mel_create(options, &mel, &err));
  hn_options_destroy(options);
  return mel;
}

/* 1e-4 dB: a value near 100 dB is rounded to 8e-6 dB; the rest is room for soxr's versions.
 * torchaudio keeps filters and window in floats: 1e-3 dB. */
static void test_golden(void **state) {
  (void)state;
  hn_error err;
  size_t i;
  json_t *row;
  json_array_foreach(golden("mels"), i, row) {
    const char *name = json_string_value(json_object_get(row, "name"));
    char path[256];
    snprintf(path, sizeof path, "%smel-%s.npy", GOLDEN, name);
    hn_options *options = options_of(json_object_get(row, "options"));
    double tolerance = golden_number(row, "tolerance", 1e-4, 0);
    hn_matrix wanted, found;
    hn_mel *mel;
    ok(hn_npy_read_matrix(path, &wanted, &err));
    ok(hn_mel_create(options, &mel, &err));
    ok(hn_mel_file(mel, GOLDEN "mono.wav", &found, NULL, &err));
    assert_int_equal(found.n_rows, wanted.n_rows);
    assert_int_equal(found.n_cols, wanted.n_cols);
    for (size_t k = 0; k < wanted.n_rows * wanted.n_cols; k++)
      if (!(fabs((double)found.values[k] - (double)wanted.values[k]) <= tolerance))
        fail_msg("%s, band %zu, frame %zu: %g dB, expected %g", name, k / wanted.n_cols,
                 k % wanted.n_cols, (double)found.values[k], (double)wanted.values[k]);
    hn_matrix_free(&wanted);
    hn_matrix_free(&found);
    hn_mel_destroy(mel);
    hn_options_destroy(options);
  }
}

/* A preset stands for the values that are not set, whatever the order. */
static void test_preset(void **state) {
  (void)state;
  hn_error err;
  hn_options *o;
  ok(hn_options_create(hn_mel_options, &o, &err));
  ok(hn_options_set(o, "hop_length", "100", &err));
  ok(hn_options_set(o, "top_db", "60", &err));
  ok(hn_options_set(o, "preset", "torchaudio", &err));
  ok(hn_mel_options_resolve(o, &err));
  assert_string_equal(hn_options_text(o, "hop_length"), "100");
  assert_string_equal(hn_options_text(o, "top_db"), "60");
  assert_string_equal(hn_options_text(o, "sr"), "16000");
  assert_string_equal(hn_options_text(o, "norm"), "none");
  ok(hn_options_set(o, "preset", "musicnn", &err));
  ok(hn_mel_options_resolve(o, &err)); /* all are set by now, but what torchaudio leaves alone */
  assert_string_equal(hn_options_text(o, "n_fft"), "400");
  hn_options_destroy(o);

  hn_mel *mel = make_mel("n_mels=48 preset=musicnn");
  assert_int_equal(hn_mel_n_bands(mel), 48);
  assert_int_equal(hn_mel_rate(mel), 16000);
  assert_non_null(strstr(hn_mel_signature(mel), "hop_length=256 "));
  hn_mel_destroy(mel);
}

static void test_n_frames(void **state) {
  (void)state;
  static const struct {
    const char *options;
    size_t n, n_frames;
  } cases[] = {{"", 0, 0},
               {"", 1, 1},
               {"", 511, 1},
               {"", 512, 2},
               {"", 22050, 44},
               {"n_fft=2047", 512, 1},
               {"n_fft=2047", 513, 2},
               {"center=false", 2047, 0},
               {"center=false", 2048, 1},
               {"center=false hop_length=100", 2248, 3}};
  hn_error err;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hn_mel *mel = make_mel(cases[i].options);
    float *samples = make_sine(440, 22050, cases[i].n);
    hn_matrix db = {0};
    assert_int_equal(hn_mel_n_frames(mel, cases[i].n), cases[i].n_frames);
    hn_status status = hn_mel_apply(mel, samples, cases[i].n, &db, &err);
    assert_int_equal(status, cases[i].n_frames ? HN_OK : HN_INVALID);
    assert_int_equal(db.n_cols, cases[i].n_frames);
    hn_matrix_free(&db);
    free(samples);
    hn_mel_destroy(mel);
  }
}

/* A sine's energy lies in the band whose middle is nearest, at every frame. */
static void test_sine(void **state) {
  (void)state;
  hn_error err;
  hn_matrix db;
  hn_mel *mel = make_mel("n_mels=40 htk=true ref=max");
  float *samples = make_sine(1000, 22050, 22050);
  ok(hn_mel_apply(mel, samples, 22050, &db, &err));
  double top_mel = 2595 * log10(1 + 11025 / 700.0), mel_of_sine = 2595 * log10(1 + 1000 / 700.0);
  size_t expected = (size_t)lround(mel_of_sine / top_mel * 41) - 1;
  for (size_t t = 2; t + 2 < db.n_cols; t++) {
    size_t best = 0;
    for (size_t h = 0; h < db.n_rows; h++)
      if (db.values[h * db.n_cols + t] > db.values[best * db.n_cols + t]) best = h;
    assert_int_equal(best, expected);
  }
  hn_matrix_free(&db);
  free(samples);
  hn_mel_destroy(mel);
}

static void test_silence(void **state) {
  (void)state;
  static const struct {
    const char *options;
    float db;
  } cases[] = {{"", -100}, {"ref=max", 0}, {"ref=0.01", -80}, {"amin=1e-6 top_db=none", -60}};
  hn_error err;
  float samples[3000] = {0};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hn_mel *mel = make_mel(cases[i].options);
    hn_matrix db;
    ok(hn_mel_apply(mel, samples, 3000, &db, &err));
    for (size_t k = 0; k < db.n_rows * db.n_cols; k++)
      assert_true(fabsf(db.values[k] - cases[i].db) < 1e-4f);
    hn_matrix_free(&db);
    hn_mel_destroy(mel);
  }
}

/* Each option makes a different picture of the same file, and a different signature. */
static void test_each_option_counts(void **state) {
  (void)state;
  static const char *const changes[] = {"",
                                        "sr=16000",
                                        "n_fft=1024",
                                        "hop_length=256",
                                        "win_length=1000",
                                        "n_mels=64",
                                        "window=hamming",
                                        "center=false",
                                        "fmin=200",
                                        "fmax=8000",
                                        "htk=true",
                                        "norm=none",
                                        "pad_mode=reflect",
                                        "power=1.0",
                                        "ref=max",
                                        "amin=1e-3",
                                        "top_db=20",
                                        "resample=soxr_qq",
                                        "clip=0.25,0.75",
                                        "clip=0.5,1",
                                        "top_db=none",
                                        "resample=sinc_best",
                                        "resample=direct",
                                        "preset=musicnn",
                                        "pad_mode=edge"};
  enum { N = sizeof changes / sizeof *changes };
  hn_error err;
  hn_matrix db[N];
  hn_mel *mels[N];
  for (size_t i = 0; i < N; i++) {
    mels[i] = make_mel(changes[i]);
    ok(hn_mel_file(mels[i], GOLDEN "stereo.mp3", &db[i], NULL, &err));
    for (size_t j = 0; j < i; j++) {
      assert_string_not_equal(hn_mel_signature(mels[i]), hn_mel_signature(mels[j]));
      size_t n = db[i].n_rows * db[i].n_cols;
      if (db[i].n_rows == db[j].n_rows && db[i].n_cols == db[j].n_cols &&
          memcmp(db[i].values, db[j].values, n * sizeof(float)) == 0)
        fail_msg("\"%s\" and \"%s\" give the same", changes[i], changes[j]);
    }
  }
  for (size_t i = 0; i < N; i++) {
    hn_matrix_free(&db[i]);
    hn_mel_destroy(mels[i]);
  }
}

static void test_accessors(void **state) {
  (void)state;
  hn_mel *mel = make_mel("sr=16000 n_mels=40 clip=30,75");
  assert_int_equal(hn_mel_rate(mel), 16000);
  assert_int_equal(hn_mel_n_bands(mel), 40);
  assert_int_equal(hn_mel_n_empty_bands(mel), 0);
  assert_true(hn_mel_clip(mel)->from == 30 && hn_mel_clip(mel)->to == 75);
  assert_non_null(strstr(hn_mel_signature(mel), "sr=16000 "));
  assert_non_null(strstr(hn_mel_signature(mel), "clip=30,75 "));
  hn_mel_destroy(mel);
  mel = make_mel("n_fft=256");
  assert_null(hn_mel_clip(mel));
  assert_int_equal(hn_mel_n_bands(mel), 128);
  assert_true(hn_mel_n_empty_bands(mel) > 0);
  hn_mel_destroy(mel);
}

static void test_contradictions(void **state) {
  (void)state;
  static const struct {
    const char *name, *value, *message;
  } cases[] = {
      {"win_length", "4096", "win_length: 4096 is longer than n_fft, which is 2048"},
      {"fmax", "12000", "fmax: 12000 Hz is above half of sr, which is 11025 Hz"},
      {"fmin", "11025", "fmin: 11025 Hz is not below fmax, which is 11025 Hz"},
      {"clip", "30",
       "clip: \"30\" is not allowed; expected two ascending numbers of seconds such as 30,75, or "
       "none"},
      {"clip", "75,30",
       "clip: \"75,30\" is not allowed; expected two ascending numbers of seconds such as 30,75, "
       "or "
       "none"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hn_error err;
    hn_options *options;
    hn_mel *mel = NULL;
    ok(hn_options_create(hn_mel_options, &options, &err));
    ok(hn_options_set(options, cases[i].name, cases[i].value, &err));
    assert_int_equal(hn_mel_create(options, &mel, &err), HN_INVALID);
    assert_string_equal(err.message, cases[i].message);
    assert_null(mel);
    hn_options_destroy(options);
  }
}

static void test_errors(void **state) {
  (void)state;
  hn_error err;
  hn_matrix db = {0};
  hn_mel *mel = make_mel("center=false");
  float samples[2047] = {0};
  assert_int_equal(hn_mel_apply(mel, samples, 0, &db, &err), HN_INVALID);
  assert_string_equal(err.message, "a spectrogram of no samples was asked for");
  assert_int_equal(hn_mel_apply(mel, samples, 2047, &db, &err), HN_INVALID);
  assert_string_equal(err.message, "2047 samples are fewer than n_fft (2048) and center is false");
  write_sound(in_folder("short.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_16, 22050, 1, samples, 100);
  assert_int_equal(hn_mel_file(mel, in_folder("short.wav"), &db, NULL, &err), HN_INVALID);
  char expected[256];
  snprintf(expected, sizeof expected,
           "%s: 100 samples are fewer than n_fft (2048) and center is false",
           in_folder("short.wav"));
  assert_string_equal(err.message, expected);
  assert_int_equal(hn_mel_file(mel, "none.wav", &db, NULL, &err), HN_IO);
  assert_string_equal(err.message, "none.wav: cannot open: No such file or directory");
  assert_null(db.values);
  hn_mel_destroy(mel);
}

/* One plan for four threads: the same bytes as from one. */
static void test_threads(void **state) {
  (void)state;
  enum { N = 12 };
  hn_error err;
  hn_mel *mel = make_mel("");
  hn_matrix one, db[N];
  hn_status statuses[N];
  ok(hn_mel_file(mel, GOLDEN "stereo.mp3", &one, NULL, &err));
#pragma omp parallel for num_threads(4)
  for (int i = 0; i < N; i++)
    statuses[i] = hn_mel_file(mel, GOLDEN "stereo.mp3", &db[i], NULL, NULL);
  for (int i = 0; i < N; i++) {
    assert_int_equal(statuses[i], HN_OK);
    assert_int_equal(db[i].n_cols, one.n_cols);
    assert_memory_equal(db[i].values, one.values, one.n_rows * one.n_cols * sizeof(float));
    hn_matrix_free(&db[i]);
  }
  hn_matrix_free(&one);
  hn_mel_destroy(mel);
}

static void test_out_of_memory(void **state) {
  (void)state;
  hn_error err;
  hn_options *options;
  ok(hn_options_create(hn_mel_options, &options, &err));
  hn_status status = HN_NO_MEMORY;
  hn_mel *mel = NULL;
  for (long n = 0; status != HN_OK; n++) {
    hn_memory_fail_after(n);
    status = hn_mel_create(options, &mel, NULL);
    hn_memory_fail_after(-1);
    assert_true(status == HN_OK || (status == HN_NO_MEMORY && !mel));
  }
  status = HN_NO_MEMORY;
  hn_matrix db = {0};
  for (long n = 0; status != HN_OK; n++) {
    hn_memory_fail_after(n);
    status = hn_mel_file(mel, GOLDEN "stereo.mp3", &db, NULL, NULL);
    hn_memory_fail_after(-1);
    assert_true(status == HN_OK || (status == HN_NO_MEMORY && !db.values));
  }
  hn_matrix_free(&db);
  hn_mel_destroy(mel);
  hn_options_destroy(options);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden),        cmocka_unit_test(test_preset),
      cmocka_unit_test(test_n_frames),      cmocka_unit_test(test_sine),
      cmocka_unit_test(test_silence),       cmocka_unit_test(test_each_option_counts),
      cmocka_unit_test(test_accessors),     cmocka_unit_test(test_contradictions),
      cmocka_unit_test(test_errors),        cmocka_unit_test(test_threads),
      cmocka_unit_test(test_out_of_memory),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
