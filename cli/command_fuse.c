/* headnod fuse: several probability tables become one. */
#include "cli/command.h"

#include "base/memory.h"
#include "base/probability.h"
#include "fusion/registry.h"

#include <stdio.h>
#include <string.h>

static const hn_flag flags[] = {
    {"method", 0, "M", "mean, weighted, product or stacking"},
    {"fit-on", 0, "V1.csv,V2.csv", "tables to learn from, one for each P in the same order"},
    {"output", 'o', "F.csv", "where the fused table goes"},
    {NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {
    "headnod fuse P1.csv P2.csv … --method M [--fit-on V1.csv,V2.csv] -o F.csv",
    "Fuse probability tables track by track; a track is fused by the models that have it.",
    "headnod fuse lyrics.csv audio.csv --method mean -o fused.csv",
    flags,
    2,
    64};

/* Tables by their paths, which are also the models' names. Owns tables and pointers. */
typedef struct {
  hn_probability *tables;
  const hn_probability **pointers;
  size_t n;
} table_list;

static void free_list(table_list *list) {
  for (size_t i = 0; i < list->n; i++) hn_probability_free(&list->tables[i]);
  hn_free(list->tables);
  hn_free(list->pointers);
}

static hn_status read_list(const char *const *paths, size_t n, table_list *list, hn_error *err) {
  hn_status status = HN_OK;
  HN_NEW(list->tables, n, err);
  HN_NEW(list->pointers, n, err);
  for (; list->n < n; list->n++) {
    HN_TRY(hn_probability_read(paths[list->n], &list->tables[list->n], err));
    list->pointers[list->n] = &list->tables[list->n];
  }
done:
  return status;
}

/* The comma-separated tables of --fit-on, as many as there are to fuse. */
static hn_status read_fit_on(const char *text, size_t n, table_list *list, hn_error *err) {
  hn_status status = HN_OK;
  const char **paths = NULL;
  char *copy = NULL, *rest;
  size_t n_paths = 0;
  HN_DUP(copy, text, err);
  HN_NEW(paths, n, err);
  rest = copy;
  for (char *path; (path = strsep(&rest, ","));) {
    if (n_paths < n) paths[n_paths] = path;
    n_paths++;
  }
  if (n_paths != n)
    HN_TRY(
        hn_fail(err, HN_INVALID, "--fit-on names %zu tables, but %zu are to be fused", n_paths, n));
  status = read_list(paths, n, list, err);
done:
  hn_free(paths);
  hn_free(copy);
  return status;
}

static hn_status fuse(const hn_args *args, const hn_fusion_kind *kind, const char *output,
                      hn_error *err) {
  hn_status status = HN_OK;
  table_list applied = {0}, learned = {0};
  hn_fusion *fusion = NULL;
  hn_probability fused = {0};
  const char *fit_on = hn_args_get(args, "fit-on");

  if (kind->fit && !fit_on)
    HN_TRY(hn_fail(err, HN_INVALID,
                   "--method %s learns its weights: give --fit-on with tables of tracks that no "
                   "base model was trained on",
                   kind->name));
  HN_TRY(read_list(args->files, args->n_files, &applied, err));
  if (fit_on) HN_TRY(read_fit_on(fit_on, args->n_files, &learned, err));
  status = hn_fusion_fit(kind, args->tables[0], args->files,
                         fit_on ? learned.pointers : applied.pointers, args->n_files, &fusion, err);
  if (status != HN_OK && fit_on) hn_fail_prefix(err, status, "--fit-on %s", fit_on);
  if (status != HN_OK) goto done;
  HN_TRY(hn_fusion_apply(fusion, args->files, applied.pointers, applied.n, &fused, err));
  status = hn_probability_write(output, &fused, err);
done:
  hn_probability_free(&fused);
  hn_fusion_destroy(fusion);
  free_list(&learned);
  free_list(&applied);
  return status;
}

/* The value of --method, before the other options are known. */
static const char *find_method(int argc, char **argv) {
  const char *method = NULL;
  for (int i = 0; i < argc; i++) {
    if (strcmp(argv[i], "--method") == 0 && i + 1 < argc) method = argv[i + 1];
    if (strncmp(argv[i], "--method=", 9) == 0) method = argv[i] + 9;
  }
  return method;
}

int hn_command_fuse(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  const hn_fusion_kind *kind = NULL;
  const char *method = find_method(argc, argv), *output;
  int exit_status;
  if (method) {
    if (hn_fusion_find(method, &kind, &err) != HN_OK) {
      fprintf(stderr, "headnod: %s\n", err.message);
      return HN_EXIT_USAGE;
    }
    hn_status status = hn_options_create(kind->options, &args.tables[0], &err);
    if (status != HN_OK) return hn_command_end(status, &err);
    args.n_tables = 1;
  }
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    exit_status = HN_EXIT_USAGE;
    if (hn_command_require(&args, "method") && (output = hn_command_require(&args, "output")))
      exit_status = hn_command_end(fuse(&args, kind, output, &err), &err);
  }
  hn_args_free(&args);
  return exit_status;
}
