/* The search for a learning rate: loss by rate, a line a fold, and the rates that were found. */
#include "eval/report/sections.h"

#include "eval/report/chart.h"
#include "eval/report/html.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* x from the lowest to the highest rate, in the logarithm; y from 0 to top. */
typedef struct {
  const json_t *rates; /* events of all models */
  const char *model;
  double lowest, highest, top;
  double least_found, most_found;
} chart;

static double x_of(const chart *c, double rate) {
  return HN_CHART_LEFT + HN_CHART_WIDTH * log(rate / c->lowest) / log(c->highest / c->lowest);
}

static int is_of(const chart *c, const json_t *event) {
  return strcmp(hn_json_text_of(event, "model"), c->model) == 0;
}

static double at(const json_t *event, const char *key, size_t i) {
  return json_number_value(json_array_get(json_object_get(event, key), i));
}

static size_t n_of(const json_t *event) {
  return json_array_size(json_object_get(event, "rates"));
}

/* Wide enough for all folds, and high enough for their losses up to the rates found: those behind
 * them grow without bound. */
static void measure(chart *c) {
  size_t e;
  json_t *event;
  c->lowest = c->least_found = INFINITY;
  json_array_foreach(c->rates, e, event) {
    if (!is_of(c, event)) continue;
    const double found = hn_json_number_of(event, "learning_rate");
    c->least_found = fmin(c->least_found, found);
    c->most_found = fmax(c->most_found, found);
    for (size_t i = 0; i < n_of(event); i++) {
      const double rate = at(event, "rates", i);
      c->lowest = fmin(c->lowest, rate);
      c->highest = fmax(c->highest, rate);
      if (rate <= found) c->top = fmax(c->top, 1.25 * at(event, "losses", i));
    }
  }
}

/* A fold's line, which ends where it leaves the chart, and a dot at the rate found. */
static void write_fold(const chart *c, const json_t *event, hn_buffer *out) {
  const double found = hn_json_number_of(event, "learning_rate");
  double found_loss = 0;
  if (!(found > 0)) return;
  hn_buffer_text(out, "<polyline fill=\"none\" points=\"");
  for (size_t i = 0; i < n_of(event); i++) {
    const double rate = at(event, "rates", i), loss = at(event, "losses", i);
    hn_buffer_format(out, "%s%.1f,%.1f", i ? " " : "", x_of(c, rate),
                     hn_chart_y(fmin(loss, c->top), c->top));
    if (rate <= found) found_loss = loss;
    if (loss > c->top) break;
  }
  hn_buffer_format(out,
                   "\" stroke=\"var(--soft)\" stroke-width=\"1.3\" stroke-dasharray=\"4 3\"/>"
                   "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"var(--accent)\"><title>fold "
                   "%.0f: %.3g</title></circle>",
                   x_of(c, found), hn_chart_y(found_loss, c->top),
                   hn_json_number_of(event, "fold") + 1, found);
}

/* Every other power of ten. */
static void write_rates(const chart *c, hn_buffer *out) {
  char label[32];
  for (int power = (int)ceil(log10(c->lowest) - 1e-6); pow(10, power) <= c->highest; power += 2) {
    if (power < -3)
      snprintf(label, sizeof label, "1e%d", power);
    else
      snprintf(label, sizeof label, "%g", pow(10, power));
    hn_chart_below(x_of(c, pow(10, power)), "middle", label, out);
  }
}

void hn_report_rates(const json_t *rates, const char *model, hn_buffer *out) {
  chart c = {.rates = rates, .model = model};
  char caption[80];
  size_t e;
  json_t *event;
  measure(&c);
  if (!(c.lowest > 0 && c.lowest < c.highest && c.top > 0)) return;
  if (c.least_found < c.most_found)
    snprintf(caption, sizeof caption, "Loss by learning rate; found: %.3g – %.3g", c.least_found,
             c.most_found);
  else
    snprintf(caption, sizeof caption, "Loss by learning rate; found: %.3g", c.most_found);
  hn_chart_begin(caption, "Loss by learning rate", out);
  hn_chart_values(c.top, 0, out);
  write_rates(&c, out);
  json_array_foreach(rates, e, event) if (is_of(&c, event)) write_fold(&c, event, out);
  hn_chart_end(out);
}
