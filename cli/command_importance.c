/* headnod importance: what a saved classifier loses without each feature. */
#include "cli/command.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/progress.h"
#include "base/table.h"
#include "cli/inputs.h"
#include "learn/permutation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const hn_flag flags[] = {
    {"x", 0, "X", "features of rows that the model did not learn from: .npy or .npz"},
    {"y", 0, "Y", "their labels: .npy of integers or texts, or a manifest with --target"},
    {"target", 0, "COLUMN", "the column of the manifest that holds the labels"},
    {"vocabulary", 0, "V.txt", "names of the columns, one a line, as vectorize writes them"},
    {"groups", 0, "G.csv",
     "columns to permute together: a row each, with group and column (its "
     "name in the vocabulary, or its number from 0)"},
    {"output", 'o', "I.csv", "where the importances go (default: stdout)"},
    {NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {
    "headnod importance M --x X --y Y [--target COLUMN] [--groups G.csv] [--n_repeats 5] [-o "
    "I.csv]",
    "Permutation importance: the accuracy that is lost when a column's values are dealt anew "
    "among\n"
    "the rows, mean and standard deviation over the repeats, the largest first.",
    "headnod importance forest.safetensors --x held-out.npz --y held-out.npy --vocabulary v.txt",
    flags,
    1,
    1};

/* What stands in the first column of the output. Owns all but the names of groups. */
typedef struct {
  char *vocabulary;   /* the file, its lines ended by 0 */
  const char **names; /* (D), or NULL: numbers */
  size_t n_names;
  hn_labels labels; /* the group of each row of --groups */
  size_t *starts, *columns;
  hn_column_groups groups;
} naming;

static void free_naming(naming *n) {
  hn_free(n->vocabulary);
  hn_free(n->names);
  hn_labels_free(&n->labels);
  hn_free(n->starts);
  hn_free(n->columns);
}

static hn_status read_names(const char *path, size_t n_columns, naming *n, hn_error *err) {
  hn_status status = HN_OK;
  size_t length;
  HN_TRY(hn_file_read(path, &n->vocabulary, &length, err));
  HN_NEW(n->names, n_columns, err);
  for (char *line = n->vocabulary; line < n->vocabulary + length;) {
    char *end = strchr(line, '\n');
    if (n->n_names < n_columns) n->names[n->n_names] = line;
    n->n_names++;
    line = end ? end + 1 : n->vocabulary + length;
    if (end) *end = 0;
  }
  if (n->n_names != n_columns)
    status = hn_fail(err, HN_INVALID, "%s: %zu lines, but the model has %zu columns", path,
                     n->n_names, n_columns);
done:
  return status;
}

static hn_status find_column(const hn_table *table, size_t row, const char *text, size_t n_columns,
                             const naming *n, size_t *column_out, hn_error *err) {
  char *end = NULL;
  size_t column = n_columns;
  if (n->names)
    for (column = 0; column < n_columns && strcmp(n->names[column], text) != 0;) column++;
  else if (text[0] >= '0' && text[0] <= '9')
    column = strtoull(text, &end, 10);
  if (column >= n_columns || (end && *end))
    return hn_fail(err, HN_INVALID, "%s:%zu: column \"%s\" is %s", hn_table_path(table),
                   hn_table_line(table, row), text,
                   n->names ? "not in the vocabulary"
                            : "not the number of a column (from 0; names need --vocabulary)");
  *column_out = column;
  return HN_OK;
}

static hn_status encode_groups(const hn_table *table, naming *n, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_rows = hn_table_n_rows(table), column = hn_table_find(table, "group");
  const char **texts = NULL;
  HN_NEW(texts, n_rows, err);
  for (size_t i = 0; i < n_rows; i++) texts[i] = hn_table_cell(table, i, column);
  HN_TRY(hn_labels_encode(texts, n_rows, &n->labels, err));
done:
  hn_free(texts);
  return status;
}

static hn_status read_groups(const char *path, size_t n_columns, naming *n, hn_error *err) {
  hn_status status = HN_OK;
  hn_table *table = NULL;
  HN_TRY(hn_table_read(path, 1, &table, err));
  size_t column = hn_table_find(table, "column"), n_rows = hn_table_n_rows(table), at = 0;
  if (column == (size_t)-1 || hn_table_find(table, "group") == (size_t)-1)
    HN_TRY(hn_fail(err, HN_INVALID, "%s: the header must name the columns group and column", path));
  HN_TRY(encode_groups(table, n, err));
  HN_NEW(n->starts, n->labels.n_classes + 1, err);
  HN_NEW(n->columns, n_rows, err);
  for (size_t g = 0; g < n->labels.n_classes; g++) {
    for (size_t i = 0; i < n_rows; i++)
      if ((size_t)n->labels.values[i] == g)
        HN_TRY(find_column(table, i, hn_table_cell(table, i, column), n_columns, n,
                           &n->columns[at++], err));
    n->starts[g + 1] = at;
  }
  n->groups = (hn_column_groups){n->labels.n_classes, n->starts, n->columns};
done:
  hn_table_destroy(table);
  return status;
}

/* Labels as classes of the model; one that it does not have becomes HN_LABEL_MISSING. */
static hn_status read_labels(const char *path, const char *target, const hn_model *model,
                             size_t n_rows, hn_labels *y, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_classes = hn_model_n_classes(model);
  HN_TRY(hn_input_labels(path, target, y, err));
  if (y->n != n_rows)
    HN_TRY(hn_fail(err, HN_INVALID, "%s: %zu values for %zu rows of features", path, y->n, n_rows));
  for (size_t i = 0; i < y->n; i++) {
    if (y->values[i] == HN_LABEL_MISSING)
      HN_TRY(hn_fail(err, HN_INVALID, "%s: the label of row %zu is missing; leave such rows out",
                     path, i));
    y->values[i] =
        hn_labels_find((char *const *)hn_model_classes(model), n_classes, y->classes[y->values[i]]);
  }
done:
  return status;
}

typedef struct {
  size_t group;
  double mean;
} ranked;

static int by_mean(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->mean != y->mean) return x->mean > y->mean ? -1 : 1;
  return x->group < y->group ? -1 : x->group > y->group;
}

static hn_status write_csv(const naming *n, const hn_permutation *importances, const char *path,
                           hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer out = {0};
  ranked *order = NULL;
  HN_NEW(order, importances->n_groups, err);
  for (size_t g = 0; g < importances->n_groups; g++) order[g] = (ranked){g, importances->mean[g]};
  if (importances->n_groups) qsort(order, importances->n_groups, sizeof *order, by_mean);
  hn_buffer_format(&out, "%s,importance,deviation\n", n->starts ? "group" : "column");
  for (size_t i = 0; i < importances->n_groups; i++) {
    size_t g = order[i].group;
    if (n->starts)
      hn_csv_cell(&out, n->labels.classes[g], 1);
    else if (n->names)
      hn_csv_cell(&out, n->names[g], 1);
    else
      hn_buffer_format(&out, "%zu", g);
    hn_buffer_format(&out, ",%.6g,%.6g\n", importances->mean[g], importances->deviation[g]);
  }
  HN_TRY(hn_buffer_status(&out, err));
  if (path)
    status = hn_file_write(path, out.data, out.length, err);
  else
    fwrite(out.data, 1, out.length, stdout);
done:
  hn_buffer_free(&out);
  hn_free(order);
  return status;
}

static hn_status measure(const hn_args *args, const char *x_path, const char *y_path,
                         hn_error *err) {
  hn_status status = HN_OK;
  hn_model *model = NULL;
  hn_features x = {0};
  hn_labels y = {0};
  naming names = {0};
  hn_permutation importances = {0};
  const char *vocabulary = hn_args_get(args, "vocabulary"), *groups = hn_args_get(args, "groups");

  HN_TRY(hn_model_load(args->files[0], &model, NULL, err));
  HN_TRY(hn_input_features(x_path, &x, err));
  HN_TRY(read_labels(y_path, hn_args_get(args, "target"), model, hn_features_n_rows(&x), &y, err));
  if (vocabulary) HN_TRY(read_names(vocabulary, hn_model_n_columns(model), &names, err));
  if (groups) HN_TRY(read_groups(groups, hn_model_n_columns(model), &names, err));
  size_t n_repeats = (size_t)hn_options_int(args->tables[0], "n_repeats");
  size_t n_groups = groups ? names.groups.n : hn_model_n_columns(model);
  hn_progress *progress =
      hn_progress_create(stderr, "importance", "permutations", n_groups * n_repeats);
  hn_permutation_input input = {.x = &x,
                                .y = y.values,
                                .groups = groups ? &names.groups : NULL,
                                .n_repeats = n_repeats,
                                .seed = args->seed,
                                .progress = progress};
  status = hn_permutation_importances(model, &input, &importances, err);
  hn_progress_destroy(progress);
  if (status != HN_OK) HN_TRY(hn_fail_prefix(err, status, "%s", x_path));
  fprintf(stderr, "accuracy on the %zu rows as they are: %.1f %%\n", y.n,
          100 * importances.accuracy);
  status = write_csv(&names, &importances, hn_args_get(args, "output"), err);
done:
  hn_permutation_free(&importances);
  free_naming(&names);
  hn_labels_free(&y);
  hn_features_free(&x);
  hn_model_destroy(model);
  return status;
}

int hn_command_importance(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  const char *x, *y;
  int exit_status;
  hn_status status = hn_options_create(hn_permutation_options, &args.tables[0], &err);
  if (status != HN_OK) return hn_command_end(status, &err);
  args.n_tables = 1;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    exit_status = HN_EXIT_USAGE;
    if ((x = hn_command_require(&args, "x")) && (y = hn_command_require(&args, "y")))
      exit_status = hn_command_end(measure(&args, x, y, &err), &err);
  }
  hn_args_free(&args);
  return exit_status;
}
