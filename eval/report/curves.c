/* How the networks learned: loss and accuracy by epoch, a line a fold. */
#include "eval/report/sections.h"

#include "eval/report/html.h"

#include <math.h>
#include <string.h>

/* A chart in pixels; x from 1 to last epochs, y from 0 to top. */
typedef struct {
  const json_t *epochs; /* events of all models */
  const char *model;
  double last, top;
} chart;

enum { LEFT = 48, TOP = 12, WIDTH = 380, HEIGHT = 190 };

static double x_of(const chart *c, double epoch) {
  return LEFT + (c->last > 1 ? WIDTH * (epoch - 1) / (c->last - 1) : WIDTH / 2.0);
}

static double y_of(const chart *c, double value) {
  return TOP + HEIGHT * (1 - value / c->top);
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

/* Of 1, 2 or 5 times a power of ten, the step that cuts `top` into two to five parts. */
static double tick_step(double top) {
  static const double steps[] = {1, 2, 5};
  double power = pow(10, floor(log10(top)) - 1);
  for (;; power *= 10)
    for (size_t i = 0; i < 3; i++)
      if (top / (steps[i] * power) <= 5) return steps[i] * power;
}

static void write_axes(const chart *c, int is_share, hn_buffer *out) {
  const double step = is_share ? 0.25 : tick_step(c->top);
  for (double tick = 0; tick <= c->top * (1 + 1e-9); tick += step)
    hn_buffer_format(out,
                     "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"var(--line)\"/>"
                     "<text class=\"soft\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.4g%s</text>",
                     LEFT, LEFT + WIDTH, y_of(c, tick), y_of(c, tick), LEFT - 6, y_of(c, tick) + 4,
                     is_share ? 100 * tick : tick, is_share ? " %" : "");
  hn_buffer_format(out,
                   "<text class=\"soft\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">1</text>"
                   "<text class=\"soft\" x=\"%.1f\" y=\"%d\" text-anchor=\"end\">epoch "
                   "%.0f</text>",
                   x_of(c, 1), TOP + HEIGHT + 18, x_of(c, c->last) + 4, TOP + HEIGHT + 18, c->last);
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
                     x_of(c, hn_json_number_of(event, "epoch")), y_of(c, value));
  }
  if (n) hn_buffer_format(out, "\" %s><title>fold %.0f</title></polyline>", style, fold + 1);
}

static void write_chart(chart c, const char *caption, const char *training, const char *validation,
                        int is_share, hn_buffer *out) {
  const double n_folds = largest(&c, "fold") + 1;
  c.last = largest(&c, "epoch");
  c.top = is_share ? 1 : fmax(largest(&c, training), largest(&c, validation));
  if (!(c.top > 0) || !isfinite(c.top)) c.top = 1;
  hn_buffer_format(out,
                   "<figure><figcaption>%s</figcaption><svg viewBox=\"0 0 %d %d\" width=\"%d\" "
                   "role=\"img\" aria-label=\"%s by epoch\">",
                   caption, LEFT + WIDTH + 12, TOP + HEIGHT + 26, LEFT + WIDTH + 12, caption);
  write_axes(&c, is_share, out);
  for (double fold = 0; fold < n_folds; fold++) {
    write_line(&c, fold, training,
               "stroke=\"var(--soft)\" stroke-width=\"1.3\" stroke-dasharray=\"4 3\"", out);
    write_line(&c, fold, validation, "stroke=\"var(--accent)\" stroke-width=\"1.8\"", out);
  }
  hn_buffer_text(out, "</svg></figure>\n");
}

/* Is this event its model's first? */
static int begins_model(const json_t *epochs, size_t i) {
  const chart c = {.model = hn_json_text_of(json_array_get(epochs, i), "model")};
  for (size_t before = 0; before < i; before++)
    if (is_of(&c, json_array_get(epochs, before))) return 0;
  return 1;
}

void hn_report_curves(const json_t *epochs, hn_buffer *out) {
  if (!json_array_size(epochs)) return;
  hn_buffer_text(out, "<h2>How the networks learned</h2>\n<p class=\"soft\">By epoch, a line a "
                      "fold. Solid: songs held out for validation. Dashed: songs learned from, as "
                      "seen in training, with dropout and augmentation.</p>\n");
  for (size_t i = 0; i < json_array_size(epochs); i++) {
    if (!begins_model(epochs, i)) continue;
    const chart c = {.epochs = epochs,
                     .model = hn_json_text_of(json_array_get(epochs, i), "model")};
    hn_buffer_text(out, "<h3>");
    hn_html_text(out, c.model);
    hn_buffer_text(out, "</h3>\n<div class=\"grid\">");
    write_chart(c, "Loss", "train_loss", "validation_loss", 0, out);
    write_chart(c, "Accuracy", "train_accuracy", "validation_accuracy", 1, out);
    hn_buffer_text(out, "</div>\n");
  }
}
