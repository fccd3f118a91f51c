/* headnod predict: what the models of a run say of a new song. */
#include "cli/command.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "base/table.h"
#include "experiments/predict.h"

#include <stdio.h>

static const hn_flag flags[] = {
    {"lyrics", 0, "F", "the song's lyrics, UTF-8 text"},
    {"artist", 0, "NAME", "whose song it is, where the run left out guests' sections"},
    {"audio", 0, "F", "the song's audio, or its spectrogram (.npy, .png)"},
    {"row", 0, "CSV", "a header and one row, for models of the manifest's columns"},
    {NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {
    "headnod predict RUN [--lyrics F [--artist NAME]] [--audio F] [--row CSV]",
    "Class probabilities as CSV: a row a model and a fusion method, each the mean of its folds.",
    "headnod predict runs/demo-20260101T120000Z --lyrics new.txt --audio new.flac",
    flags,
    1,
    1};

/* CSV; a fusion that no model of the song takes part in has empty cells. */
static hn_status print_table(const hn_probability *table, hn_error *err) {
  hn_buffer text = {0};
  hn_csv_cell(&text, "model", 1);
  for (size_t k = 0; k < table->n_classes; k++) hn_csv_cell(&text, table->classes[k], 0);
  hn_buffer_byte(&text, '\n');
  for (size_t i = 0; i < table->n_rows; i++) {
    hn_csv_cell(&text, table->ids[i], 1);
    for (size_t k = 0; k < table->n_classes; k++) {
      hn_buffer_byte(&text, ',');
      if (hn_probability_has(table, i))
        hn_buffer_format(&text, "%.4f", (double)table->p[i * table->n_classes + k]);
    }
    hn_buffer_byte(&text, '\n');
  }
  hn_status status = hn_buffer_status(&text, err);
  if (status == HN_OK) fwrite(text.data, 1, text.length, stdout);
  hn_buffer_free(&text);
  return status;
}

int hn_command_predict(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  hn_probability table = {0};
  char *note = NULL;
  int exit_status;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    hn_new_song song = {.lyrics = hn_args_get(&args, "lyrics"),
                        .artist = hn_args_get(&args, "artist"),
                        .audio = hn_args_get(&args, "audio"),
                        .row = hn_args_get(&args, "row")};
    if (!song.lyrics && !song.audio && !song.row) {
      fprintf(stderr, "headnod: give --lyrics, --audio or --row; usage: %s\n", syntax.usage);
      exit_status = HN_EXIT_USAGE;
    } else {
      hn_status status = hn_predict_song(args.files[0], &song, &table, &note, &err);
      if (status == HN_OK) status = print_table(&table, &err);
      if (note) fprintf(stderr, "headnod: note: %s\n", note);
      exit_status = hn_command_end(status, &err);
    }
  }
  hn_free(note);
  hn_probability_free(&table);
  hn_args_free(&args);
  return exit_status;
}
