/* SciPy's .npz sparse matrices in CSR form (scipy.sparse.save_npz). Read: stored or deflated,
 * float16 to float64 or integer data, int32 or int64 indices; unsorted columns are sorted,
 * duplicates summed. Written: stored, not deflated, which takes more disk and far less time, with
 * fixed dates: the same bytes for the same matrix. */
#ifndef HN_BASE_NPZ_H
#define HN_BASE_NPZ_H

#include <stddef.h>

#include "base/error.h"
#include "base/matrix.h"

/* Errors: HN_IO; HN_FORMAT with file, member and what is wrong; HN_UNSUPPORTED for csc, coo … */
hn_status hn_npz_read_csr(const char *path, hn_csr *m_out, hn_error *err);
/* The same from memory; name stands for the path in messages. */
hn_status hn_npz_parse_csr(const char *name, const void *bytes, size_t n, hn_csr *m_out,
                           hn_error *err);
/* Atomic. int32 indices and indptr unless there are more entries than 2^31 - 1. Errors: HN_IO. */
hn_status hn_npz_write_csr(const char *path, const hn_csr *m, hn_error *err);

/* A matrix written as its rows come, so that memory does not grow with them: they wait in nameless
 * files in path's folder. indptr is int64. */
typedef struct hn_npz_writer hn_npz_writer;
/* Errors: HN_IO, HN_NO_MEMORY. */
hn_status hn_npz_writer_create(const char *path, size_t n_cols, hn_npz_writer **writer_out,
                               hn_error *err);
/* Append rows, of n_cols columns. Errors: HN_IO, after which the writer can only be destroyed. */
hn_status hn_npz_writer_add(hn_npz_writer *writer, const hn_csr *rows, hn_error *err);
/* Rows and entries so far. */
size_t hn_npz_writer_n_rows(const hn_npz_writer *writer);
size_t hn_npz_writer_n_entries(const hn_npz_writer *writer);
/* Write path, atomically. Errors: HN_IO. */
hn_status hn_npz_writer_finish(hn_npz_writer *writer, hn_error *err);
void hn_npz_writer_destroy(hn_npz_writer *writer);

#endif
