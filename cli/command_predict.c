/* headnod predict: what the models of a run say of a new song. */
#include "cli/command.h"

#include "experiments/predict.h"

#include <stdio.h>
#include <string.h>

static const hn_flag flags[] = {
    {"lyrics", 0, "F", "the song's lyrics, UTF-8 text"},
    {"audio", 0, "F", "the song's audio"},
    {"row", 0, "CSV", "a header and one row, for models of the manifest's columns"},
    {NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {
    "headnod predict RUN [--lyrics F] [--audio F] [--row CSV]",
    "Class probabilities as CSV: a row a model and a fusion method, each the mean of its folds.",
    "headnod predict runs/demo-20260101T120000Z --lyrics new.txt --audio new.flac",
    flags,
    1,
    1};

static void print_table(const hn_probability *table) {
  printf("model");
  for (size_t k = 0; k < table->n_classes; k++) printf(",%s", table->classes[k]);
  printf("\n");
  for (size_t i = 0; i < table->n_rows; i++) {
    printf("%s", table->ids[i]);
    for (size_t k = 0; k < table->n_classes; k++)
      printf(",%.4f", (double)table->p[i * table->n_classes + k]);
    printf("\n");
  }
}

int hn_command_predict(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  hn_probability table = {0};
  int exit_status;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    hn_new_song song = {.lyrics = hn_args_get(&args, "lyrics"),
                        .audio = hn_args_get(&args, "audio"),
                        .row = hn_args_get(&args, "row")};
    if (!song.lyrics && !song.audio && !song.row) {
      fprintf(stderr, "headnod: give --lyrics, --audio or --row; usage: %s\n", syntax.usage);
      exit_status = HN_EXIT_USAGE;
    } else {
      hn_status status = hn_predict_song(args.files[0], &song, &table, &err);
      if (status == HN_OK) print_table(&table);
      exit_status = hn_command_end(status, &err);
    }
  }
  hn_probability_free(&table);
  hn_args_free(&args);
  return exit_status;
}
