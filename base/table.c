/* libcsv splits the bytes; this file counts lines, checks each row and keeps all cells one behind
 * the other in one buffer. */
#include "base/table.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <csv.h>
#include <stdio.h>
#include <string.h>

struct hn_table {
  char *path;
  size_t n_rows, n_columns;
  hn_buffer text;  /* the cells, each with a 0 behind; the header's first */
  size_t *offsets; /* (n_rows + 1, n_columns) where each cell begins in text; row 0: the header */
  size_t n_offsets, offsets_capacity;
  size_t *lines; /* (n_rows + 1) */
  size_t n_lines, lines_capacity;
  char **bad_rows; /* the reasons */
  size_t n_bad_rows, bad_rows_capacity;
};

/* What the callbacks of libcsv, which return nothing, work on. */
typedef struct {
  hn_table *table;
  int strict;
  size_t line;      /* the line being read, from 1 */
  int after_cr;     /* the last unquoted line end was \r: a \n next belongs to it */
  size_t row_line;  /* where the row at hand began */
  size_t row_text;  /* the text's length at that moment */
  size_t n_cells;   /* of the row at hand */
  const char *flaw; /* of the row at hand, or NULL */
  hn_status status;
  hn_error *err;
} reader;

/* LF, CRLF and CR each end a line. */
static size_t count_lines(const char *bytes, size_t n) {
  size_t lines = 0;
  for (size_t i = 0; i < n; i++)
    lines += bytes[i] == '\r' || (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r'));
  return lines;
}

static void on_cell(void *bytes, size_t n, void *context) {
  reader *r = context;
  hn_table *t = r->table;
  hn_status status = HN_OK;
  if (r->status != HN_OK) return;
  if (r->n_cells == 0) {
    r->row_line = r->line;
    r->row_text = t->text.length;
  }
  r->after_cr = 0;
  r->line += count_lines(bytes, n);
  if (n > 0 && memchr(bytes, 0, n)) r->flaw = "a zero byte";
  if (hn_utf8_valid_length(bytes, n) != n) r->flaw = "text that is not UTF-8";
  HN_GROW(t->offsets, t->n_offsets, t->offsets_capacity, r->err);
  t->offsets[t->n_offsets++] = t->text.length;
  r->n_cells++;
  hn_buffer_append(&t->text, bytes, n);
  hn_buffer_byte(&t->text, 0);
  HN_TRY(hn_buffer_status(&t->text, r->err));
done:
  r->status = status;
}

/* Forget the row at hand, or stop with its reason when rows must be good. */
static hn_status refuse_row(reader *r, const char *reason) {
  hn_status status = HN_OK;
  hn_table *t = r->table;
  hn_buffer text = {0};
  if (r->strict) return hn_fail(r->err, HN_FORMAT, "%s:%zu: %s", t->path, r->row_line, reason);
  HN_GROW(t->bad_rows, t->n_bad_rows, t->bad_rows_capacity, r->err);
  hn_buffer_format(&text, "%s:%zu: %s", t->path, r->row_line, reason);
  HN_TRY(hn_buffer_steal(&text, &t->bad_rows[t->n_bad_rows], NULL, r->err));
  t->n_bad_rows++;
  t->n_offsets -= r->n_cells;
  t->text.length = r->row_text;
done:
  hn_buffer_free(&text);
  return status;
}

static hn_status check_header(reader *r) {
  const hn_table *t = r->table;
  if (r->flaw)
    return hn_fail(r->err, HN_FORMAT, "%s:%zu: %s in the header", t->path, r->row_line, r->flaw);
  for (size_t j = 0; j < t->n_columns; j++) {
    const char *name = hn_table_column_name(t, j);
    if (name[0] == 0)
      return hn_fail(r->err, HN_FORMAT, "%s:%zu: column %zu of the header has no name", t->path,
                     r->row_line, j + 1);
    if (hn_table_find(t, name) != j)
      return hn_fail(r->err, HN_FORMAT, "%s:%zu: two columns are called \"%s\"", t->path,
                     r->row_line, name);
  }
  return HN_OK;
}

static hn_status end_row(reader *r) {
  hn_status status = HN_OK;
  hn_table *t = r->table;
  char reason[160];
  if (t->n_lines > 0 && (r->flaw || r->n_cells != t->n_columns)) {
    snprintf(reason, sizeof reason, "%zu cells where the header has %zu", r->n_cells, t->n_columns);
    return refuse_row(r, r->flaw ? r->flaw : reason);
  }
  HN_GROW(t->lines, t->n_lines, t->lines_capacity, r->err);
  t->lines[t->n_lines++] = r->row_line;
  if (t->n_lines == 1) {
    t->n_columns = r->n_cells;
    return check_header(r);
  }
  t->n_rows++;
done:
  return status;
}

static void begin_row(reader *r, size_t line) {
  r->line = line;
  r->after_cr = 0;
  r->n_cells = 0;
  r->flaw = NULL;
}

/* Every unquoted line end comes here, that of an empty line too (CSV_REPALL_NL); -1 is the end. */
static void on_row(int ending, void *context) {
  reader *r = context;
  if (r->status != HN_OK) return;
  if (r->n_cells > 0) r->status = end_row(r);
  begin_row(r, r->line + (ending == '\r' || (ending == '\n' && !r->after_cr)));
  r->after_cr = ending == '\r';
}

static int no_space(unsigned char byte) {
  (void)byte;
  return 0; /* spaces around a cell belong to it, as RFC 4180 says */
}

static void *grow_bytes(void *p, size_t n) {
  return hn_realloc(p, n, 1);
}

static void init_parser(struct csv_parser *parser) {
  csv_init(parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL);
  csv_set_space_func(parser, no_space);
  csv_set_realloc_func(parser, grow_bytes);
  csv_set_free_func(parser, hn_free);
  csv_set_blk_size(parser, 4096);
}

/* A quote stands where none may: give up the row and find the end of its line. */
static hn_status give_up_row(reader *r, const char *bytes, size_t n, size_t *at) {
  static const char reason[] =
      "a quote inside a cell; quote the whole cell and double the quote within";
  if (r->n_cells == 0) {
    r->row_line = r->line;
    r->row_text = r->table->text.length;
  }
  if (r->table->n_lines == 0)
    return hn_fail(r->err, HN_FORMAT, "%s:%zu: %s", r->table->path, r->row_line, reason);
  while (*at < n && bytes[*at] != '\n' && bytes[*at] != '\r') ++*at;
  if (*at + 1 < n && bytes[*at] == '\r' && bytes[*at + 1] == '\n') ++*at;
  if (*at < n) ++*at;
  return refuse_row(r, reason);
}

static hn_status parse_rows(reader *r, const char *bytes, size_t n) {
  hn_status status = HN_OK;
  struct csv_parser parser;
  size_t at = 0, begin = 0, begin_line = 1; /* of the rows behind the last one given up */

  init_parser(&parser);
  while (at < n) {
    at += csv_parse(&parser, bytes + at, n - at, on_cell, on_row, r);
    HN_TRY(r->status);
    if (csv_error(&parser) == CSV_SUCCESS) break;
    if (csv_error(&parser) != CSV_EPARSE) HN_TRY(hn_fail_memory(r->err));
    HN_TRY(give_up_row(r, bytes, n, &at));
    begin_line += count_lines(bytes + begin, at - begin);
    begin = at;
    begin_row(r, begin_line);
    csv_free(&parser);
    init_parser(&parser);
  }
  if (csv_fini(&parser, on_cell, on_row, r) != 0)
    HN_TRY(csv_error(&parser) == CSV_EPARSE
               ? hn_fail(r->err, HN_FORMAT, "%s:%zu: a quote is opened and never closed",
                         r->table->path, r->n_cells ? r->row_line : r->line)
               : hn_fail_memory(r->err));
  HN_TRY(r->status);
done:
  csv_free(&parser);
  return status;
}

hn_status hn_table_parse(const char *name, const char *bytes, size_t n, int strict,
                         hn_table **table_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_table *made = NULL;
  size_t mark = n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

  HN_NEW(made, 1, err);
  HN_DUP(made->path, name, err);
  reader r = {.table = made, .strict = strict, .line = 1, .err = err};
  HN_TRY(parse_rows(&r, bytes + mark, n - mark));
  if (made->n_lines == 0)
    HN_TRY(hn_fail(err, HN_FORMAT, "%s: empty; a header row with column names is needed", name));
  *table_out = made;
  made = NULL;
done:
  hn_table_destroy(made);
  return status;
}

hn_status hn_table_read(const char *path, int strict, hn_table **table_out, hn_error *err) {
  char *bytes = NULL;
  size_t n;
  hn_status status = hn_file_read_gzip(path, &bytes, &n, err);
  if (status == HN_OK) status = hn_table_parse(path, bytes, n, strict, table_out, err);
  hn_free(bytes);
  return status;
}

void hn_table_destroy(hn_table *t) {
  if (!t) return;
  for (size_t i = 0; i < t->n_bad_rows; i++) hn_free(t->bad_rows[i]);
  hn_free(t->bad_rows);
  hn_free(t->lines);
  hn_free(t->offsets);
  hn_buffer_free(&t->text);
  hn_free(t->path);
  hn_free(t);
}

const char *hn_table_path(const hn_table *t) {
  return t->path;
}

size_t hn_table_n_rows(const hn_table *t) {
  return t->n_rows;
}

size_t hn_table_n_columns(const hn_table *t) {
  return t->n_columns;
}

const char *hn_table_column_name(const hn_table *t, size_t column) {
  return t->text.data + t->offsets[column];
}

size_t hn_table_find(const hn_table *t, const char *name) {
  for (size_t j = 0; j < t->n_columns; j++)
    if (strcmp(hn_table_column_name(t, j), name) == 0) return j;
  return (size_t)-1;
}

const char *hn_table_cell(const hn_table *t, size_t row, size_t column) {
  return t->text.data + t->offsets[(row + 1) * t->n_columns + column];
}

size_t hn_table_line(const hn_table *t, size_t row) {
  return t->lines[row + 1];
}

size_t hn_table_n_bad_rows(const hn_table *t) {
  return t->n_bad_rows;
}

const char *hn_table_bad_row_reason(const hn_table *t, size_t i) {
  return t->bad_rows[i];
}

void hn_csv_cell(hn_buffer *out, const char *text, int first) {
  if (!first) hn_buffer_byte(out, ',');
  int is_blank = first && !*text; /* alone in its line it would be no row at all */
  if (!is_blank && !strpbrk(text, ",\"\r\n")) {
    hn_buffer_text(out, text);
    return;
  }
  hn_buffer_byte(out, '"');
  for (; *text; text++) {
    if (*text == '"') hn_buffer_byte(out, '"');
    hn_buffer_byte(out, *text);
  }
  hn_buffer_byte(out, '"');
}
