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

static void interval(const json_t *object, char text[24]) {
  double low = number_of(object, "low"), high = number_of(object, "high");
  if (isnan(low) || isnan(high))
    snprintf(text, 24, "-");
  else
    snprintf(text, 24, "%.1f - %.1f %%", 100 * low, 100 * high);
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
  hn_buffer_text(out, "  songs  accuracy    95 % interval  training  macro-F1  log loss");
  hn_buffer_text(out, ceilings ? "  best possible\n" : "\n");
  json_array_foreach(models, i, model) {
    char accuracy[16], range[24], training[16], f1[16], loss[16], ceiling[16];
    percent(number_of(model, "accuracy"), accuracy);
    interval(model, range);
    percent(number_of(model, "training_accuracy"), training);
    fixed(number_of(model, "macro_f1"), f1);
    fixed(number_of(model, "log_loss"), loss);
    percent(number_of(model, "ceiling"), ceiling);
    cell(out, text_of(model, "name"), width, 1);
    hn_buffer_format(out, "  %5.0f  %8s  %15s  %8s  %8s  %8s", number_of(model, "n"), accuracy,
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
  json_array_foreach(comparisons, i, c) hn_buffer_format(
      out, "  %s - %s: %+.1f points (%+.1f to %+.1f), p = %.4f; McNemar %.4f\n", text_of(c, "a"),
      text_of(c, "b"), 100 * number_of(c, "difference"), 100 * number_of(c, "low"),
      100 * number_of(c, "high"), number_of(c, "p_bootstrap"), number_of(c, "p_holm"));
}

static void write_slice(const json_t *slice, const json_t *models, hn_buffer *out) {
  const json_t *values = json_object_get(slice, "values");
  size_t i, m, width = widest(values, "value", n_characters(text_of(slice, "slice")) + 3);
  json_t *value, *model;
  char heading[128];

  snprintf(heading, sizeof heading, "by %s", text_of(slice, "slice"));
  hn_buffer_byte(out, '\n');
  cell(out, heading, width, 1);
  hn_buffer_text(out, "  songs");
  json_array_foreach(models, m, model) {
    hn_buffer_text(out, "  ");
    cell(out, text_of(model, "name"), 8, 0);
  }
  hn_buffer_byte(out, '\n');
  json_array_foreach(values, i, value) {
    cell(out, text_of(value, "value"), width, 1);
    hn_buffer_format(out, "  %5.0f", number_of(value, "n"));
    json_array_foreach(json_object_get(value, "models"), m, model) {
      char accuracy[16];
      size_t column = n_characters(text_of(model, "name"));
      percent(number_of(model, "accuracy"), accuracy);
      hn_buffer_text(out, "  ");
      cell(out, accuracy, column < 8 ? 8 : column, 0);
    }
    hn_buffer_byte(out, '\n');
  }
  if (json_is_true(json_object_get(slice, "one_against_rest")))
    hn_buffer_text(out, "(each class against all others)\n");
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

hn_status hn_summary_text(const json_t *metrics, hn_buffer *out, hn_error *err) {
  const json_t *models = json_object_get(metrics, "models");
  size_t i;
  json_t *slice;
  hn_buffer_format(out, "%s: %s%s, %.0f labelled songs\n", text_of(metrics, "study"),
                   json_is_true(json_object_get(metrics, "simulated")) ? "simulated songs, " : "",
                   text_of(metrics, "target"),
                   number_of(json_object_get(metrics, "corpus"), "labelled"));
  write_notes(metrics, out);
  write_notes(json_object_get(metrics, "corpus"), out);
  write_notes(json_object_get(metrics, "split"), out);
  write_models(models, out);
  write_comparisons(json_object_get(metrics, "comparisons"), out);
  json_array_foreach(json_object_get(metrics, "slices"), i, slice) write_slice(slice, models, out);
  write_clusters(json_object_get(metrics, "clusters"), out);
  return hn_buffer_status(out, err);
}
