#include "vision/picture.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/npy.h"
#include "vision/png.h"

#include <math.h>
#include <string.h>

static hn_status from_npy(const char *path, const char *bytes, size_t n, hn_matrix *m_out,
                          hn_error *err) {
  hn_status status = HN_OK;
  hn_npy array = {0};
  hn_matrix m = {0};
  HN_TRY(hn_npy_parse(path, bytes, n, &array, err));
  if (array.kind == HN_NPY_TEXTS || array.n_dims != 2)
    HN_TRY(hn_fail(err, HN_FORMAT,
                   "%s: found %s with %d axes; a spectrogram has numbers with 2 (bands, frames)",
                   path, array.kind == HN_NPY_TEXTS ? "text" : "numbers", array.n_dims));
  HN_TRY(hn_matrix_init(&m, array.shape[0], array.shape[1], err));
  for (size_t i = 0; i < array.n_values; i++)
    m.values[i] = array.kind == HN_NPY_INTS     ? (float)array.as.ints[i]
                  : array.kind == HN_NPY_FLOATS ? array.as.floats[i]
                                                : (float)array.as.doubles[i];
  *m_out = m;
done:
  hn_npy_free(&array);
  return status;
}

static hn_status from_png(const char *path, const char *bytes, size_t n, hn_matrix *m_out,
                          hn_error *err) {
  hn_png image;
  hn_matrix m;
  hn_status status = hn_png_decode(bytes, n, &image, err);
  if (status != HN_OK) return hn_fail_prefix(err, status, "%s", path);
  HN_TRY(hn_matrix_init(&m, image.height, image.width, err));
  float full = (float)image.channels * (image.depth == 16 ? 65535.0f : 255.0f);
  for (size_t y = 0; y < image.height; y++) {
    const uint8_t *at = image.bytes + (image.height - 1 - y) * image.row_bytes;
    for (size_t x = 0; x < image.width; x++) {
      unsigned sum = 0;
      for (int c = 0; c < image.channels; c++) {
        unsigned high = *at++;
        sum += image.depth == 16 ? high << 8 | *at++ : high;
      }
      m.values[y * image.width + x] = (float)sum / full;
    }
  }
  *m_out = m;
done:
  hn_png_free(&image);
  return status;
}

static hn_status check(const char *path, const hn_matrix *m, hn_error *err) {
  if (m->n_rows == 0 || m->n_cols == 0)
    return hn_fail(err, HN_FORMAT, "%s: an empty spectrogram of %zu bands x %zu frames", path,
                   m->n_rows, m->n_cols);
  for (size_t i = 0; i < m->n_rows * m->n_cols; i++)
    if (!isfinite(m->values[i]))
      return hn_fail(err, HN_FORMAT, "%s: band %zu, frame %zu is %s, not a finite number", path,
                     i / m->n_cols, i % m->n_cols, isnan(m->values[i]) ? "NaN" : "infinite");
  return HN_OK;
}

hn_status hn_picture_read(const char *path, hn_matrix *picture_out, hn_error *err) {
  char *bytes = NULL;
  size_t n = 0;
  hn_matrix m = {0};
  hn_status status = hn_file_read(path, &bytes, &n, err);
  if (status != HN_OK) return status;
  if (n >= 6 && memcmp(bytes, "\x93NUMPY", 6) == 0)
    HN_TRY(from_npy(path, bytes, n, &m, err));
  else if (n >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0)
    HN_TRY(from_png(path, bytes, n, &m, err));
  else
    HN_TRY(hn_fail(err, HN_FORMAT, "%s: neither a NumPy array (.npy) nor a PNG picture", path));
  HN_TRY(check(path, &m, err));
  *picture_out = m;
  m.values = NULL;
done:
  hn_free(bytes);
  hn_matrix_free(&m);
  return status;
}

/* Viridis at 0, 1/9 … 1, linear between. */
static void colour_of(float share, uint8_t rgb[3]) {
  enum { N = 10 };
  static const uint8_t colours[N][3] = {
      {68, 1, 84},    {72, 40, 120},  {62, 74, 137},  {49, 104, 142}, {38, 130, 142},
      {31, 158, 137}, {53, 183, 121}, {109, 205, 89}, {180, 222, 44}, {253, 231, 37}};
  float place = share * (N - 1);
  int i = place < N - 2 ? (int)place : N - 2;
  float rest = place - (float)i;
  for (int c = 0; c < 3; c++) {
    float low = colours[i][c], high = colours[i + 1][c];
    rgb[c] = (uint8_t)(low + rest * (high - low) + 0.5f);
  }
}

hn_status hn_picture_write(const char *path, const hn_matrix *picture, hn_error *err) {
  hn_status status = HN_OK;
  size_t H = picture->n_rows, W = picture->n_cols;
  uint8_t *rgb = NULL;
  hn_buffer file = {0};
  if (H == 0 || W == 0)
    return hn_fail(err, HN_INVALID, "%s: a picture of %zu x %zu values cannot be written", path, H,
                   W);
  float low = picture->values[0], high = low;
  for (size_t i = 1; i < H * W; i++) {
    low = fminf(low, picture->values[i]);
    high = fmaxf(high, picture->values[i]);
  }
  HN_NEW(rgb, H * W * 3, err);
  for (size_t i = 0; i < H * W; i++) {
    float share = high > low ? (picture->values[i] - low) / (high - low) : 0;
    size_t pixel = (H - 1 - i / W) * W + i % W;
    colour_of(share, rgb + 3 * pixel);
  }
  HN_TRY(hn_png_encode(rgb, W, H, &file, err));
  HN_TRY(hn_file_write(path, file.data, file.length, err));
done:
  hn_free(rgb);
  hn_buffer_free(&file);
  return status;
}

hn_status hn_picture_write_curve(const char *path, const float *values, size_t n, hn_error *err) {
  enum { HEIGHT = 64 };
  hn_matrix columns = {0};
  float low = n ? values[0] : 0, high = low;
  for (size_t i = 1; i < n; i++) {
    low = fminf(low, values[i]);
    high = fmaxf(high, values[i]);
  }
  hn_status status = hn_matrix_init(&columns, HEIGHT, n, err);
  if (status != HN_OK) return status;
  for (size_t h = 0; h < HEIGHT; h++)
    for (size_t i = 0; i < n; i++) {
      float level = low + (high - low) * (float)h / (HEIGHT - 1);
      columns.values[h * n + i] = values[i] >= level ? values[i] : low;
    }
  status = hn_picture_write(path, &columns, err);
  hn_matrix_free(&columns);
  return status;
}
