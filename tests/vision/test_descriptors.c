#include "vision/descriptors.h"

#include "support.h"
#include "vision/columns.h"

/* "name=value name=value" */
static hn_status try_create(const char *kind_name, const char *text, hn_descriptor **out,
                            hn_error *err) {
  hn_options *options;
  char pairs[256], *rest = pairs, *pair;
  const hn_descriptor_kind *kind = hn_descriptor_find(kind_name);
  assert_non_null(kind);
  hn_status status = hn_options_create(hn_descriptor_options(kind), &options, err);
  if (status != HN_OK) return status;
  snprintf(pairs, sizeof pairs, "%s", text);
  while (status == HN_OK && (pair = strsep(&rest, " "))) {
    char *value = strchr(pair, '=');
    if (!value) continue;
    *value++ = 0;
    status = hn_options_set(options, pair, value, err);
  }
  if (status == HN_OK) status = hn_descriptor_create(kind, options, out, err);
  hn_options_destroy(options);
  return status;
}

static hn_descriptor *make(const char *kind, const char *text) {
  hn_error err;
  hn_descriptor *d;
  ok(try_create(kind, text, &d, &err));
  return d;
}

static const char *pairs_of(const json_t *options, char text[256]) {
  const char *name;
  json_t *value;
  text[0] = 0;
  json_object_foreach((json_t *)(uintptr_t)options, name, value) {
    size_t used = strlen(text);
    snprintf(text + used, 256 - used, "%s=%s ", name, json_string_value(value));
  }
  return text;
}

/* The tolerance stands beside the options in make_golden.py, in units of the feature. Spectra are
 * of single precision, librosa's transforms of double: 1e-3 dB for what is made of a spectrogram,
 * 5e-3 for valleys 60 dB below a frame's peak and for liftered or unscaled coefficients.
 * Frequencies agree within 1e-3 Hz, flatness (logarithms of all bins) within 1e-5, the rest to the
 * last digits of single precision. */
static void test_golden(void **state) {
  (void)state;
  hn_error err;
  size_t i;
  json_t *row;
  json_array_foreach(golden("features"), i, row) {
    char pairs[256];
    const char *kind = json_string_value(json_object_get(row, "kind"));
    hn_descriptor *d = make(kind, pairs_of(json_object_get(row, "options"), pairs));
    const json_t *shape = json_object_get(row, "shape");
    hn_matrix values;
    ok(hn_descriptor_file(d, GOLDEN "mono.wav", &values, NULL, &err));
    assert_int_equal(values.n_rows, json_integer_value(json_array_get(shape, 0)));
    assert_int_equal(values.n_cols, json_integer_value(json_array_get(shape, 1)));
    assert_int_equal(values.n_rows, hn_descriptor_n_rows(d));
    check_strided(row, values.values, values.n_rows * values.n_cols,
                  json_real_value(json_object_get(row, "tolerance")));
    hn_matrix_free(&values);
    hn_descriptor_destroy(d);
  }
}

/* Every kind: silence and one sample give finite values, none an error; one plan, two results
 * alike; each failing allocation is told. */
static void test_every_kind(void **state) {
  (void)state;
  hn_error err;
  const hn_descriptor_kind *kind;
  static const float silence[5000];
  for (size_t i = 0; (kind = hn_descriptor_kinds(i)); i++) {
    const char *name = hn_descriptor_name(kind);
    assert_ptr_equal(hn_descriptor_find(name), kind);
    assert_true(strlen(hn_descriptor_summary(kind)) > 10);
    hn_descriptor *d = make(name, "");
    float *sine = make_sine(440, 22050, 5000);
    const float *sounds[] = {silence, sine, sine};
    const size_t lengths[] = {5000, 5000, 1};
    for (size_t s = 0; s < 3; s++) {
      hn_matrix first, again;
      ok(hn_descriptor_apply(d, sounds[s], lengths[s], &first, &err));
      ok(hn_descriptor_apply(d, sounds[s], lengths[s], &again, &err));
      assert_int_equal(first.n_rows, hn_descriptor_n_rows(d));
      assert_int_equal(first.n_cols, 1 + lengths[s] / 512);
      for (size_t k = 0; k < first.n_rows * first.n_cols; k++)
        if (!isfinite(first.values[k])) fail_msg("%s: a value is not finite", name);
      assert_memory_equal(first.values, again.values, first.n_rows * first.n_cols * sizeof(float));
      hn_matrix_free(&first);
      hn_matrix_free(&again);
    }
    hn_matrix none = {0};
    assert_int_equal(hn_descriptor_apply(d, sine, 0, &none, &err), HN_INVALID);
    assert_null(none.values);
    free(sine);
    hn_descriptor_destroy(d);
  }
  assert_null(hn_descriptor_find("mfc"));
}

static void test_statistics(void **state) {
  (void)state;
  char name[64];
  float values[] = {1, 2, 3, 6, 5, 5, 5, 5}, found[4];
  hn_rows_summarize(&(hn_matrix){2, 4, values}, found);
  assert_memory_equal(found, ((float[]){3, 5, sqrtf(3.5f), 0}), sizeof found);
  hn_rows_summarize(&(hn_matrix){2, 0, NULL}, found);
  assert_memory_equal(found, ((float[]){0, 0, 0, 0}), sizeof found);
  hn_descriptor_statistic(hn_descriptor_find("mfcc"), 20, 19, name);
  assert_string_equal(name, "mfcc_19_mean");
  hn_descriptor_statistic(hn_descriptor_find("mfcc"), 20, 20, name);
  assert_string_equal(name, "mfcc_0_std");
  hn_descriptor_statistic(hn_descriptor_find("rms"), 1, 1, name);
  assert_string_equal(name, "rms_std");
}

/* The signature of a kind and its options is like no other. */
static void test_signatures(void **state) {
  (void)state;
  static const char *const made[][2] = {{"mel", ""},           {"mfcc", ""},
                                        {"mfcc", "norm=none"}, {"mfcc", "mel_norm=none"},
                                        {"rms", ""},           {"zero_crossing_rate", ""},
                                        {"rms", "clip=1,2"},   {"spectral_centroid", ""}};
  enum { N = sizeof made / sizeof *made };
  hn_descriptor *d[N];
  for (size_t i = 0; i < N; i++) {
    d[i] = make(made[i][0], made[i][1]);
    for (size_t j = 0; j < i; j++)
      assert_string_not_equal(hn_descriptor_signature(d[i]), hn_descriptor_signature(d[j]));
  }
  for (size_t i = 0; i < N; i++) hn_descriptor_destroy(d[i]);
}

static void test_errors(void **state) {
  (void)state;
  static const struct {
    const char *kind, *options, *message;
  } cases[] = {
      {"mfcc", "n_mfcc=50 n_mels=40", "stereo.mp3: n_mfcc: 50 is more than the 40 bands (n_mels)"},
      {"mfcc", "n_mfcc=1 n_mels=1 dct_type=1",
       "stereo.mp3: dct_type: 1 needs two bands (n_mels) or more"},
      {"mfcc", "fmax=12000", "fmax: 12000 Hz is above half of sr, which is 11025 Hz"},
      {"chroma_stft", "win_length=4096", "win_length: 4096 is longer than n_fft, which is 2048"},
      {"rms", "clip=2,1",
       "clip: \"2,1\" is not allowed; expected two ascending numbers of seconds such as 30,75, or "
       "none"},
      {"rms", "frame_length=100000 center=false",
       "stereo.mp3: 22050 samples are too few for a frame of 100000"},
      {"tempogram", "center=false",
       "stereo.mp3: win_length: 384 is more than the 44 frames that there are, and center is "
       "false"},
      {"spectral_contrast", "n_bands=7",
       "stereo.mp3: spectral_contrast: band 7 of 7 begins at 12800 Hz, which is not below sr / 2 "
       "(11025 Hz); lower fmin or n_bands"},
      {"spectral_contrast", "n_fft=64",
       "stereo.mp3: spectral_contrast: no bin lies in band 0, 0 to 200 Hz; raise n_fft or fmin"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hn_error err;
    hn_descriptor *d = NULL;
    hn_matrix values = {0};
    hn_status status = try_create(cases[i].kind, cases[i].options, &d, &err);
    if (status == HN_OK) status = hn_descriptor_file(d, GOLDEN "stereo.mp3", &values, NULL, &err);
    assert_int_equal(status, HN_INVALID);
    const char *message = strncmp(err.message, GOLDEN, strlen(GOLDEN)) == 0
                              ? err.message + strlen(GOLDEN)
                              : err.message;
    assert_string_equal(message, cases[i].message);
    assert_null(values.values);
    hn_descriptor_destroy(d);
  }
}

static void test_out_of_memory(void **state) {
  (void)state;
  const hn_descriptor_kind *kind;
  for (size_t i = 0; (kind = hn_descriptor_kinds(i)); i++) {
    hn_status status = HN_NO_MEMORY;
    hn_descriptor *d = NULL;
    hn_matrix values = {0};
    float *sine = make_sine(440, 22050, 2000);
    for (long n = 0; status != HN_OK; n++) {
      hn_memory_fail_after(n);
      status = try_create(hn_descriptor_name(kind), "", &d, NULL);
      hn_memory_fail_after(-1);
      assert_true(status == HN_OK || (status == HN_NO_MEMORY && !d));
    }
    status = HN_NO_MEMORY;
    for (long n = 0; status != HN_OK; n++) {
      hn_memory_fail_after(n);
      status = hn_descriptor_apply(d, sine, 2000, &values, NULL);
      hn_memory_fail_after(-1);
      assert_true(status == HN_OK || (status == HN_NO_MEMORY && !values.values));
    }
    hn_matrix_free(&values);
    hn_descriptor_destroy(d);
    free(sine);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden),     cmocka_unit_test(test_every_kind),
      cmocka_unit_test(test_statistics), cmocka_unit_test(test_signatures),
      cmocka_unit_test(test_errors),     cmocka_unit_test(test_out_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
