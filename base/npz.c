/* Archives are unpacked in memory, so that the parser can be fed any bytes; npz_write.c writes
 * them. */
#include "base/npz.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/npy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

/* Deflate never packs better than this; a larger announced size is a lie that must not be
 * allocated. */
enum { DEFLATE_MAX_RATIO = 1032 };

static hn_status fail_zip(hn_error *err, const char *name, const char *doing, zip_error_t *reason) {
  if (zip_error_code_zip(reason) == ZIP_ER_MEMORY) return hn_fail_memory(err);
  return hn_fail(err, HN_FORMAT, "%s: %s: %s", name, doing, zip_error_strerror(reason));
}

/* The array `member` of the archive. */
static hn_status read_member(const char *name, zip_t *archive, const char *member,
                             hn_npy *array_out, hn_error *err) {
  hn_status status = HN_OK;
  zip_stat_t info;
  zip_file_t *file = NULL;
  char *bytes = NULL, label[512];

  snprintf(label, sizeof label, "%.400s: %s", name, member);
  if (zip_stat(archive, member, 0, &info) != 0)
    HN_TRY(hn_fail(err, HN_FORMAT,
                   "%s is missing; a sparse matrix is written by scipy.sparse.save_npz", label));
  if (info.size / DEFLATE_MAX_RATIO > info.comp_size)
    HN_TRY(hn_fail(err, HN_FORMAT, "%s announces %llu bytes in %llu packed ones", label,
                   (unsigned long long)info.size, (unsigned long long)info.comp_size));
  file = zip_fopen(archive, member, 0);
  if (!file) HN_TRY(fail_zip(err, label, "cannot be unpacked", zip_get_error(archive)));
  bytes = hn_alloc(info.size, 1);
  if (!bytes) HN_TRY(hn_fail_memory(err));
  zip_int64_t got = zip_fread(file, bytes, info.size);
  if (got < 0) HN_TRY(fail_zip(err, label, "cannot be unpacked", zip_file_get_error(file)));
  char more;
  if ((zip_uint64_t)got != info.size || zip_fread(file, &more, 1) != 0)
    HN_TRY(hn_fail(err, HN_FORMAT, "%s: is cut short or damaged", label));
  HN_TRY(hn_npy_parse(label, bytes, info.size, array_out, err));
done:
  if (file) zip_fclose(file);
  hn_free(bytes);
  return status;
}

/* The same, which must be one axis of `kind` numbers. */
static hn_status read_axis(const char *name, zip_t *archive, const char *member, int is_data,
                           hn_npy *array_out, hn_error *err) {
  hn_npy array = {0};
  hn_status status = read_member(name, archive, member, &array, err);
  if (status != HN_OK) return status;
  if (array.n_dims != 1 || array.kind == HN_NPY_TEXTS || (!is_data && array.kind != HN_NPY_INTS)) {
    hn_npy_free(&array);
    return hn_fail(err, HN_FORMAT, "%s: %s must be one axis of %s", name, member,
                   is_data ? "numbers" : "whole numbers");
  }
  *array_out = array;
  return HN_OK;
}

static hn_status check_format(const char *name, zip_t *archive, hn_error *err) {
  hn_npy format = {0};
  hn_status status = read_member(name, archive, "format.npy", &format, err);
  if (status != HN_OK) return status;
  if (format.kind != HN_NPY_TEXTS || format.n_values != 1)
    status = hn_fail(err, HN_FORMAT, "%s: format.npy must be one text", name);
  else if (strcmp(format.as.texts[0], "csr") != 0)
    status = hn_fail(err, HN_UNSUPPORTED,
                     "%s: a sparse matrix in %.20s form is not read; save it as .tocsr()", name,
                     format.as.texts[0]);
  hn_npy_free(&format);
  return status;
}

typedef struct {
  int64_t column;
  float value;
} entry;

static int compare_entries(const void *a, const void *b) {
  const entry *x = a, *y = b;
  return (x->column > y->column) - (x->column < y->column);
}

static float value_at(const hn_npy *data, size_t i) {
  return data->kind == HN_NPY_FLOATS    ? data->as.floats[i]
         : data->kind == HN_NPY_DOUBLES ? (float)data->as.doubles[i]
                                        : (float)data->as.ints[i];
}

/* Copy row i, sorted and without duplicates, behind the `at` entries that m has. */
static size_t copy_row(const hn_npy *indices, const hn_npy *data, size_t from, size_t n, entry *row,
                       hn_csr *m, size_t at) {
  int is_sorted = 1;
  for (size_t k = 0; k < n; k++) {
    row[k] = (entry){indices->as.ints[from + k], value_at(data, from + k)};
    is_sorted &= k == 0 || row[k - 1].column <= row[k].column;
  }
  if (!is_sorted) qsort(row, n, sizeof *row, compare_entries);
  for (size_t k = 0; k < n; k++) {
    if (k > 0 && row[k].column == row[k - 1].column) {
      m->values[at - 1] += row[k].value;
    } else {
      m->indices[at] = (int32_t)row[k].column;
      m->values[at++] = row[k].value;
    }
  }
  return at;
}

/* shape, indptr, indices and data fit together, and every index lies in its range. */
static hn_status check_parts(const char *name, const hn_npy *shape, const hn_npy *indptr,
                             const hn_npy *indices, const hn_npy *data, hn_error *err) {
  if (shape->n_values != 2 || shape->as.ints[0] < 0 || shape->as.ints[1] < 0 ||
      shape->as.ints[1] > INT32_MAX)
    return hn_fail(err, HN_FORMAT, "%s: shape.npy must hold two counts, at most 2147483647 columns",
                   name);
  size_t n_rows = (size_t)shape->as.ints[0];
  const int64_t *starts = indptr->as.ints;
  if (indptr->n_values != n_rows + 1 || starts[0] != 0 || indices->n_values != data->n_values ||
      (uint64_t)starts[n_rows] != data->n_values)
    return hn_fail(err, HN_FORMAT,
                   "%s: %zu row starts, %zu indices and %zu values do not make %zu sparse rows",
                   name, indptr->n_values, indices->n_values, data->n_values, n_rows);
  for (size_t i = 0; i < n_rows; i++)
    if (starts[i + 1] < starts[i])
      return hn_fail(err, HN_FORMAT, "%s: indptr.npy descends at row %zu", name, i);
  for (size_t k = 0; k < indices->n_values; k++)
    if (indices->as.ints[k] < 0 || indices->as.ints[k] >= shape->as.ints[1])
      return hn_fail(err, HN_FORMAT, "%s: indices.npy names column %lld of %lld", name,
                     (long long)indices->as.ints[k], (long long)shape->as.ints[1]);
  return HN_OK;
}

static hn_status assemble(const hn_npy *shape, const hn_npy *indptr, const hn_npy *indices,
                          const hn_npy *data, hn_csr *m_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_csr made = {0};
  entry *row = NULL;
  size_t n_rows = (size_t)shape->as.ints[0], longest = 0, n = 0;
  const int64_t *starts = indptr->as.ints;

  for (size_t i = 0; i < n_rows; i++) {
    size_t length = (size_t)(starts[i + 1] - starts[i]);
    if (length > longest) longest = length;
  }
  HN_TRY(hn_csr_init(&made, n_rows, (size_t)shape->as.ints[1], data->n_values, err));
  HN_NEW(row, longest, err);
  for (size_t i = 0; i < n_rows; i++) {
    n = copy_row(indices, data, (size_t)starts[i], (size_t)(starts[i + 1] - starts[i]), row, &made,
                 n);
    made.indptr[i + 1] = (int64_t)n;
  }
  *m_out = made;
  made = (hn_csr){0};
done:
  hn_free(row);
  hn_csr_free(&made);
  return status;
}

hn_status hn_npz_parse_csr(const char *name, const void *bytes, size_t n, hn_csr *m_out,
                           hn_error *err) {
  hn_status status = HN_OK;
  hn_npy shape = {0}, indptr = {0}, indices = {0}, data = {0};
  zip_error_t reason;
  zip_t *archive = NULL;

  zip_error_init(&reason);
  zip_source_t *source = zip_source_buffer_create(bytes, n, 0, &reason);
  if (!source) HN_TRY(hn_fail_memory(err));
  archive = zip_open_from_source(source, ZIP_RDONLY, &reason);
  if (!archive) {
    zip_source_free(source);
    HN_TRY(fail_zip(err, name, "not an .npz archive", &reason));
  }
  HN_TRY(check_format(name, archive, err));
  HN_TRY(read_axis(name, archive, "shape.npy", 0, &shape, err));
  HN_TRY(read_axis(name, archive, "indptr.npy", 0, &indptr, err));
  HN_TRY(read_axis(name, archive, "indices.npy", 0, &indices, err));
  HN_TRY(read_axis(name, archive, "data.npy", 1, &data, err));
  HN_TRY(check_parts(name, &shape, &indptr, &indices, &data, err));
  HN_TRY(assemble(&shape, &indptr, &indices, &data, m_out, err));
done:
  if (archive) zip_discard(archive);
  zip_error_fini(&reason);
  hn_npy_free(&shape);
  hn_npy_free(&indptr);
  hn_npy_free(&indices);
  hn_npy_free(&data);
  return status;
}

hn_status hn_npz_read_csr(const char *path, hn_csr *m_out, hn_error *err) {
  char *bytes = NULL;
  size_t n;
  hn_status status = hn_file_read(path, &bytes, &n, err);
  if (status == HN_OK) status = hn_npz_parse_csr(path, bytes, n, m_out, err);
  hn_free(bytes);
  return status;
}
