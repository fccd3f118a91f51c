/* The zip is written by ourselves: members are stored, their sizes known, so that it is a few
 * headers around arrays that need not be copied. Sizes stand in zip64 fields, as NumPy has it, and
 * so have no limit. Format: PKWARE's APPNOTE.TXT 6.3. */
#include "base/npz.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/npy.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* Dates in an archive begin on 1 January 1980: 1 << 5 is January, 1 the day. */
enum { FIXED_DATE = 1 << 5 | 1, ZIP64_VERSION = 45 };

/* The five arrays in the order in which SciPy writes them. */
enum { FORMAT = 2, SHAPE = 3, N_MEMBERS = 5 };

typedef struct {
  const char *name, *dtype;
  int n_dims;
  size_t n;            /* values, of n_dims 1 */
  hn_file_part values; /* in memory or in a file */
  uint32_t crc;        /* of the values; in the archive of the .npy header too */
  hn_buffer head;      /* zip header and .npy header */
  size_t npy_length;
  uint64_t offset;
} member;

static void put16(hn_buffer *out, unsigned value) {
  unsigned char bytes[2] = {(unsigned char)value, (unsigned char)(value >> 8)};
  hn_buffer_append(out, bytes, sizeof bytes);
}

static void put32(hn_buffer *out, uint32_t value) {
  put16(out, value & 0xFFFF);
  put16(out, value >> 16);
}

static void put64(hn_buffer *out, uint64_t value) {
  put32(out, (uint32_t)value);
  put32(out, (uint32_t)(value >> 32));
}

/* What the local and the central header share: version to extract … length of the name. */
static void put_common(hn_buffer *out, const member *m) {
  put16(out, ZIP64_VERSION);
  put16(out, 0); /* no flags */
  put16(out, 0); /* stored */
  put16(out, 0); /* midnight */
  put16(out, FIXED_DATE);
  put32(out, m->crc);
  put32(out, UINT32_MAX); /* both sizes: see the zip64 field */
  put32(out, UINT32_MAX);
  put16(out, (unsigned)strlen(m->name));
}

static uint64_t member_size(const member *m) {
  return m->npy_length + m->values.n;
}

static hn_status put_local(member *m, uint64_t offset, hn_error *err) {
  hn_buffer npy = {0};
  hn_npy_append_header(&npy, m->dtype, m->n_dims, &m->n);
  hn_status status = hn_buffer_status(&npy, err);
  if (status == HN_OK) {
    uLong crc = crc32_z(0, (const Bytef *)npy.data, npy.length);
    m->crc = (uint32_t)crc32_combine(crc, m->crc, (z_off_t)m->values.n);
    m->offset = offset;
    m->npy_length = npy.length;
    put32(&m->head, 0x04034B50);
    put_common(&m->head, m);
    put16(&m->head, 20);
    hn_buffer_text(&m->head, m->name);
    put16(&m->head, 1); /* zip64 */
    put16(&m->head, 16);
    put64(&m->head, member_size(m));
    put64(&m->head, member_size(m));
    hn_buffer_append(&m->head, npy.data, npy.length);
    status = hn_buffer_status(&m->head, err);
  }
  hn_buffer_free(&npy);
  return status;
}

static void put_central(hn_buffer *out, const member *m) {
  put32(out, 0x02014B50);
  put16(out, ZIP64_VERSION);
  put_common(out, m);
  put16(out, 28);
  for (int i = 0; i < 3; i++) put16(out, 0); /* comment, disk, attributes */
  put32(out, 0);
  put32(out, UINT32_MAX); /* offset: see the zip64 field */
  hn_buffer_text(out, m->name);
  put16(out, 1);
  put16(out, 24);
  put64(out, member_size(m));
  put64(out, member_size(m));
  put64(out, m->offset);
}

static void put_end(hn_buffer *out, size_t n_members, uint64_t start, uint64_t length) {
  put32(out, 0x06064B50); /* zip64 end of central directory */
  put64(out, 44);
  put16(out, ZIP64_VERSION);
  put16(out, ZIP64_VERSION);
  put64(out, 0);
  put64(out, n_members);
  put64(out, n_members);
  put64(out, length);
  put64(out, start);
  put32(out, 0x07064B50); /* where that stands */
  put32(out, 0);
  put64(out, start + length);
  put32(out, 1);
  put32(out, 0x06054B50);
  put32(out, 0);
  put16(out, (unsigned)n_members);
  put16(out, (unsigned)n_members);
  put32(out, UINT32_MAX);
  put32(out, UINT32_MAX);
  put16(out, 0);
}

/* members hold names, arrays, and the checksums of these; freed in any case. */
static hn_status write_archive(const char *path, member members[N_MEMBERS], hn_error *err) {
  hn_status status = HN_OK;
  hn_file_part parts[2 * N_MEMBERS + 1];
  hn_buffer directory = {0};
  uint64_t offset = 0;
  for (size_t i = 0; i < N_MEMBERS; i++) {
    member *m = &members[i];
    HN_TRY(put_local(m, offset, err));
    parts[2 * i] = (hn_file_part){m->head.data, m->head.length, -1};
    parts[2 * i + 1] = m->values;
    offset += m->head.length + m->values.n;
    put_central(&directory, m);
  }
  put_end(&directory, N_MEMBERS, offset, directory.length);
  HN_TRY(hn_buffer_status(&directory, err));
  parts[2 * N_MEMBERS] = (hn_file_part){directory.data, directory.length, -1};
  HN_TRY(hn_file_write_parts(path, parts, 2 * N_MEMBERS + 1, err));
done:
  for (size_t i = 0; i < N_MEMBERS; i++) hn_buffer_free(&members[i].head);
  hn_buffer_free(&directory);
  return status;
}

static uint32_t checksum(uint32_t crc, const void *bytes, size_t n) {
  return (uint32_t)crc32_z(crc, bytes, n);
}

static member array_in_memory(const char *name, const char *dtype, int n_dims, size_t n,
                              const void *values, size_t n_bytes) {
  return (member){
      .name = name, .dtype = dtype, .n_dims = n_dims, .n = n, .values = {values, n_bytes, -1}};
}

/* indptr, or indices when there are many, in the width that the index type has. */
static hn_status convert_ints(const int64_t *wide, const int32_t *narrow, size_t n, void **out,
                              hn_error *err) {
  hn_status status = HN_OK;
  int32_t *narrowed = NULL;
  int64_t *widened = NULL;
  if (wide) {
    HN_NEW(narrowed, n, err);
    for (size_t i = 0; i < n; i++) narrowed[i] = (int32_t)wide[i];
    *out = narrowed;
  } else {
    HN_NEW(widened, n, err);
    for (size_t i = 0; i < n; i++) widened[i] = narrow[i];
    *out = widened;
  }
done:
  return status;
}

hn_status hn_npz_write_csr(const char *path, const hn_csr *m, hn_error *err) {
  hn_status status = HN_OK;
  size_t n = hn_csr_n_entries(m), n_starts = m->n_rows + 1;
  int wide = n > INT32_MAX;
  int64_t shape[2] = {(int64_t)m->n_rows, (int64_t)m->n_cols};
  void *converted = NULL;
  const char *ints = wide ? "<i8" : "<i4";
  size_t width = wide ? 8 : 4;
  HN_TRY(wide ? convert_ints(NULL, m->indices, n, &converted, err)
              : convert_ints(m->indptr, NULL, n_starts, &converted, err));
  const void *indices = wide ? converted : m->indices, *indptr = wide ? m->indptr : converted;
  member members[N_MEMBERS] = {
      array_in_memory("indices.npy", ints, 1, n, indices, n * width),
      array_in_memory("indptr.npy", ints, 1, n_starts, indptr, n_starts * width),
      array_in_memory("format.npy", "|S3", 0, 0, "csr", 3),
      array_in_memory("shape.npy", "<i8", 1, 2, shape, sizeof shape),
      array_in_memory("data.npy", "<f4", 1, n, m->values, n * sizeof *m->values)};
#pragma omp parallel for schedule(dynamic, 1)
  for (size_t i = 0; i < N_MEMBERS; i++)
    members[i].crc = checksum(0, members[i].values.bytes, members[i].values.n);
  status = write_archive(path, members, err);
done:
  hn_free(converted);
  return status;
}

/* An array that waits in a file. */
typedef struct {
  int fd;
  size_t n_bytes;
  uint32_t crc;
} spool;

struct hn_npz_writer {
  char *path;
  size_t n_rows, n_cols;
  int64_t n_entries;
  spool indices, indptr, data;
};

static hn_status append(hn_npz_writer *w, spool *s, const void *values, size_t n_bytes,
                        hn_error *err) {
  s->crc = checksum(s->crc, values, n_bytes);
  s->n_bytes += n_bytes;
  return hn_file_append(s->fd, w->path, values, n_bytes, err);
}

hn_status hn_npz_writer_create(const char *path, size_t n_cols, hn_npz_writer **writer_out,
                               hn_error *err) {
  hn_status status = HN_OK;
  hn_npz_writer *made = NULL;
  const int64_t first_start = 0;
  HN_NEW(made, 1, err);
  made->n_cols = n_cols;
  made->indices.fd = made->indptr.fd = made->data.fd = -1;
  HN_DUP(made->path, path, err);
  HN_TRY(hn_file_spool(path, &made->indices.fd, err));
  HN_TRY(hn_file_spool(path, &made->indptr.fd, err));
  HN_TRY(hn_file_spool(path, &made->data.fd, err));
  HN_TRY(append(made, &made->indptr, &first_start, sizeof first_start, err));
  *writer_out = made;
  made = NULL;
done:
  hn_npz_writer_destroy(made);
  return status;
}

hn_status hn_npz_writer_add(hn_npz_writer *w, const hn_csr *rows, hn_error *err) {
  hn_status status = HN_OK;
  int64_t *starts = NULL;
  size_t n = hn_csr_n_entries(rows);
  assert(rows->n_cols == w->n_cols);
  HN_NEW(starts, rows->n_rows, err);
  for (size_t i = 0; i < rows->n_rows; i++) starts[i] = w->n_entries + rows->indptr[i + 1];
  HN_TRY(append(w, &w->indptr, starts, rows->n_rows * sizeof *starts, err));
  HN_TRY(append(w, &w->indices, rows->indices, n * sizeof *rows->indices, err));
  HN_TRY(append(w, &w->data, rows->values, n * sizeof *rows->values, err));
  w->n_rows += rows->n_rows;
  w->n_entries += (int64_t)n;
done:
  hn_free(starts);
  return status;
}

size_t hn_npz_writer_n_rows(const hn_npz_writer *w) {
  return w->n_rows;
}

size_t hn_npz_writer_n_entries(const hn_npz_writer *w) {
  return (size_t)w->n_entries;
}

static member array_in_file(const char *name, const char *dtype, size_t n, const spool *s) {
  return (member){.name = name,
                  .dtype = dtype,
                  .n_dims = 1,
                  .n = n,
                  .values = {NULL, s->n_bytes, s->fd},
                  .crc = s->crc};
}

hn_status hn_npz_writer_finish(hn_npz_writer *w, hn_error *err) {
  int64_t shape[2] = {(int64_t)w->n_rows, (int64_t)w->n_cols};
  size_t n = (size_t)w->n_entries;
  member members[N_MEMBERS] = {array_in_file("indices.npy", "<i4", n, &w->indices),
                               array_in_file("indptr.npy", "<i8", w->n_rows + 1, &w->indptr),
                               array_in_memory("format.npy", "|S3", 0, 0, "csr", 3),
                               array_in_memory("shape.npy", "<i8", 1, 2, shape, sizeof shape),
                               array_in_file("data.npy", "<f4", n, &w->data)};
  members[FORMAT].crc = checksum(0, "csr", 3);
  members[SHAPE].crc = checksum(0, shape, sizeof shape);
  return write_archive(w->path, members, err);
}

void hn_npz_writer_destroy(hn_npz_writer *w) {
  if (!w) return;
  if (w->indices.fd >= 0) close(w->indices.fd);
  if (w->indptr.fd >= 0) close(w->indptr.fd);
  if (w->data.fd >= 0) close(w->data.fd);
  hn_free(w->path);
  hn_free(w);
}
