/* headnod audit: what is wrong with a corpus, before any training. */
#include "cli/command.h"

#include "base/file.h"
#include "experiments/audit.h"

#include <stdio.h>

static const hn_flag flags[] = {
    {"target", 0, "COLUMN", "the column of classes that the recordings must not tell"},
    {"output", 'o', "F.csv", "write a row for each track, too"},
    {NULL, 0, NULL, NULL}};
static const hn_option_spec options[] = {
    {"clip", HN_OPTION_REALS, "30,75", 0, 1e6, 0, NULL, "seconds that a study takes of a song"},
    {0}};
static const hn_syntax syntax = {
    "headnod audit MANIFEST [--target COLUMN] [--clip 30,75] [-o F.csv]",
    "Decode every song of a corpus; list what cannot be read, is cut, short, silent, clipped or\n"
    "there twice, and what of the recordings (rate, bandwidth, level …) tells the class.",
    "headnod audit corpus/manifest.csv --target region -o audit.csv",
    flags,
    1,
    1};

static hn_status write_results(const hn_audit *audit, const char *path, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer text = {0}, csv = {0};
  HN_TRY(hn_audit_text(audit, &text, err));
  if (path) {
    HN_TRY(hn_audit_csv(audit, &csv, err));
    HN_TRY(hn_file_write(path, csv.data, csv.length, err));
  }
  fwrite(text.data, 1, text.length, stdout);
  if (audit->n_failed)
    status = hn_fail(err, HN_FORMAT, "%zu files or cells of %s cannot be read", audit->n_failed,
                     hn_manifest_path(audit->manifest));
done:
  hn_buffer_free(&text);
  hn_buffer_free(&csv);
  return status;
}

static hn_status audit_corpus(const hn_args *args, hn_error *err) {
  hn_status status = HN_OK;
  hn_manifest *manifest = NULL;
  hn_progress *progress = NULL;
  hn_audit_options wanted = {.target = hn_args_get(args, "target")};
  hn_audit audit = {0};
  int has_clip;
  HN_TRY(hn_clip_of_options(args->tables[0], &wanted.clip, &has_clip, err));
  HN_TRY(
      hn_manifest_read(args->files[0], &(hn_manifest_options){.skip_errors = 1}, &manifest, err));
  progress = hn_progress_create(stderr, "audit", "songs", hn_manifest_n_tracks(manifest));
  HN_TRY(hn_audit_run(manifest, &wanted, progress, &audit, err));
  hn_progress_destroy(progress);
  progress = NULL;
  status = write_results(&audit, hn_args_get(args, "output"), err);
done:
  hn_progress_destroy(progress);
  hn_audit_free(&audit);
  hn_manifest_destroy(manifest);
  return status;
}

int hn_command_audit(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  int exit_status;
  hn_status status = hn_options_create(options, &args.tables[0], &err);
  if (status != HN_OK) return hn_command_end(status, &err);
  args.n_tables = 1;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status))
    exit_status = hn_command_end(audit_corpus(&args, &err), &err);
  hn_args_free(&args);
  return exit_status;
}
