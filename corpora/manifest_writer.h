/* Writing a manifest (or any other CSV file with a header) row by row. */
#ifndef HN_CORPORA_MANIFEST_WRITER_H
#define HN_CORPORA_MANIFEST_WRITER_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/* The file as it grows in memory. Owns text. */
typedef struct {
  hn_buffer text;
  size_t n_columns;
} hn_manifest_writer;

/* Begin with the header row. */
void hn_manifest_writer_init(hn_manifest_writer *writer, const char *const *columns,
                             size_t n_columns);
/* Add a row: n_columns cells, NULL for a missing one; quoted where they must be. */
void hn_manifest_writer_add(hn_manifest_writer *writer, const char *const *cells);
/* Write the file, atomically. Errors: HN_NO_MEMORY (of any call above), HN_IO. */
hn_status hn_manifest_writer_save(const hn_manifest_writer *writer, const char *path,
                                  hn_error *err);
void hn_manifest_writer_free(hn_manifest_writer *writer);

#endif
