/* NumPy's .npy arrays. Read: bool, integers and floats of any width, fixed-width strings (S, U),
 * C or Fortran order, either byte order, versions 1 to 3. Written: little-endian, C order, version
 * 1.0, the same bytes for the same array.
 * Format: numpy.lib.format. */
#ifndef HN_BASE_NPY_H
#define HN_BASE_NPY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/labels.h"
#include "base/matrix.h"

typedef enum { HN_NPY_INT, HN_NPY_REAL, HN_NPY_TEXT } hn_npy_kind;

/* Up to four axes, C order after reading. Integers are widened to int64, reals to double… unless
 * they were float32: then `floats` holds them. Exactly one array is set. Owns it. */
typedef struct {
  hn_npy_kind kind;
  int n_dims;
  size_t shape[4];
  size_t n_values; /* product of shape */
  int64_t *integers;
  double *doubles;
  float *floats;
  char **texts;
} hn_npy;

/* Errors: HN_IO; HN_FORMAT with file and what is wrong (magic, header, cut data, trailing bytes,
 * a shape whose product overflows or exceeds the data); HN_UNSUPPORTED for other dtypes (named). */
hn_status hn_npy_read(const char *path, hn_npy *array_out, hn_error *err);
/* The same from memory; name stands for the path in messages. */
hn_status hn_npy_parse(const char *name, const void *bytes, size_t n, hn_npy *array_out,
                       hn_error *err);
void hn_npy_free(hn_npy *array);

/* A two-axis array as dense floats (one axis: a single column). Errors also: wrong axes, text. */
hn_status hn_npy_read_matrix(const char *path, hn_matrix *m_out, hn_error *err);
/* Features for a classifier: two axes dense, three axes (n, height, width) pictures. */
hn_status hn_npy_read_features(const char *path, hn_features *x_out, hn_error *err);
/* A one-axis array of integers or texts as labels; integers become their decimal text, ordered as
 * numbers. Empty text is missing. Errors also: more than one axis, reals that are not whole. */
hn_status hn_npy_read_labels(const char *path, hn_labels *y_out, hn_error *err);

/* Write values of n_dims axes. Atomic. Errors: HN_IO. */
hn_status hn_npy_write_floats(const char *path, const float *values, int n_dims,
                              const size_t *shape, hn_error *err);
hn_status hn_npy_write_ints(const char *path, const int32_t *values, int n_dims,
                            const size_t *shape, hn_error *err);

#endif
