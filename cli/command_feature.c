/* headnod feature: any feature over time of audio files, as arrays, pictures or statistics. */
#include "cli/command.h"
#include "cli/features.h"

#include <stdio.h>

static const hn_syntax syntax = {
    "headnod feature KIND FILE… [-o DIR] [--png] [--summary F.csv] [--OPTION VALUE]…",
    "A feature over time (rows × frames, float32) with librosa's names and defaults.",
    "headnod feature mfcc music/*.mp3 -o mfcc --summary mfcc.csv --n_mfcc 13",
    hn_features_flags,
    1,
    (size_t)-1};

static void print_kinds(FILE *stream) {
  const hn_descriptor_kind *kind;
  fprintf(stream, "\nkinds (headnod feature KIND --help shows the options of one)\n");
  for (size_t i = 0; (kind = hn_descriptor_kinds(i)); i++)
    fprintf(stream, "  %-18s %s\n", hn_descriptor_name(kind), hn_descriptor_summary(kind));
}

int hn_command_feature(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  const hn_descriptor_kind *kind = NULL;
  int exit_status;

  /* The kind decides which options there are, so it comes first. */
  if (argc > 0 && argv[0][0] != '-') {
    kind = hn_descriptor_find(argv[0]);
    if (!kind) {
      fprintf(stderr, "headnod: \"%s\" is not a kind of feature\n", argv[0]);
      print_kinds(stderr);
      return HN_EXIT_USAGE;
    }
    hn_status status = hn_options_create(hn_descriptor_options(kind), &args.tables[0], &err);
    if (status != HN_OK) return hn_command_end(status, &err);
    args.n_tables = 1;
    argc--;
    argv++;
  }
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    exit_status = HN_EXIT_USAGE;
    if (!kind)
      fprintf(stderr, "headnod: the kind of feature comes first; usage: %s\n", syntax.usage);
    else if (hn_features_check(&args))
      exit_status = hn_command_end(hn_features_write(kind, &args, &err), &err);
  } else if (args.wants_help && !kind) {
    print_kinds(stdout);
  }
  hn_args_free(&args);
  return exit_status;
}
