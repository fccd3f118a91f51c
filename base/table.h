/* Tables of text: CSV files (RFC 4180, UTF-8, header row) held in memory. */
#ifndef HN_BASE_TABLE_H
#define HN_BASE_TABLE_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

typedef struct hn_table hn_table;

/* Read a CSV file: quotes, embedded newlines and commas, LF, CRLF or CR, a byte order mark, gzip.
 * Spaces around a cell belong to it; empty lines are passed over. strict: a row with another number
 * of cells than the header, a quote inside a cell, a zero byte or invalid UTF-8 is an error
 * (HN_FORMAT with file, line and what was found); otherwise such rows are set aside and can be
 * asked for below. An empty file, an empty header name, two equal ones, or a quote that is never
 * closed (it swallows the rest of the file) are errors in any case. */
hn_status hn_table_read(const char *path, int strict, hn_table **table_out, hn_error *err);
/* The same from memory; name stands for the path in messages. */
hn_status hn_table_parse(const char *name, const char *bytes, size_t n, int strict,
                         hn_table **table_out, hn_error *err);
void hn_table_destroy(hn_table *table);

const char *hn_table_path(const hn_table *table);
size_t hn_table_n_rows(const hn_table *table);
size_t hn_table_n_columns(const hn_table *table);
const char *hn_table_column_name(const hn_table *table, size_t column);
/* Index of a column, or (size_t)-1. */
size_t hn_table_find(const hn_table *table, const char *name);
/* The text of a cell, never NULL; borrowed. */
const char *hn_table_cell(const hn_table *table, size_t row, size_t column);
/* The line of the file where the row begins, 1-based. */
size_t hn_table_line(const hn_table *table, size_t row);
/* Rows set aside by a reading that was not strict. */
size_t hn_table_n_bad_rows(const hn_table *table);
const char *hn_table_bad_row_reason(const hn_table *table, size_t i); /* "m.csv:7: 3 cells …" */

/* Append one cell to a CSV line being built, quoted where it must be; first: no comma before it. */
void hn_csv_cell(hn_buffer *out, const char *text, int first);

#endif
