/* Which model is better: the chart, the table, the differences. */
#include "eval/report/sections.h"

#include "eval/report/html.h"

#include <math.h>
#include <string.h>

/* The accuracy chart: where its axis begins and how long it is, in pixels. */
typedef struct {
  double left, width;
} chart;

enum { CHART_ROW = 30, CHART_TOP = 26 };

static double at(const chart *c, double share) {
  return c->left + c->width * share;
}

static void write_vertical(double x, double from, double to, const char *style, const char *title,
                           double percent, hn_buffer *out) {
  hn_buffer_format(out,
                   "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" %s><title>%s: %.1f "
                   "%%</title></line>",
                   x, x, from, to, style, title, percent);
}

/* A dot, its interval, and an upright tick at the best possible accuracy, where it is known. */
static void write_chart_row(const chart *c, const json_t *model, double y, hn_buffer *out) {
  double accuracy = hn_json_number_of(model, "accuracy"), low = hn_json_number_of(model, "low"),
         high = hn_json_number_of(model, "high"), ceiling = hn_json_number_of(model, "ceiling");
  const char *colour =
      strcmp(hn_json_text_of(model, "role"), "dummy") == 0 ? "var(--soft)" : "var(--accent)";
  hn_buffer_format(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", c->left - 12, y + 4);
  hn_html_text(out, hn_json_text_of(model, "name"));
  hn_buffer_text(out, "</text>");
  if (isnan(accuracy)) return;
  if (!isnan(low) && !isnan(high))
    hn_buffer_format(out,
                     "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" "
                     "stroke-width=\"3\" stroke-linecap=\"round\" opacity=\".45\"/>",
                     at(c, low), at(c, high), y, y, colour);
  hn_buffer_format(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"6\" fill=\"%s\"/>", at(c, accuracy), y,
                   colour);
  if (!isnan(ceiling))
    write_vertical(at(c, ceiling), y - 10, y + 10, "stroke=\"var(--warn)\" stroke-width=\"3\"",
                   "best possible", 100 * ceiling, out);
  hn_buffer_format(out, "<text x=\"%.1f\" y=\"%.1f\">%.1f %%</text>", at(c, 1) + 8, y + 4,
                   100 * accuracy);
}

/* Room for the longest name, at about 7.5 pixels a byte. */
static double label_width(const json_t *models) {
  size_t i, longest = 12;
  json_t *model;
  json_array_foreach(models, i, model) {
    size_t n = strlen(hn_json_text_of(model, "name"));
    if (n > longest) longest = n;
  }
  return 16 + 7.5 * (double)(longest < 48 ? longest : 48);
}

/* Accuracy on a line from 0 to 100 %; the majority dummy as a dashed line. */
static void write_accuracy_chart(const json_t *models, hn_buffer *out) {
  const chart c = {.left = label_width(models), .width = 640};
  double bottom = CHART_TOP + CHART_ROW * (double)json_array_size(models);
  size_t i;
  json_t *model;
  hn_buffer_format(out,
                   "<div class=\"scroll\"><svg viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
                   "role=\"img\" aria-label=\"Accuracy with 95 %% intervals\">",
                   at(&c, 1) + 70, bottom + 10, at(&c, 1) + 70);
  for (int tick = 0; tick <= 100; tick += 25)
    hn_buffer_format(out,
                     "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.1f\" "
                     "stroke=\"var(--line)\"/><text class=\"soft\" x=\"%.1f\" y=\"14\" "
                     "text-anchor=\"middle\">%d %%</text>",
                     at(&c, tick / 100.0), at(&c, tick / 100.0), CHART_TOP - 6, bottom + 2,
                     at(&c, tick / 100.0), tick);
  json_array_foreach(models, i, model) {
    double accuracy = hn_json_number_of(model, "accuracy");
    if (strcmp(hn_json_text_of(model, "name"), "dummy-majority") == 0 && !isnan(accuracy))
      write_vertical(at(&c, accuracy), CHART_TOP - 6, bottom + 2,
                     "stroke=\"var(--soft)\" stroke-dasharray=\"4 4\"", "majority dummy",
                     100 * accuracy, out);
    write_chart_row(&c, model, CHART_TOP + CHART_ROW * ((double)i + 0.5), out);
  }
  hn_buffer_text(out, "</svg></div>\n");
}

void hn_report_interval(const json_t *object, hn_buffer *out) {
  if (isnan(hn_json_number_of(object, "low"))) {
    hn_buffer_text(out, "–");
    return;
  }
  hn_buffer_format(out, "%.1f – %.1f %%%s", 100 * hn_json_number_of(object, "low"),
                   100 * hn_json_number_of(object, "high"),
                   json_is_true(json_object_get(object, "tracks_resampled")) ? "*" : "");
}

static int has_ceilings(const json_t *models) {
  size_t i;
  json_t *model;
  json_array_foreach(models, i, model) if (!isnan(hn_json_number_of(model, "ceiling"))) return 1;
  return 0;
}

static void end_interval_note(const char *note, hn_buffer *out) {
  if (!note[0]) return;
  hn_buffer_text(out, ": ");
  hn_html_text(out, note);
  hn_buffer_text(out, "</p>\n");
}

/* How the intervals were made; models of which the same is true share a line. */
static void write_interval_notes(const json_t *models, hn_buffer *out) {
  const char *last = "";
  size_t i;
  json_t *model;
  json_array_foreach(models, i, model) {
    const char *note = hn_json_text_of(model, "note");
    if (!note[0]) continue;
    int is_new = strcmp(note, last) != 0;
    if (is_new) end_interval_note(last, out);
    hn_buffer_text(out, is_new ? "<p class=\"soft\">" : ", ");
    hn_html_text(out, hn_json_text_of(model, "name"));
    last = note;
  }
  end_interval_note(last, out);
}

void hn_report_models(const json_t *models, hn_buffer *out) {
  size_t i;
  json_t *model;
  int ceilings = has_ceilings(models);
  hn_buffer_text(out, "<h2>Which model is better</h2>\n");
  write_accuracy_chart(models, out);
  hn_buffer_format(
      out,
      "<p class=\"soft\">Dot and bar: accuracy and its 95 %% interval. Dashed: the "
      "majority dummy.%s An asterisk behind an interval: tracks were resampled instead "
      "of artists, of whom there are fewer than ten, or one holds a third of the "
      "tracks.</p>\n",
      ceilings ? " Upright tick: the best possible accuracy on this simulated corpus." : "");
  hn_buffer_text(out, "<div class=\"scroll\"><table class=\"tight\"><tr><th>model</th>"
                      "<th>songs</th><th>accuracy</th><th>95 % interval</th>");
  if (ceilings) hn_buffer_text(out, "<th>best possible</th>");
  hn_buffer_text(out, "<th>in training</th><th>balanced</th><th>macro-F1</th><th>log loss</th>"
                      "</tr>\n");
  json_array_foreach(models, i, model) {
    const char *role = hn_json_text_of(model, "role");
    int is_headline = json_is_true(json_object_get(model, "headline"));
    hn_buffer_format(out, "<tr class=\"%s\"><td>", is_headline ? "headline" : role);
    hn_html_text(out, hn_json_text_of(model, "name"));
    hn_buffer_format(out, "%s</td><td>%.0f</td><td>", is_headline ? " (headline)" : "",
                     hn_json_number_of(model, "n"));
    hn_html_percent(out, model, "accuracy");
    hn_buffer_text(out, "</td><td>");
    hn_report_interval(model, out);
    if (ceilings) {
      hn_buffer_text(out, "</td><td>");
      hn_html_percent(out, model, "ceiling");
    }
    hn_buffer_text(out, "</td><td>");
    hn_html_percent(out, model, "training_accuracy");
    hn_buffer_text(out, "</td><td>");
    hn_html_percent(out, model, "balanced_accuracy");
    hn_buffer_text(out, "</td><td>");
    hn_html_number(out, model, "macro_f1", 3);
    hn_buffer_text(out, "</td><td>");
    hn_html_number(out, model, "log_loss", 3);
    hn_buffer_text(out, "</td></tr>\n");
  }
  hn_buffer_text(out, "</table></div>\n");
  write_interval_notes(models, out);
}

static void write_p(const json_t *object, const char *key, hn_buffer *out) {
  double p = hn_json_number_of(object, key);
  if (isnan(p))
    hn_buffer_text(out, "<td>–</td>");
  else if (p < 0.001)
    hn_buffer_text(out, "<td>&lt; 0.001</td>");
  else
    hn_buffer_format(out, "<td>%.3f</td>", p);
}

const char hn_report_difference_head[] =
    "<th>difference</th><th>95 % interval</th><th>p, bootstrap</th><th>p, McNemar</th>"
    "<th>p, Holm</th>";

/* Models that no song was seen by both of have no difference. */
void hn_report_difference(const json_t *c, hn_buffer *out) {
  double difference = hn_json_number_of(c, "difference"), low = hn_json_number_of(c, "low"),
         high = hn_json_number_of(c, "high");
  if (isnan(difference) || isnan(low) || isnan(high))
    hn_buffer_text(out, "<td>–</td><td>–</td>");
  else
    hn_buffer_format(out, "<td>%+.1f points</td><td>%+.1f … %+.1f%s</td>", 100 * difference,
                     100 * low, 100 * high,
                     json_is_true(json_object_get(c, "tracks_resampled")) ? "*" : "");
  write_p(c, "p_bootstrap", out);
  write_p(c, "p_mcnemar", out);
  write_p(c, "p_holm", out);
}

void hn_report_comparisons(const json_t *comparisons, hn_buffer *out) {
  size_t i;
  json_t *c;
  if (!json_array_size(comparisons)) return;
  hn_buffer_format(out,
                   "<h3>Differences in accuracy</h3>\n"
                   "<p class=\"soft\">On the songs that both models saw. That one beats another "
                   "rests on the paired bootstrap; McNemar's exact test, Holm-corrected, stands "
                   "beside it.</p>\n<div class=\"scroll\"><table><tr><th>models</th>"
                   "<th>songs</th>%s</tr>\n",
                   hn_report_difference_head);
  json_array_foreach(comparisons, i, c) {
    hn_buffer_text(out, "<tr><td>");
    hn_html_text(out, hn_json_text_of(c, "a"));
    hn_buffer_text(out, " − ");
    hn_html_text(out, hn_json_text_of(c, "b"));
    hn_buffer_format(out, "</td><td>%.0f</td>", hn_json_number_of(c, "n"));
    hn_report_difference(c, out);
    hn_buffer_text(out, "</tr>\n");
  }
  hn_buffer_text(out, "</table></div>\n");
}
