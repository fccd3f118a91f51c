/* How the networks learned: loss and accuracy by epoch, a line a fold. */
#include "eval/report/sections.h"

#include "eval/report/chart.h"
#include "eval/report/html.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* x from 1 to last epochs, y from 0 to top. */
typedef struct {
  const json_t *epochs; /* events of all models */
  const char *model;
  double last, top;
} chart;

static double x_of(const chart *c, double epoch) {
  const double share = c->last > 1 ? (epoch - 1) / (c->last - 1) : 0.5;
  return HN_CHART_LEFT + HN_CHART_WIDTH * share;
}

static int is_of(const chart *c, const json_t *event) {
  return strcmp(hn_json_text_of(event, "model"), c->model) == 0;
}

/* The largest finite number under a key in the model's epochs; at least 0. */
static double largest(const chart *c, const char *key) {
  double most = 0;
  size_t i;
  json_t *event;
  json_array_foreach(c->epochs, i, event) if (is_of(c, event)) most =
      fmax(most, hn_json_number_of(event, key));
  return most;
}

static void write_epochs(const chart *c, hn_buffer *out) {
  char label[32];
  snprintf(label, sizeof label, "epoch %.0f", c->last);
  hn_chart_below(x_of(c, 1), "middle", "1", out);
  hn_chart_below(x_of(c, c->last) + 4, "end", label, out);
}

/* One fold's line; nothing where the fold has no such number. */
static void write_line(const chart *c, double fold, const char *key, const char *style,
                       hn_buffer *out) {
  size_t i, n = 0;
  json_t *event;
  json_array_foreach(c->epochs, i, event) {
    const double value = hn_json_number_of(event, key);
    if (!is_of(c, event) || hn_json_number_of(event, "fold") != fold || isnan(value)) continue;
    hn_buffer_format(out, "%s%.1f,%.1f", n++ ? " " : "<polyline fill=\"none\" points=\"",
                     x_of(c, hn_json_number_of(event, "epoch")), hn_chart_y(value, c->top));
  }
  if (n) hn_buffer_format(out, "\" %s><title>fold %.0f</title></polyline>", style, fold + 1);
}

static void write_chart(chart c, const char *caption, const char *training, const char *validation,
                        int is_share, hn_buffer *out) {
  const double n_folds = largest(&c, "fold") + 1;
  char label[64];
  c.last = largest(&c, "epoch");
  c.top = is_share ? 1 : fmax(largest(&c, training), largest(&c, validation));
  if (!(c.top > 0) || !isfinite(c.top)) c.top = 1;
  snprintf(label, sizeof label, "%s by epoch", caption);
  hn_chart_begin(caption, label, out);
  hn_chart_values(c.top, is_share, out);
  write_epochs(&c, out);
  for (double fold = 0; fold < n_folds; fold++) {
    write_line(&c, fold, training,
               "stroke=\"var(--soft)\" stroke-width=\"1.3\" stroke-dasharray=\"4 3\"", out);
    write_line(&c, fold, validation, "stroke=\"var(--accent)\" stroke-width=\"1.8\"", out);
  }
  hn_chart_end(out);
}

/* Is this event its model's first? */
static int begins_model(const json_t *epochs, size_t i) {
  const chart c = {.model = hn_json_text_of(json_array_get(epochs, i), "model")};
  for (size_t before = 0; before < i; before++)
    if (is_of(&c, json_array_get(epochs, before))) return 0;
  return 1;
}

void hn_report_curves(const json_t *epochs, const json_t *rates, hn_buffer *out) {
  if (!json_array_size(epochs)) return;
  hn_buffer_text(out, "<h2>How the networks learned</h2>\n<p class=\"soft\">By epoch, a line a "
                      "fold. Solid: songs held out for validation. Dashed: songs learned from, as "
                      "seen in training, with dropout and augmentation.");
  if (json_array_size(rates))
    hn_buffer_text(out, " Beside them the search for a learning rate, before the first epoch: "
                        "loss at the rates tried, smoothed; a dot is the rate a fold trains with.");
  hn_buffer_text(out, "</p>\n");
  for (size_t i = 0; i < json_array_size(epochs); i++) {
    if (!begins_model(epochs, i)) continue;
    const chart c = {.epochs = epochs,
                     .model = hn_json_text_of(json_array_get(epochs, i), "model")};
    hn_buffer_text(out, "<h3>");
    hn_html_text(out, c.model);
    hn_buffer_text(out, "</h3>\n<div class=\"grid\">");
    write_chart(c, "Loss", "train_loss", "validation_loss", 0, out);
    write_chart(c, "Accuracy", "train_accuracy", "validation_accuracy", 1, out);
    hn_report_rates(rates, c.model, out);
    hn_buffer_text(out, "</div>\n");
  }
}
