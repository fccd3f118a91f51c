#include "base/npy.h"

#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The numbers of an array as floats, owned by the caller; the array keeps nothing of them. */
static hn_status take_floats(const char *path, hn_npy *array, float **floats_out, hn_error *err) {
  if (array->kind == HN_NPY_TEXTS)
    return hn_fail(err, HN_FORMAT, "%s: holds text where numbers are needed", path);
  if (array->kind == HN_NPY_FLOATS) {
    *floats_out = array->as.floats;
    array->as.floats = NULL;
    return HN_OK;
  }
  float *floats = hn_alloc(array->n_values, sizeof *floats);
  if (!floats) return hn_fail_memory(err);
  for (size_t i = 0; i < array->n_values; i++)
    floats[i] =
        array->kind == HN_NPY_DOUBLES ? (float)array->as.doubles[i] : (float)array->as.ints[i];
  *floats_out = floats;
  return HN_OK;
}

static hn_status to_matrix(const char *path, hn_npy *array, hn_matrix *m_out, hn_error *err) {
  if (array->n_dims != 1 && array->n_dims != 2)
    return hn_fail(err, HN_FORMAT, "%s: %d axes where one or two are needed", path, array->n_dims);
  hn_matrix made = {array->shape[0], array->n_dims == 2 ? array->shape[1] : 1, NULL};
  hn_status status = take_floats(path, array, &made.values, err);
  if (status == HN_OK) *m_out = made;
  return status;
}

hn_status hn_npy_read_matrix(const char *path, hn_matrix *m_out, hn_error *err) {
  hn_npy array = {0};
  hn_status status = hn_npy_read(path, &array, err);
  if (status == HN_OK) status = to_matrix(path, &array, m_out, err);
  hn_npy_free(&array);
  return status;
}

static hn_status to_images(const char *path, hn_npy *array, hn_images *m_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_images made = {0};
  float *floats = NULL;
  size_t width = array->shape[2], n = array->shape[1] * width;

  HN_TRY(take_floats(path, array, &floats, err));
  HN_TRY(hn_images_init(&made, array->shape[0], array->shape[1], err));
  for (size_t i = 0; i < made.n_items; i++) {
    HN_NEW(made.items[i], n, err);
    memcpy(made.items[i], floats + i * n, n * sizeof *floats);
    made.widths[i] = width;
  }
  *m_out = made;
  made = (hn_images){0};
done:
  hn_images_free(&made);
  hn_free(floats);
  return status;
}

hn_status hn_npy_read_features(const char *path, hn_features *x_out, hn_error *err) {
  hn_npy array = {0};
  hn_features made = {.kind = HN_FEATURES_DENSE};
  hn_status status = hn_npy_read(path, &array, err);
  if (status == HN_OK && array.n_dims == 3) {
    made.kind = HN_FEATURES_IMAGES;
    status = to_images(path, &array, &made.as.images, err);
  } else if (status == HN_OK && array.n_dims == 4) {
    status =
        hn_fail(err, HN_FORMAT,
                "%s: 4 axes where two (n, columns) or three (n, height, width) are needed", path);
  } else if (status == HN_OK) {
    status = to_matrix(path, &array, &made.as.dense, err);
  }
  if (status == HN_OK) *x_out = made;
  hn_npy_free(&array);
  return status;
}

/* Write number i of the array as decimal text ("" for NaN); 0 when it is not whole. */
static int whole_number_text(const hn_npy *array, size_t i, char text[24]) {
  text[0] = 0;
  if (array->kind == HN_NPY_INTS) {
    snprintf(text, 24, "%" PRId64, array->as.ints[i]);
    return 1;
  }
  double value = array->kind == HN_NPY_DOUBLES ? array->as.doubles[i] : (double)array->as.floats[i];
  if (isnan(value)) return 1;
  if (value != floor(value) || fabs(value) > 0x1p53) return 0;
  snprintf(text, 24, "%" PRId64, (int64_t)value);
  return 1;
}

hn_status hn_npy_read_labels(const char *path, hn_labels *y_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_npy array = {0};
  char(*numbers)[24] = NULL;
  const char **texts = NULL;

  HN_TRY(hn_npy_read(path, &array, err));
  if (array.n_dims != 1)
    HN_TRY(
        hn_fail(err, HN_FORMAT, "%s: labels with %d axes where one is needed", path, array.n_dims));
  HN_NEW(texts, array.n_values, err);
  if (array.kind != HN_NPY_TEXTS) HN_NEW(numbers, array.n_values, err);
  for (size_t i = 0; i < array.n_values; i++) {
    if (numbers && !whole_number_text(&array, i, numbers[i]))
      HN_TRY(hn_fail(err, HN_FORMAT,
                     "%s: label %zu is not a whole number; labels are classes, not quantities",
                     path, i));
    const char *text = numbers ? numbers[i] : array.as.texts[i];
    texts[i] = text[0] ? text : NULL;
  }
  HN_TRY(hn_labels_encode(texts, array.n_values, y_out, err));
done:
  hn_free(texts);
  hn_free(numbers);
  hn_npy_free(&array);
  return status;
}
