/* headnod import: a collection becomes a manifest. */
#include "cli/command.h"

#include "base/progress.h"
#include "corpora/registry.h"

#include <stdio.h>

static const hn_flag flags[] = {{"output", 'o', "DIR", "folder for manifest.csv and lyrics/"},
                                {NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {"headnod import SOURCE PATH -o DIR [--OPTION VALUE]…",
                                 "Make a manifest from a collection of lyrics or audio.",
                                 "headnod import folders music/ -o corpus",
                                 flags,
                                 2,
                                 2};

static hn_status import(const hn_importer *importer, const hn_args *args, const char *folder,
                        hn_error *err) {
  hn_import_report report = {0};
  hn_progress *progress = hn_progress_create(stderr, "import", "songs", 0);
  hn_status status =
      hn_import_run(importer, args->files[1], folder, args->tables[0], progress, &report, err);
  hn_progress_destroy(progress);
  for (size_t i = 0; status == HN_OK && i < report.n_problems; i++)
    fprintf(stderr, "headnod: %s\n", report.problems[i]);
  if (status == HN_OK)
    printf("%s/manifest.csv: %zu tracks, %zu with lyrics, %zu with audio; %zu problems\n", folder,
           report.n_tracks, report.n_lyrics, report.n_audio, report.n_problems);
  if (status == HN_OK && report.n_problems)
    status = hn_fail(err, HN_FORMAT, "%zu problems, listed above; all other songs were imported",
                     report.n_problems);
  hn_import_report_free(&report);
  return status;
}

static void print_sources(FILE *stream) {
  fprintf(stream, "\nsources\n");
  for (size_t i = 0; i < hn_importer_count(); i++)
    fprintf(stream, "  %-10s %s\n", hn_importer_at(i)->name, hn_importer_at(i)->help);
}

int hn_command_import(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  const hn_importer *importer = NULL;
  const char *folder;
  int exit_status;

  if (argc > 0 && argv[0][0] != '-') {
    if (hn_importer_find(argv[0], &importer, &err) != HN_OK) {
      fprintf(stderr, "headnod: %s\n", err.message);
      return HN_EXIT_USAGE;
    }
    hn_status status = hn_options_create(importer->options, &args.tables[0], &err);
    if (status != HN_OK) return hn_command_end(status, &err);
    args.n_tables = 1;
  }
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    exit_status = HN_EXIT_USAGE;
    if (!importer) {
      fprintf(stderr, "headnod: the source comes first; usage: %s\n", syntax.usage);
      print_sources(stderr);
    } else if ((folder = hn_command_require(&args, "output"))) {
      exit_status = hn_command_end(import(importer, &args, folder, &err), &err);
    }
  } else if (args.wants_help) {
    print_sources(stdout);
  }
  hn_args_free(&args);
  return exit_status;
}
