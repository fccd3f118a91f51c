#include "support.h"

#include <unistd.h>

static char folder[64];
static json_t *golden_values;

int make_folder(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/headnod-vision-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

int remove_folder(void **state) {
  (void)state;
  char command[128];
  json_decref(golden_values);
  golden_values = NULL;
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return system(command);
}

const char *in_folder(const char *name) {
  static char paths[8][128];
  static int next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

void write_bytes(const char *path, const void *bytes, size_t n) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, n, file), n);
  assert_int_equal(fclose(file), 0);
}

uint8_t *read_bytes(const char *path, size_t *n_out) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  *n_out = (size_t)ftell(file);
  rewind(file);
  uint8_t *bytes = malloc(*n_out + 1);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, *n_out, file), *n_out);
  fclose(file);
  return bytes;
}

void write_cut(const char *path, const char *from, double share) {
  size_t n;
  uint8_t *bytes = read_bytes(from, &n);
  write_bytes(path, bytes, (size_t)((double)n * share));
  free(bytes);
}

void write_sound(const char *path, int format, int rate, int channels, const float *samples,
                 size_t n) {
  SF_INFO info = {.samplerate = rate, .channels = channels, .format = format};
  SNDFILE *file = sf_open(path, SFM_WRITE, &info);
  assert_non_null(file);
  if (n) assert_int_equal(sf_writef_float(file, samples, (sf_count_t)n), n);
  assert_int_equal(sf_close(file), 0);
}

float *make_sine(double hz, int rate, size_t n) {
  float *samples = malloc((n + 1) * sizeof *samples);
  assert_non_null(samples);
  for (size_t i = 0; i < n; i++)
    samples[i] = (float)(0.5 * sin(2 * 3.14159265358979323846 * hz * (double)i / rate));
  return samples;
}

json_t *golden(const char *key) {
  json_error_t error;
  if (!golden_values) golden_values = json_load_file(GOLDEN "golden.json", 0, &error);
  json_t *value = json_object_get(golden_values, key);
  assert_non_null(value);
  return value;
}

double golden_number(const json_t *options, const char *name, double otherwise, double none) {
  const json_t *value = json_object_get(options, name);
  return !value                   ? otherwise
         : json_is_null(value)    ? none
         : json_is_boolean(value) ? json_is_true(value)
                                  : json_number_value(value);
}

const char *golden_word(const json_t *options, const char *name, const char *otherwise) {
  const json_t *value = json_object_get(options, name);
  return value ? json_string_value(value) : otherwise;
}

void check_strided(const json_t *row, const float *values, size_t n, double tolerance) {
  size_t stride = (size_t)json_integer_value(json_object_get(row, "stride")), i;
  json_t *value;
  assert_int_equal(n, json_integer_value(json_object_get(row, "n")));
  json_array_foreach(json_object_get(row, "values"), i, value) {
    double wanted = json_real_value(value), found = (double)values[i * stride];
    if (!(fabs(found - wanted) <= tolerance))
      fail_msg("sample %zu is %.9g, expected %.9g", i * stride, found, wanted);
  }
}
