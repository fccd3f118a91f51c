#include "cli/features.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/npy.h"
#include "base/progress.h"
#include "base/table.h"
#include "experiments/run_folder.h"
#include "vision/columns.h"
#include "vision/picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const hn_flag hn_features_flags[] = {
    {"output", 'o', "DIR", "folder for <stem>.npy, made when absent"},
    {"png", 0, NULL, "write pictures (<stem>.png) instead of arrays"},
    {"summary", 0, "F.csv", "one line a file: mean and standard deviation of each row over time"},
    {NULL, 0, NULL, NULL}};

/* One feature of all files, on its way. */
typedef struct {
  const hn_args *args;
  hn_descriptor *descriptor;
  size_t n_rows;
  const char *folder; /* or NULL: no arrays, no pictures */
  float *statistics;  /* (n_files, 2 n_rows), see hn_rows_summarize; NULL: not wanted */
  hn_audio_info *infos;
  hn_error *errors;
} batch;

typedef struct {
  char *stem;
  const char *path;
} named_file;

static int compare_stems(const void *a, const void *b) {
  return strcmp(((const named_file *)a)->stem, ((const named_file *)b)->stem);
}

/* Two files of one stem would overwrite each other's result. */
static hn_status check_stems(const hn_args *args, hn_error *err) {
  hn_status status = HN_OK;
  named_file *files = NULL;
  HN_NEW(files, args->n_files, err);
  for (size_t i = 0; i < args->n_files; i++) {
    files[i].path = args->files[i];
    if (!(files[i].stem = hn_path_stem(args->files[i]))) HN_TRY(hn_fail_memory(err));
  }
  qsort(files, args->n_files, sizeof *files, compare_stems);
  for (size_t i = 1; i < args->n_files; i++)
    if (strcmp(files[i].stem, files[i - 1].stem) == 0)
      HN_TRY(hn_fail(err, HN_INVALID,
                     "%s and %s would both be written as \"%s\"; rename one or run them apart",
                     files[i - 1].path, files[i].path, files[i].stem));
done:
  for (size_t i = 0; files && i < args->n_files; i++) hn_free(files[i].stem);
  hn_free(files);
  return status;
}

static hn_status write_values(const batch *b, const char *path, const hn_matrix *m, hn_error *err) {
  hn_status status = HN_OK;
  int as_png = hn_args_get(b->args, "png") != NULL;
  char *stem = hn_path_stem(path), *out = NULL;
  if (!stem || !(out = hn_run_path(b->folder, "%s.%s", stem, as_png ? "png" : "npy")))
    HN_TRY(hn_fail_memory(err));
  status = !as_png ? hn_npy_write_floats(out, m->values, 2, (size_t[]){m->n_rows, m->n_cols}, err)
           : m->n_rows == 1 ? hn_picture_write_curve(out, m->values, m->n_cols, err)
                            : hn_picture_write(out, m, err);
done:
  hn_free(stem);
  hn_free(out);
  return status;
}

static void convert(const batch *b, size_t i) {
  hn_matrix values;
  const char *path = b->args->files[i];
  hn_error *err = &b->errors[i];
  if (hn_descriptor_file(b->descriptor, path, &values, &b->infos[i], err) != HN_OK) return;
  if (b->statistics) hn_rows_summarize(&values, b->statistics + 2 * i * b->n_rows);
  if (b->folder) write_values(b, path, &values, err);
  hn_matrix_free(&values);
}

/* A table of the files that did not fail: file, mfcc_0_mean, mfcc_1_mean … mfcc_0_std … */
static hn_status write_summary(const batch *b, const hn_descriptor_kind *kind, const char *path,
                               hn_error *err) {
  hn_buffer csv = {0};
  char name[64];
  hn_csv_cell(&csv, "file", 1);
  for (size_t k = 0; k < 2 * b->n_rows; k++) {
    hn_descriptor_statistic(kind, b->n_rows, k, name);
    hn_csv_cell(&csv, name, 0);
  }
  hn_buffer_byte(&csv, '\n');
  for (size_t i = 0; i < b->args->n_files; i++) {
    if (b->errors[i].code != HN_OK) continue;
    hn_csv_cell(&csv, b->args->files[i], 1);
    for (size_t k = 0; k < 2 * b->n_rows; k++)
      hn_buffer_format(&csv, ",%.7g", (double)b->statistics[2 * i * b->n_rows + k]);
    hn_buffer_byte(&csv, '\n');
  }
  hn_status status = hn_buffer_status(&csv, err);
  if (status == HN_OK) status = hn_file_write(path, csv.data, csv.length, err);
  hn_buffer_free(&csv);
  return status;
}

/* Messages in the files' order; how many failed. */
static size_t report(const batch *b) {
  size_t n_failed = 0;
  for (size_t i = 0; i < b->args->n_files; i++) {
    n_failed += b->errors[i].code != HN_OK;
    if (b->errors[i].code != HN_OK)
      fprintf(stderr, "headnod: %s\n", b->errors[i].message);
    else if (b->infos[i].warning[0])
      fprintf(stderr, "headnod: %s: %s\n", b->args->files[i], b->infos[i].warning);
  }
  return n_failed;
}

hn_status hn_features_write(const hn_descriptor_kind *kind, const hn_args *args, hn_error *err) {
  hn_status status = HN_OK;
  hn_progress *progress = NULL;
  const char *summary = hn_args_get(args, "summary");
  batch b = {.args = args, .folder = hn_args_get(args, "output")};

  HN_TRY(hn_descriptor_create(kind, args->tables[0], &b.descriptor, err));
  b.n_rows = hn_descriptor_n_rows(b.descriptor);
  if (b.folder) HN_TRY(check_stems(args, err));
  if (b.folder) HN_TRY(hn_folder_make(b.folder, err));
  if (summary) HN_NEW(b.statistics, args->n_files * b.n_rows * 2, err);
  HN_NEW(b.errors, args->n_files, err);
  HN_NEW(b.infos, args->n_files, err);
  progress = hn_progress_create(stderr, hn_descriptor_name(kind), "files", args->n_files);
#pragma omp parallel for schedule(dynamic)
  for (size_t i = 0; i < args->n_files; i++) {
    convert(&b, i);
    hn_progress_advance(progress, 1);
  }
  hn_progress_destroy(progress);
  progress = NULL;
  if (summary) HN_TRY(write_summary(&b, kind, summary, err));
  size_t n_failed = report(&b);
  if (n_failed)
    status = hn_fail(err, HN_FORMAT, "%zu of %zu files failed, the others are in %s", n_failed,
                     args->n_files, b.folder ? b.folder : summary);
done:
  hn_progress_destroy(progress);
  hn_free(b.errors);
  hn_free(b.infos);
  hn_free(b.statistics);
  hn_descriptor_destroy(b.descriptor);
  return status;
}

int hn_features_check(const hn_args *args) {
  if (hn_args_get(args, "output") || hn_args_get(args, "summary")) return 1;
  fprintf(stderr, "headnod: --output is missing; usage: %s\n", args->syntax->usage);
  return 0;
}
