/* SciPy's .npz sparse matrices in CSR form (scipy.sparse.save_npz). Read: stored or deflated,
 * float16 to float64 or integer data, int32 or int64 indices; unsorted columns are sorted,
 * duplicates summed. Written: deflated, fixed dates, the same bytes for the same matrix. */
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

#endif
