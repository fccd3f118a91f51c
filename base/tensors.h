/* Named arrays and text metadata in one file: the safetensors format (8 bytes header length, JSON
 * header, raw little-endian data). Every model of headnod is saved so. */
#ifndef HN_BASE_TENSORS_H
#define HN_BASE_TENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum {
  HN_TENSOR_F32,
  HN_TENSOR_F64,
  HN_TENSOR_I32,
  HN_TENSOR_I64,
  HN_TENSOR_U8
} hn_tensor_type;

typedef struct {
  const char *name;
  hn_tensor_type type;
  int n_dims; /* 0 … 8 */
  size_t shape[8];
  const void *data; /* aligned for every type; owned by the set */
  size_t n_bytes;
} hn_tensor;

typedef struct hn_tensors hn_tensors;

/* An empty set to add to. Errors: HN_NO_MEMORY. */
hn_status hn_tensors_create(hn_tensors **tensors_out, hn_error *err);
void hn_tensors_destroy(hn_tensors *tensors);
/* Add a copy; shape (n_dims) may be NULL without axes. Errors: HN_INVALID for a name that is taken
 * or "__metadata__", HN_NO_MEMORY. */
hn_status hn_tensors_add(hn_tensors *tensors, const char *name, hn_tensor_type type, int n_dims,
                         const size_t *shape, const void *data, hn_error *err);
/* Set or replace the metadata `key`. Errors: HN_INVALID when text is not UTF-8, HN_NO_MEMORY. */
hn_status hn_tensors_set_text(hn_tensors *tensors, const char *key, const char *text,
                              hn_error *err);
/* Add copies of the entries of `from`, and set its metadata. Errors: HN_INVALID for a name that is
 * taken, HN_NO_MEMORY; what came before the error stays added. */
hn_status hn_tensors_merge(hn_tensors *tensors, const hn_tensors *from, hn_error *err);

/* NULL when absent. */
const char *hn_tensors_text(const hn_tensors *tensors, const char *key);
const hn_tensor *hn_tensors_find(const hn_tensors *tensors, const char *name);
size_t hn_tensors_count(const hn_tensors *tensors);
const hn_tensor *hn_tensors_at(const hn_tensors *tensors, size_t i);
/* The tensor `name`, of this type and number of axes, or HN_FORMAT naming what was found. */
hn_status hn_tensors_get(const hn_tensors *tensors, const char *name, hn_tensor_type type,
                         int n_dims, const hn_tensor **tensor_out, hn_error *err);
/* The metadata `key`, or HN_FORMAT. */
hn_status hn_tensors_get_text(const hn_tensors *tensors, const char *key, const char **text_out,
                              hn_error *err);

/* Entries in the order they were added, metadata in ascending order; same content, same bytes.
 * Atomic. Errors: HN_IO. */
hn_status hn_tensors_write(const hn_tensors *tensors, const char *path, hn_error *err);
/* Entries come in the order of their data. Errors: HN_IO; HN_UNSUPPORTED for other dtypes;
 * HN_FORMAT with file and what is wrong (header length, JSON, offsets that overlap, leave a hole or
 * pass the end, shape that does not fit the bytes). */
hn_status hn_tensors_read(const char *path, hn_tensors **tensors_out, hn_error *err);
/* The same from memory; name stands for the path in messages. */
hn_status hn_tensors_parse(const char *name, const void *bytes, size_t n, hn_tensors **tensors_out,
                           hn_error *err);

#endif
