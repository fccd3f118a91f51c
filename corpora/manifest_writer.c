#include "corpora/manifest_writer.h"

#include "base/file.h"
#include "base/table.h"

void hn_manifest_writer_init(hn_manifest_writer *writer, const char *const *columns,
                             size_t n_columns) {
  *writer = (hn_manifest_writer){.n_columns = n_columns};
  hn_manifest_writer_add(writer, columns);
}

void hn_manifest_writer_add(hn_manifest_writer *writer, const char *const *cells) {
  for (size_t j = 0; j < writer->n_columns; j++)
    hn_csv_cell(&writer->text, cells[j] ? cells[j] : "", j == 0);
  hn_buffer_byte(&writer->text, '\n');
}

hn_status hn_manifest_writer_save(const hn_manifest_writer *writer, const char *path,
                                  hn_error *err) {
  hn_status status = hn_buffer_status(&writer->text, err);
  if (status != HN_OK) return status;
  return hn_file_write(path, writer->text.data, writer->text.length, err);
}

void hn_manifest_writer_free(hn_manifest_writer *writer) {
  if (writer) hn_buffer_free(&writer->text);
}
