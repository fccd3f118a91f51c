/* The arrays in which features travel: dense rows, sparse rows (CSR), and stacks of spectrograms.
 * Letters: N rows (tracks), D columns (terms), H mel bands, W_i frames of item i. */
#ifndef HN_BASE_MATRIX_H
#define HN_BASE_MATRIX_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Dense, row-major: values[i * n_cols + j]. Owns values. */
typedef struct {
  size_t n_rows, n_cols;
  float *values;
} hn_matrix;

/* Compressed sparse rows: row i holds the entries indptr[i] … indptr[i + 1] - 1; columns ascend
 * strictly within a row. indptr has n_rows + 1 elements. Owns its arrays. */
typedef struct {
  size_t n_rows, n_cols;
  int64_t *indptr;
  int32_t *indices;
  float *values;
} hn_csr;

/* N pictures of H rows each; item i is (H, widths[i]) row-major. Owns items and each of them. */
typedef struct {
  size_t n_items, height;
  size_t *widths;
  float **items;
} hn_images;

typedef enum {
  HN_FEATURES_DENSE = 1,
  HN_FEATURES_CSR = 2,
  HN_FEATURES_IMAGES = 4
} hn_features_kind;

/* One of the three; the row order is that of the label vector beside it. */
typedef struct {
  hn_features_kind kind;
  union {
    hn_matrix dense;
    hn_csr csr;
    hn_images images;
  } as;
} hn_features;

/* Zero-filled (n_rows, n_cols). Errors: HN_NO_MEMORY. */
hn_status hn_matrix_init(hn_matrix *m, size_t n_rows, size_t n_cols, hn_error *err);
void hn_matrix_free(hn_matrix *m);

/* Room for n_entries; indptr zeroed. Errors: HN_NO_MEMORY; HN_INVALID if n_cols exceeds 2^31 - 1.
 */
hn_status hn_csr_init(hn_csr *m, size_t n_rows, size_t n_cols, size_t n_entries, hn_error *err);
void hn_csr_free(hn_csr *m);
static inline size_t hn_csr_n_entries(const hn_csr *m) {
  return m->indptr ? (size_t)m->indptr[m->n_rows] : 0;
}
/* Is m well-formed: indptr from 0 and ascending, columns ascending and below n_cols? Errors:
 * HN_FORMAT with the row. */
hn_status hn_csr_check(const hn_csr *m, hn_error *err);

/* n_items empty pictures (items NULL, widths 0). */
hn_status hn_images_init(hn_images *m, size_t n_items, size_t height, hn_error *err);
void hn_images_free(hn_images *m);

/* N of whichever kind x is. */
size_t hn_features_n_rows(const hn_features *x);
/* D, or H for pictures. */
size_t hn_features_n_cols(const hn_features *x);
void hn_features_free(hn_features *x);
/* Copy the rows listed (indices below N, repeats allowed) into a new table. Errors: HN_NO_MEMORY.
 */
hn_status hn_features_take(const hn_features *x, const size_t *rows, size_t n_rows,
                           hn_features *taken_out, hn_error *err);
/* "dense", "sparse", "pictures" */
const char *hn_features_kind_name(hn_features_kind kind);

#endif
