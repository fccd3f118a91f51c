#include "experiments/summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double number_of(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static const char *text_of(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text ? text : "";
}

static size_t n_characters(const char *text) {
  size_t n = 0;
  for (; *text; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
  return n;
}

/* Text and blanks up to `width` characters, on the left or on the right. */
static void cell(hn_buffer *out, const char *text, size_t width, int is_left) {
  size_t n = n_characters(text);
  if (is_left) hn_buffer_text(out, text);
  for (; n < width; n++) hn_buffer_byte(out, ' ');
  if (!is_left) hn_buffer_text(out, text);
}

static void percent(double value, char text[16]) {
  snprintf(text, 16, isnan(value) ? "-" : "%.1f %%", 100 * value);
}

static void fixed(double value, char text[16]) {
  snprintf(text, 16, isnan(value) ? "-" : "%.3f", value);
}

/* digits behind the point; "*" where tracks were resampled instead of artists. */
static void interval(const json_t *object, int digits, char text[32]) {
  double low = number_of(object, "low"), high = number_of(object, "high");
  const char *mark = json_is_true(json_object_get(object, "tracks_resampled")) ? "*" : "";
  if (isnan(low) || isnan(high))
    snprintf(text, 32, "-");
  else
    snprintf(text, 32, "%.*f - %.*f%s%s", digits, 100 * low, digits, 100 * high, digits ? " %" : "",
             mark);
}

static void write_notes(const json_t *object, hn_buffer *out) {
  size_t i;
  json_t *note;
  json_array_foreach(json_object_get(object, "notes"), i, note)
      hn_buffer_format(out, "note: %s\n", json_string_value(note));
}

static size_t widest(const json_t *list, const char *key, size_t at_least) {
  size_t i, n = at_least;
  json_t *item;
  json_array_foreach(list, i, item) {
    size_t length = n_characters(text_of(item, key));
    if (length > n) n = length;
  }
  return n;
}

static void write_models(const json_t *models, hn_buffer *out) {
  size_t i, width = widest(models, "name", 6);
  json_t *model;
  int ceilings = 0;
  json_array_foreach(models, i, model) ceilings |= !isnan(number_of(model, "ceiling"));

  hn_buffer_byte(out, '\n');
  cell(out, "model", width, 1);
  hn_buffer_text(out, "  songs  accuracy     95 % interval  training  macro-F1  log loss");
  hn_buffer_text(out, ceilings ? "  best possible\n" : "\n");
  json_array_foreach(models, i, model) {
    char accuracy[16], range[32], training[16], f1[16], loss[16], ceiling[16];
    percent(number_of(model, "accuracy"), accuracy);
    interval(model, 1, range);
    percent(number_of(model, "training_accuracy"), training);
    fixed(number_of(model, "macro_f1"), f1);
    fixed(number_of(model, "log_loss"), loss);
    percent(number_of(model, "ceiling"), ceiling);
    cell(out, text_of(model, "name"), width, 1);
    hn_buffer_format(out, "  %5.0f  %8s  %16s  %8s  %8s  %8s", number_of(model, "n"), accuracy,
                     range, training, f1, loss);
    if (ceilings) hn_buffer_format(out, "  %13s", ceiling);
    hn_buffer_text(out,
                   json_is_true(json_object_get(model, "headline")) ? "  <- headline\n" : "\n");
  }
}

static void write_comparisons(const json_t *comparisons, hn_buffer *out) {
  size_t i;
  json_t *c;
  if (!json_array_size(comparisons)) return;
  hn_buffer_text(out, "\ndifferences in accuracy (paired bootstrap; McNemar's p after Holm)\n");
  json_array_foreach(comparisons, i, c) {
    hn_buffer_format(out, "  %s - %s: ", text_of(c, "a"), text_of(c, "b"));
    if (isnan(number_of(c, "difference")))
      hn_buffer_text(out, "no song that both saw\n");
    else
      hn_buffer_format(out, "%+.1f points (%+.1f to %+.1f%s), p = %.4f; McNemar %.4f\n",
                       100 * number_of(c, "difference"), 100 * number_of(c, "low"),
                       100 * number_of(c, "high"),
                       json_is_true(json_object_get(c, "tracks_resampled")) ? "*" : "",
                       number_of(c, "p_bootstrap"), number_of(c, "p_holm"));
  }
}

static void write_guests(const json_t *guests, hn_buffer *out) {
  const json_t *rows = json_object_get(guests, "rows");
  size_t i, models = widest(rows, "model", 5), policies = widest(rows, "policy", 6);
  json_t *row;
  if (!guests) return;
  hn_buffer_format(out,
                   "\nother policies for guests, against %s (the same songs and folds; paired "
                   "bootstrap)\n",
                   text_of(guests, "baseline"));
  json_array_foreach(rows, i, row) {
    cell(out, text_of(row, "model"), models + 2, 1);
    cell(out, text_of(row, "policy"), policies + 2, 1);
    cell(out, text_of(row, "songs"), 14, 1);
    hn_buffer_format(out,
                     "%6.0f  %5.1f %% -> %5.1f %%  %+5.1f points (%+.1f to %+.1f%s), p = %.4f\n",
                     number_of(row, "n"), 100 * number_of(row, "baseline_accuracy"),
                     100 * number_of(row, "accuracy"), 100 * number_of(row, "difference"),
                     100 * number_of(row, "low"), 100 * number_of(row, "high"),
                     json_is_true(json_object_get(row, "tracks_resampled")) ? "*" : "",
                     number_of(row, "p_bootstrap"));
  }
  write_notes(guests, out);
}

/* Columns of a slice's table are as wide as their model's name, or an interval. */
static void model_cell(hn_buffer *out, const json_t *model, const char *text) {
  enum { NARROWEST = 9 };
  size_t width = n_characters(text_of(model, "name"));
  hn_buffer_text(out, "  ");
  cell(out, text, width < NARROWEST ? NARROWEST : width, 0);
}

/* Two lines: what each model got right, and the intervals of that. */
static void write_slice_value(const json_t *value, const char *figure, size_t width,
                              hn_buffer *out) {
  const json_t *models = json_object_get(value, "models");
  size_t m;
  json_t *model;
  cell(out, text_of(value, "value"), width, 1);
  hn_buffer_format(out, "  %5.0f", number_of(value, "n"));
  json_array_foreach(models, m, model) {
    char text[16];
    percent(number_of(model, figure), text);
    model_cell(out, model, text);
  }
  hn_buffer_byte(out, '\n');
  cell(out, "", width + 7, 1);
  json_array_foreach(models, m, model) {
    char text[32];
    interval(model, 0, text);
    model_cell(out, model, text);
  }
  hn_buffer_byte(out, '\n');
}

static void write_slice(const json_t *slice, const json_t *models, hn_buffer *out) {
  const json_t *values = json_object_get(slice, "values");
  int over_target = json_is_true(json_object_get(slice, "one_against_rest"));
  size_t i, m, width = widest(values, "value", n_characters(text_of(slice, "slice")) + 3);
  json_t *value, *model;

  hn_buffer_format(out, "\nby %s: %s\n", text_of(slice, "slice"),
                   over_target
                       ? "recall, the share of the class's own songs that is found (not how "
                         "often the model is right when it says so)"
                       : "accuracy");
  cell(out, "", width, 1);
  hn_buffer_text(out, "  songs");
  json_array_foreach(models, m, model) model_cell(out, model, text_of(model, "name"));
  hn_buffer_byte(out, '\n');
  json_array_foreach(values, i, value)
      write_slice_value(value, over_target ? "recall" : "accuracy", width, out);
  write_notes(slice, out);
}

static void write_clusters(const json_t *clusters, hn_buffer *out) {
  size_t i, a;
  json_t *c, *agreement;
  if (!json_array_size(clusters)) return;
  hn_buffer_text(out, "\nclusters (k-means)  compared with       ARI     NMI  V-measure\n");
  json_array_foreach(clusters, i, c)
      json_array_foreach(json_object_get(c, "agreement"), a, agreement) {
    cell(out, a == 0 ? text_of(c, "of") : "", 20, 1);
    cell(out, text_of(agreement, "column"), 13, 1);
    hn_buffer_format(out, "  %8.3f%8.3f%11.3f\n", number_of(agreement, "ari"),
                     number_of(agreement, "nmi"), number_of(agreement, "v_measure"));
  }
}

static void write_head(const json_t *metrics, hn_buffer *out) {
  const json_t *corpus = json_object_get(metrics, "corpus");
  double n_tracks = number_of(corpus, "tracks"), n_left_out = number_of(corpus, "left_out");
  const char *model;
  json_t *audio;
  hn_buffer_format(out, "%s: %s%s, %.0f labelled songs", text_of(metrics, "study"),
                   json_is_true(json_object_get(metrics, "simulated")) ? "simulated songs, " : "",
                   text_of(metrics, "target"), number_of(corpus, "labelled"));
  if (10 * n_left_out > n_tracks)
    hn_buffer_format(out, "; %.0f of %.0f tracks (%.0f %%) take no part", n_left_out, n_tracks,
                     100 * n_left_out / n_tracks);
  hn_buffer_byte(out, '\n');
  write_notes(metrics, out);
  write_notes(corpus, out);
  write_notes(json_object_get(metrics, "split"), out);
  write_notes(json_object_get(metrics, "lyrics"), out);
  json_object_foreach(json_object_get(metrics, "audio"), model, audio) write_notes(audio, out);
}

/* Does any interval of these lists bear the mark? */
static int has_mark(const json_t *list) {
  size_t i;
  json_t *item;
  json_array_foreach(list, i, item) {
    if (json_is_true(json_object_get(item, "tracks_resampled"))) return 1;
    if (has_mark(json_object_get(item, "values")) || has_mark(json_object_get(item, "models")))
      return 1;
  }
  return 0;
}

hn_status hn_summary_text(const json_t *metrics, hn_buffer *out, hn_error *err) {
  const json_t *models = json_object_get(metrics, "models");
  const json_t *slices = json_object_get(metrics, "slices");
  const json_t *comparisons = json_object_get(metrics, "comparisons");
  size_t i;
  json_t *slice;
  write_head(metrics, out);
  write_models(models, out);
  json_array_foreach(slices, i, slice) write_slice(slice, models, out);
  write_comparisons(comparisons, out);
  write_guests(json_object_get(metrics, "guests"), out);
  write_clusters(json_object_get(metrics, "clusters"), out);
  if (has_mark(models) || has_mark(slices) || has_mark(comparisons) ||
      has_mark(json_object_get(json_object_get(metrics, "guests"), "rows")))
    hn_buffer_text(out,
                   "\n* tracks were resampled instead of artists: there are fewer than ten, or "
                   "one holds a third of the tracks\n");
  return hn_buffer_status(out, err);
}
