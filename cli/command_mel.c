/* headnod mel: log-mel spectrograms of audio files, as arrays or as pictures. */
#include "cli/command.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/npy.h"
#include "base/progress.h"
#include "experiments/run_folder.h"
#include "vision/mel.h"
#include "vision/picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const hn_flag flags[] = {{"output", 'o', "DIR", "folder for <stem>.npy, made when absent"},
                                {"png", 0, NULL, "write pictures (<stem>.png) instead of arrays"},
                                {NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {
    "headnod mel FILE… -o DIR [--png] [--OPTION VALUE]…",
    "Log-mel spectrograms (n_mels × frames, float32, dB) with librosa's names and defaults.",
    "headnod mel music/*.mp3 -o spectrograms --clip 30,75 --n_mels 64",
    flags,
    1,
    (size_t)-1};

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

static hn_status convert(const hn_mel *mel, const char *path, const char *folder, int as_png,
                         hn_audio_info *info, hn_error *err) {
  hn_status status = HN_OK;
  hn_matrix db = {0};
  char *stem = hn_path_stem(path), *out = NULL;
  if (!stem || !(out = hn_run_path(folder, "%s.%s", stem, as_png ? "png" : "npy")))
    HN_TRY(hn_fail_memory(err));
  HN_TRY(hn_mel_file(mel, path, &db, info, err));
  status = as_png ? hn_picture_write(out, &db, err)
                  : hn_npy_write_floats(out, db.values, 2, (size_t[]){db.n_rows, db.n_cols}, err);
done:
  hn_free(stem);
  hn_free(out);
  hn_matrix_free(&db);
  return status;
}

/* Every file is tried; messages come in the files' order. */
static hn_status convert_all(const hn_args *args, const char *folder, hn_error *err) {
  hn_status status = HN_OK;
  hn_mel *mel = NULL;
  hn_error *errors = NULL;
  hn_audio_info *infos = NULL;
  hn_progress *progress = NULL;
  size_t n_failed = 0;
  int as_png = hn_args_get(args, "png") != NULL;

  HN_TRY(hn_mel_create(args->tables[0], &mel, err));
  HN_TRY(check_stems(args, err));
  HN_TRY(hn_folder_make(folder, err));
  HN_NEW(errors, args->n_files, err);
  HN_NEW(infos, args->n_files, err);
  progress = hn_progress_create(stderr, "spectrograms", "files", args->n_files);
#pragma omp parallel for schedule(dynamic)
  for (size_t i = 0; i < args->n_files; i++) {
    convert(mel, args->files[i], folder, as_png, &infos[i], &errors[i]);
    hn_progress_advance(progress, 1);
  }
  hn_progress_destroy(progress);
  progress = NULL;
  for (size_t i = 0; i < args->n_files; i++) {
    n_failed += errors[i].code != HN_OK;
    if (errors[i].code != HN_OK)
      fprintf(stderr, "headnod: %s\n", errors[i].message);
    else if (infos[i].warning[0])
      fprintf(stderr, "headnod: %s: %s\n", args->files[i], infos[i].warning);
  }
  if (n_failed)
    status = hn_fail(err, HN_FORMAT, "%zu of %zu files failed, the others are in %s", n_failed,
                     args->n_files, folder);
done:
  hn_progress_destroy(progress);
  hn_free(errors);
  hn_free(infos);
  hn_mel_destroy(mel);
  return status;
}

int hn_command_mel(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  const char *folder;
  int exit_status;
  hn_status status = hn_options_create(hn_mel_options, &args.tables[0], &err);
  if (status != HN_OK) return hn_command_end(status, &err);
  args.n_tables = 1;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    exit_status = HN_EXIT_USAGE;
    if ((folder = hn_command_require(&args, "output")))
      exit_status = hn_command_end(convert_all(&args, folder, &err), &err);
  }
  hn_args_free(&args);
  return exit_status;
}
