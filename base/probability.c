#include "base/probability.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/labels.h"
#include "base/memory.h"
#include "base/table.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMN_ID, COLUMN_FOLD, COLUMN_TRUTH, N_FIXED };
static const char *const fixed_columns[N_FIXED] = {"track_id", "fold", "truth"};

/* Nine digits bring a float back; a sum of them may be off by what other programs round. */
static const double SUM_TOLERANCE = 1e-3;

hn_status hn_probability_init(hn_probability *table, size_t n_rows, const char *const *ids,
                              size_t n_classes, const char *const *classes, hn_error *err) {
  hn_status status = HN_OK;
  hn_probability made = {0};
  size_t n;

  if (__builtin_mul_overflow(n_rows, n_classes, &n)) HN_TRY(hn_fail_memory(err));
  HN_NEW(made.ids, n_rows, err);
  for (; made.n_rows < n_rows; made.n_rows++) HN_DUP(made.ids[made.n_rows], ids[made.n_rows], err);
  HN_NEW(made.classes, n_classes, err);
  for (; made.n_classes < n_classes; made.n_classes++)
    HN_DUP(made.classes[made.n_classes], classes[made.n_classes], err);
  HN_NEW(made.fold, n_rows, err);
  HN_NEW(made.truth, n_rows, err);
  HN_NEW(made.p, n, err);
  for (size_t i = 0; i < n_rows; i++) {
    made.fold[i] = -1;
    made.truth[i] = HN_LABEL_MISSING;
  }
  for (size_t i = 0; i < n; i++) made.p[i] = NAN;
  *table = made;
  made = (hn_probability){0};
done:
  hn_probability_free(&made);
  return status;
}

void hn_probability_free(hn_probability *table) {
  if (!table) return;
  hn_names_free(table->ids, table->n_rows);
  hn_names_free(table->classes, table->n_classes);
  hn_free(table->fold);
  hn_free(table->truth);
  hn_free(table->p);
  *table = (hn_probability){0};
}

int hn_probability_has(const hn_probability *table, size_t i) {
  return table->n_classes > 0 && !isnan(table->p[i * table->n_classes]);
}

int32_t hn_probability_argmax(const hn_probability *table, size_t i) {
  if (!hn_probability_has(table, i)) return HN_LABEL_MISSING;
  const float *p = table->p + i * table->n_classes;
  size_t best = 0;
  for (size_t k = 1; k < table->n_classes; k++)
    if (p[k] > p[best]) best = k;
  return (int32_t)best;
}

static hn_status check_columns(const hn_table *csv, hn_error *err) {
  for (size_t j = 0; j < N_FIXED; j++)
    if (j >= hn_table_n_columns(csv) || strcmp(hn_table_column_name(csv, j), fixed_columns[j]) != 0)
      return hn_fail(err, HN_FORMAT,
                     "%s:1: column %zu must be \"%s\" (the columns are track_id, fold, truth and "
                     "one a class)",
                     hn_table_path(csv), j + 1, fixed_columns[j]);
  if (hn_table_n_columns(csv) == N_FIXED)
    return hn_fail(err, HN_FORMAT, "%s:1: no class columns behind \"truth\"", hn_table_path(csv));
  return HN_OK;
}

static hn_status read_fold_and_truth(const hn_table *csv, size_t i, hn_probability *table,
                                     hn_error *err) {
  const char *fold = hn_table_cell(csv, i, COLUMN_FOLD);
  const char *truth = hn_table_cell(csv, i, COLUMN_TRUTH);
  if (fold[0]) {
    char *end;
    errno = 0;
    long value = strtol(fold, &end, 10);
    if (*end || errno || value < 0 || value > INT32_MAX)
      return hn_fail(err, HN_FORMAT, "%s:%zu: fold \"%.40s\" is not a whole number from 0",
                     hn_table_path(csv), hn_table_line(csv, i), fold);
    table->fold[i] = (int32_t)value;
  }
  if (truth[0]) {
    table->truth[i] = hn_labels_find(table->classes, table->n_classes, truth);
    if (table->truth[i] == HN_LABEL_MISSING)
      return hn_fail(err, HN_FORMAT, "%s:%zu: truth \"%.80s\" is none of the %zu class columns",
                     hn_table_path(csv), hn_table_line(csv, i), truth, table->n_classes);
  }
  return HN_OK;
}

/* The probabilities of row i; column j of the file is class order[j - N_FIXED]. */
static hn_status read_row(const hn_table *csv, size_t i, const int32_t *order,
                          hn_probability *table, hn_error *err) {
  size_t n_classes = table->n_classes, n_empty = 0;
  double sum = 0;
  float *p = table->p + i * n_classes;
  for (size_t k = 0; k < n_classes; k++) {
    const char *text = hn_table_cell(csv, i, N_FIXED + k);
    char *end;
    if (text[0] == 0) {
      n_empty++;
      continue;
    }
    float value = strtof(text, &end);
    if (*end || !(value >= 0 && value <= 1))
      return hn_fail(
          err, HN_FORMAT, "%s:%zu: column \"%s\": \"%.40s\" is not a probability (0 to 1)",
          hn_table_path(csv), hn_table_line(csv, i), hn_table_column_name(csv, N_FIXED + k), text);
    p[order[k]] = value;
    sum += (double)value;
  }
  if (n_empty == n_classes) return HN_OK;
  if (n_empty > 0)
    return hn_fail(err, HN_FORMAT, "%s:%zu: %zu of %zu probabilities are empty (all or none)",
                   hn_table_path(csv), hn_table_line(csv, i), n_empty, n_classes);
  if (fabs(sum - 1) > SUM_TOLERANCE)
    return hn_fail(err, HN_FORMAT, "%s:%zu: the probabilities sum to %.6g, not to 1",
                   hn_table_path(csv), hn_table_line(csv, i), sum);
  return HN_OK;
}

typedef struct {
  const char *text;
  size_t line;
} id_line;

static int compare_ids(const void *a, const void *b) {
  const id_line *x = a, *y = b;
  int order = strcmp(x->text, y->text);
  return order ? order : (x->line > y->line) - (x->line < y->line);
}

static hn_status check_ids(const hn_table *csv, hn_error *err) {
  hn_status status = HN_OK;
  size_t n = hn_table_n_rows(csv);
  id_line *ids = NULL;
  HN_NEW(ids, n, err);
  for (size_t i = 0; i < n; i++)
    ids[i] = (id_line){hn_table_cell(csv, i, COLUMN_ID), hn_table_line(csv, i)};
  qsort(ids, n, sizeof *ids, compare_ids);
  for (size_t i = 0; i < n; i++) {
    if (ids[i].text[0] == 0)
      HN_TRY(hn_fail(err, HN_FORMAT, "%s:%zu: track_id is empty", hn_table_path(csv), ids[i].line));
    if (i > 0 && strcmp(ids[i].text, ids[i - 1].text) == 0)
      HN_TRY(hn_fail(err, HN_FORMAT, "%s:%zu: track_id \"%.80s\" stands in line %zu already",
                     hn_table_path(csv), ids[i].line, ids[i].text, ids[i - 1].line));
  }
done:
  hn_free(ids);
  return status;
}

hn_status hn_probability_parse(const char *name, const char *bytes, size_t n,
                               hn_probability *table_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_table *csv = NULL;
  hn_probability made = {0};
  hn_labels columns = {0};
  const char **texts = NULL;

  HN_TRY(hn_table_parse(name, bytes, n, 1, &csv, err));
  HN_TRY(check_columns(csv, err));
  HN_TRY(check_ids(csv, err));
  size_t n_rows = hn_table_n_rows(csv), n_classes = hn_table_n_columns(csv) - N_FIXED;
  HN_NEW(texts, n_rows > n_classes ? n_rows : n_classes, err);
  for (size_t k = 0; k < n_classes; k++) texts[k] = hn_table_column_name(csv, N_FIXED + k);
  HN_TRY(hn_labels_encode(texts, n_classes, &columns, err));
  for (size_t i = 0; i < n_rows; i++) texts[i] = hn_table_cell(csv, i, COLUMN_ID);
  HN_TRY(hn_probability_init(&made, n_rows, texts, n_classes, (const char *const *)columns.classes,
                             err));
  for (size_t i = 0; i < n_rows; i++) {
    HN_TRY(read_fold_and_truth(csv, i, &made, err));
    HN_TRY(read_row(csv, i, columns.values, &made, err));
  }
  *table_out = made;
  made = (hn_probability){0};
done:
  hn_probability_free(&made);
  hn_labels_free(&columns);
  hn_free(texts);
  hn_table_destroy(csv);
  return status;
}

hn_status hn_probability_read(const char *path, hn_probability *table_out, hn_error *err) {
  char *bytes = NULL;
  size_t n;
  hn_status status = hn_file_read_gzip(path, &bytes, &n, err);
  if (status == HN_OK) status = hn_probability_parse(path, bytes, n, table_out, err);
  hn_free(bytes);
  return status;
}

hn_status hn_probability_write(const char *path, const hn_probability *table, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer out = {0};
  size_t n_classes = table->n_classes;

  for (size_t j = 0; j < N_FIXED; j++) hn_csv_cell(&out, fixed_columns[j], j == 0);
  for (size_t k = 0; k < n_classes; k++) hn_csv_cell(&out, table->classes[k], 0);
  hn_buffer_byte(&out, '\n');
  for (size_t i = 0; i < table->n_rows; i++) {
    hn_csv_cell(&out, table->ids[i], 1);
    hn_buffer_byte(&out, ',');
    if (table->fold[i] >= 0) hn_buffer_format(&out, "%d", table->fold[i]);
    hn_csv_cell(&out, table->truth[i] >= 0 ? table->classes[table->truth[i]] : "", 0);
    for (size_t k = 0; k < n_classes; k++) {
      hn_buffer_byte(&out, ',');
      if (hn_probability_has(table, i))
        hn_buffer_format(&out, "%.9g", (double)table->p[i * n_classes + k]);
    }
    hn_buffer_byte(&out, '\n');
  }
  HN_TRY(hn_buffer_status(&out, err));
  HN_TRY(hn_file_write(path, out.data, out.length, err));
done:
  hn_buffer_free(&out);
  return status;
}
