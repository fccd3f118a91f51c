#include "vision/picture.h"

#include <png.h>

#include "base/file.h"
#include "base/npy.h"
#include "support.h"
#include "vision/png.h"

/* Write a PNG by libpng's simplified interface; format as PNG_FORMAT_GRAY, 8 bits. */
static void write_png(const char *path, unsigned format, unsigned width, unsigned height,
                      const void *pixels) {
  png_image image = {.version = PNG_IMAGE_VERSION, .width = width, .height = height};
  image.format = format;
  if (!png_image_write_to_file(&image, path, 0, pixels, 0, NULL)) fail_msg("%s", image.message);
}

static void check_values(const char *path, size_t H, size_t W, const float *values) {
  hn_error err;
  hn_matrix m;
  ok(hn_picture_read(path, &m, &err));
  assert_int_equal(m.n_rows, H);
  assert_int_equal(m.n_cols, W);
  for (size_t i = 0; i < H * W; i++)
    if (!(fabsf(m.values[i] - values[i]) <= 1e-6f))
      fail_msg("value %zu is %g, expected %g", i, (double)m.values[i], (double)values[i]);
  hn_matrix_free(&m);
}

/* The lowest band of a picture is its last row. */
static void test_png(void **state) {
  (void)state;
  const char *path = in_folder("a.png");
  const uint8_t gray[6] = {0, 51, 102, 153, 204, 255};
  const float from_gray[6] = {0.6f, 0.8f, 1.0f, 0.0f, 0.2f, 0.4f};
  write_png(path, PNG_FORMAT_GRAY, 3, 2, gray);
  check_values(path, 2, 3, from_gray);

  const uint16_t deep[2] = {65535, 13107};
  const float from_deep[2] = {0.2f, 1.0f};
  write_png(path, PNG_FORMAT_LINEAR_Y, 1, 2, deep);
  check_values(path, 2, 1, from_deep);

  const uint8_t rgb[6] = {255, 0, 0, 30, 60, 63}, rgba[8] = {255, 0, 0, 255, 30, 60, 63, 255};
  const float from_rgb[2] = {1.0f / 3, 0.2f};
  write_png(path, PNG_FORMAT_RGB, 2, 1, rgb);
  check_values(path, 1, 2, from_rgb);
  write_png(path, PNG_FORMAT_RGBA, 2, 1, rgba);
  check_values(path, 1, 2, from_rgb);
}

/* One bit a pixel, sent in seven passes. */
static void test_interlaced_png(void **state) {
  (void)state;
  enum { SIDE = 16 };
  uint8_t rows[SIDE][2];
  png_bytep pointers[SIDE];
  float expected[SIDE * SIDE];
  for (int y = 0; y < SIDE; y++) {
    pointers[y] = rows[y];
    rows[y][0] = (uint8_t)(y * 17);
    rows[y][1] = (uint8_t)~rows[y][0];
    for (int x = 0; x < SIDE; x++)
      expected[(SIDE - 1 - y) * SIDE + x] = (float)(rows[y][x / 8] >> (7 - x % 8) & 1);
  }
  FILE *file = fopen(in_folder("i.png"), "wb");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file);
  png_set_IHDR(png, info, SIDE, SIDE, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_ADAM7, 0, 0);
  png_write_info(png, info);
  png_write_image(png, pointers);
  png_write_end(png, NULL);
  png_destroy_write_struct(&png, &info);
  fclose(file);
  check_values(in_folder("i.png"), SIDE, SIDE, expected);
}

static void test_npy(void **state) {
  (void)state;
  hn_error err;
  const char *path = in_folder("a.npy");
  const size_t shape[3] = {2, 3, 1};
  const float values[6] = {-80, -3.5f, 0, 1, 2, 3};
  const int32_t whole[6] = {0, 1, 2, 3, -4, 255};
  const float from_whole[6] = {0, 1, 2, 3, -4, 255};
  ok(hn_npy_write_floats(path, values, 2, shape, &err));
  check_values(path, 2, 3, values);
  ok(hn_npy_write_ints(path, whole, 2, shape, &err));
  check_values(path, 2, 3, from_whole);
}

static void check_refused(const char *name, hn_status status, const char *reason) {
  hn_error err;
  hn_matrix m = {0};
  char expected[512];
  snprintf(expected, sizeof expected, "%s: %s", in_folder(name), reason);
  assert_int_equal(hn_picture_read(in_folder(name), &m, &err), status);
  assert_string_equal(err.message, expected);
  assert_null(m.values);
}

static void test_refusals(void **state) {
  (void)state;
  hn_error err;
  hn_matrix m = {0};
  assert_int_equal(hn_picture_read(in_folder("none.npy"), &m, &err), HN_IO);
  write_bytes(in_folder("text.png"), "no picture", 10);
  check_refused("text.png", HN_FORMAT, "neither a NumPy array (.npy) nor a PNG picture");
  write_bytes(in_folder("empty.png"), "", 0);
  check_refused("empty.png", HN_FORMAT, "neither a NumPy array (.npy) nor a PNG picture");

  const size_t shape[3] = {2, 3, 1}, none[2] = {0, 3};
  float values[6] = {0, 0, 0, 0, NAN, 0};
  ok(hn_npy_write_floats(in_folder("cube.npy"), values, 3, shape, &err));
  check_refused("cube.npy", HN_FORMAT,
                "found numbers with 3 axes; a spectrogram has numbers with 2 (bands, frames)");
  ok(hn_npy_write_floats(in_folder("nan.npy"), values, 2, shape, &err));
  check_refused("nan.npy", HN_FORMAT, "band 1, frame 1 is NaN, not a finite number");
  ok(hn_npy_write_floats(in_folder("none.npy"), values, 2, none, &err));
  check_refused("none.npy", HN_FORMAT, "an empty spectrogram of 0 bands x 3 frames");
}

/* Every beginning of a PNG but the whole is refused, and so are most wrong bytes. */
static void test_broken_png(void **state) {
  (void)state;
  hn_error err;
  size_t n;
  const uint8_t gray[6] = {0, 51, 102, 153, 204, 255};
  write_png(in_folder("whole.png"), PNG_FORMAT_GRAY, 3, 2, gray);
  uint8_t *bytes = read_bytes(in_folder("whole.png"), &n);
  for (size_t k = 8; k < n; k++) {
    hn_png png = {0};
    assert_int_equal(hn_png_decode(bytes, k, &png, &err), HN_FORMAT);
    assert_null(png.bytes);
  }
  write_bytes(in_folder("cut.png"), bytes, n - 1);
  check_refused("cut.png", HN_FORMAT, "broken PNG: the file is cut");
  for (size_t k = 8; k < n; k++) {
    hn_png png = {0};
    bytes[k] ^= 0x10;
    hn_png_decode(bytes, n, &png, &err);
    hn_png_free(&png);
    bytes[k] ^= 0x10;
  }
  free(bytes);
}

static void test_write(void **state) {
  (void)state;
  hn_error err;
  hn_matrix m;
  ok(hn_matrix_init(&m, 2, 10, &err));
  for (size_t i = 0; i < 20; i++) m.values[i] = (float)(i % 10) - 80;
  m.values[19] = -80;
  ok(hn_picture_write(in_folder("v.png"), &m, &err));
  char *bytes;
  size_t n;
  hn_png png;
  ok(hn_file_read(in_folder("v.png"), &bytes, &n, &err));
  ok(hn_png_decode(bytes, n, &png, &err));
  assert_int_equal(png.width, 10);
  assert_int_equal(png.height, 2);
  assert_int_equal(png.channels, 3);
  assert_int_equal(png.depth, 8);
  const uint8_t violet[3] = {68, 1, 84}, green[3] = {31, 158, 137}, yellow[3] = {253, 231, 37};
  const uint8_t *bottom = png.bytes + png.row_bytes;
  assert_memory_equal(bottom, violet, 3);
  assert_memory_equal(bottom + 3 * 5, green, 3);
  assert_memory_equal(bottom + 3 * 9, yellow, 3);
  assert_memory_equal(png.bytes + 3 * 9, violet, 3);
  hn_png_free(&png);
  hn_free(bytes);

  /* One value throughout has no range. */
  for (size_t i = 0; i < 20; i++) m.values[i] = -80;
  ok(hn_picture_write(in_folder("v.png"), &m, &err));
  m.n_cols = 0;
  assert_int_equal(hn_picture_write("v.png", &m, &err), HN_INVALID);
  assert_string_equal(err.message, "v.png: a picture of 2 x 0 values cannot be written");
  m.n_cols = 10;
  assert_int_equal(hn_picture_write(in_folder("no/v.png"), &m, &err), HN_IO);
  hn_matrix_free(&m);
}

/* Each column is filled from the bottom to its value. */
static void test_curve(void **state) {
  (void)state;
  hn_error err;
  char *bytes;
  size_t n;
  hn_png png;
  const uint8_t violet[3] = {68, 1, 84}, yellow[3] = {253, 231, 37};
  ok(hn_picture_write_curve(in_folder("c.png"), (const float[]){2, 4, 3}, 3, &err));
  ok(hn_file_read(in_folder("c.png"), &bytes, &n, &err));
  ok(hn_png_decode(bytes, n, &png, &err));
  assert_int_equal(png.width, 3);
  assert_int_equal(png.height, 64);
  for (size_t row = 0; row < 64; row++) {
    const uint8_t *pixels = png.bytes + row * png.row_bytes;
    assert_memory_equal(pixels, violet, 3);
    assert_memory_equal(pixels + 3, yellow, 3);
    assert_int_equal(memcmp(pixels + 6, violet, 3) != 0, row >= 32);
  }
  hn_png_free(&png);
  hn_free(bytes);
  assert_int_equal(hn_picture_write_curve("c.png", NULL, 0, &err), HN_INVALID);
}

static void test_out_of_memory(void **state) {
  (void)state;
  hn_error err;
  hn_matrix m;
  hn_status status = HN_NO_MEMORY;
  const size_t shape[2] = {2, 10};
  const char *png = in_folder("m.png"), *npy = in_folder("m.npy");
  ok(hn_matrix_init(&m, 2, 10, &err));
  m.values[7] = 1;
  for (long n = 0; status != HN_OK; n++) {
    hn_memory_fail_after(n);
    status = hn_picture_write(png, &m, NULL);
    hn_memory_fail_after(-1);
    assert_true(status == HN_OK || status == HN_NO_MEMORY);
  }
  ok(hn_npy_write_floats(npy, m.values, 2, shape, &err));
  hn_matrix_free(&m);
  for (int i = 0; i < 2; i++) {
    status = HN_NO_MEMORY;
    for (long n = 0; status != HN_OK; n++) {
      hn_memory_fail_after(n);
      status = hn_picture_read(i ? png : npy, &m, NULL);
      hn_memory_fail_after(-1);
      assert_true(status == HN_OK || (status == HN_NO_MEMORY && !m.values));
    }
    hn_matrix_free(&m);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_png),        cmocka_unit_test(test_interlaced_png),
      cmocka_unit_test(test_npy),        cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_broken_png), cmocka_unit_test(test_write),
      cmocka_unit_test(test_curve),      cmocka_unit_test(test_out_of_memory),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
