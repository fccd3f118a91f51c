/* NumPy's .npy arrays. Read: bool, integers and floats of 2 to 8 bytes, fixed-width strings (S as
 * UTF-8, U), up to four axes, C or Fortran order, either byte order, versions 1 to 3. Written:
 * little-endian, C order, version 1.0, the same bytes for the same array.
 * Format: numpy.lib.format. */
#ifndef HN_BASE_NPY_H
#define HN_BASE_NPY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/labels.h"
#include "base/matrix.h"

/* Which array of hn_npy is set: bool and integers become INTS, float16 and float32 FLOATS, float64
 * DOUBLES, strings TEXTS. */
typedef enum { HN_NPY_INTS, HN_NPY_FLOATS, HN_NPY_DOUBLES, HN_NPY_TEXTS } hn_npy_kind;

/* Owns its array, which is in C order. */
typedef struct {
  hn_npy_kind kind;
  int n_dims;
  size_t shape[4];
  size_t n_values; /* product of shape; 1 without axes */
  union {
    int64_t *ints;
    float *floats;
    double *doubles;
    char **texts;
  } as;
} hn_npy;

/* Errors: HN_IO; HN_FORMAT with file and what is wrong (magic, header, cut data, trailing bytes, a
 * shape whose product overflows or exceeds the data, text that is not Unicode); HN_UNSUPPORTED for
 * other dtypes and more axes. */
hn_status hn_npy_read(const char *path, hn_npy *array_out, hn_error *err);
/* The same from memory; name stands for the path in messages. */
hn_status hn_npy_parse(const char *name, const void *bytes, size_t n, hn_npy *array_out,
                       hn_error *err);
void hn_npy_free(hn_npy *array);

/* Numbers of two axes as dense floats (one axis: a single column). Errors also: HN_FORMAT for other
 * axes and text. */
hn_status hn_npy_read_matrix(const char *path, hn_matrix *m_out, hn_error *err);
/* Features for a classifier: one or two axes dense, three axes (n, height, width) pictures. */
hn_status hn_npy_read_features(const char *path, hn_features *x_out, hn_error *err);
/* One axis of whole numbers or texts as labels; numbers become their decimal text. Empty text and
 * NaN are missing. Errors also: HN_FORMAT for more axes and for reals that are not whole. */
hn_status hn_npy_read_labels(const char *path, hn_labels *y_out, hn_error *err);

/* Write values of n_dims axes. Atomic. Errors: HN_IO, HN_NO_MEMORY. */
hn_status hn_npy_write_floats(const char *path, const float *values, int n_dims,
                              const size_t *shape, hn_error *err);
hn_status hn_npy_write_ints(const char *path, const int32_t *values, int n_dims,
                            const size_t *shape, hn_error *err);
/* Append the header of an array in C order whose values the caller appends behind it; dtype is
 * NumPy's ("<f4"). */
void hn_npy_append_header(hn_buffer *out, const char *dtype, int n_dims, const size_t *shape);

#endif
