/* Which model is better: the chart, the table, the differences. */
#include "eval/report/sections.h"

#include "eval/report/html.h"

#include <math.h>
#include <string.h>

/* Accuracy on a line from 0 to 100 %: a dot and its interval; the majority dummy as a dashed line,
 * the ceiling, where it is known, as a tick. */
static void write_accuracy_chart(const json_t *models, hn_buffer *out) {
  enum { LEFT = 170, WIDTH = 640, ROW = 30, TOP = 26 };
  size_t n = json_array_size(models), i;
  json_t *model;
  double majority = NAN;
  json_array_foreach(models, i,
                     model) if (strcmp(hn_json_text_of(model, "name"), "dummy-majority") == 0)
      majority = hn_json_number_of(model, "accuracy");

  size_t height = TOP + ROW * n + 10;
  hn_buffer_format(out,
                   "<svg viewBox=\"0 0 %d %zu\" width=\"%d\" role=\"img\" "
                   "aria-label=\"Accuracy with 95 %% intervals\">",
                   LEFT + WIDTH + 70, height, LEFT + WIDTH + 70);
  for (int tick = 0; tick <= 100; tick += 25)
    hn_buffer_format(out,
                     "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%zu\" stroke=\"var(--line)\"/>"
                     "<text class=\"soft\" x=\"%d\" y=\"14\" text-anchor=\"middle\">%d %%</text>",
                     LEFT + WIDTH * tick / 100, LEFT + WIDTH * tick / 100, TOP - 6, height - 8,
                     LEFT + WIDTH * tick / 100, tick);
  if (!isnan(majority))
    hn_buffer_format(out,
                     "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%zu\" stroke=\"var(--soft)\" "
                     "stroke-dasharray=\"4 4\"><title>majority dummy</title></line>",
                     LEFT + WIDTH * majority, LEFT + WIDTH * majority, TOP - 6, height - 8);
  json_array_foreach(models, i, model) {
    double y = (double)(TOP + ROW * i) + ROW / 2.0;
    double accuracy = hn_json_number_of(model, "accuracy"), low = hn_json_number_of(model, "low"),
           high = hn_json_number_of(model, "high"), ceiling = hn_json_number_of(model, "ceiling");
    const char *colour =
        strcmp(hn_json_text_of(model, "role"), "dummy") == 0 ? "var(--soft)" : "var(--accent)";
    hn_buffer_format(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 12, y + 4);
    hn_html_text(out, hn_json_text_of(model, "name"));
    hn_buffer_text(out, "</text>");
    if (isnan(accuracy)) continue;
    if (!isnan(low) && !isnan(high))
      hn_buffer_format(out,
                       "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" "
                       "stroke-width=\"3\" stroke-linecap=\"round\" opacity=\".45\"/>",
                       LEFT + WIDTH * low, LEFT + WIDTH * high, y, y, colour);
    hn_buffer_format(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"6\" fill=\"%s\"/>",
                     LEFT + WIDTH * accuracy, y, colour);
    if (!isnan(ceiling))
      hn_buffer_format(out,
                       "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" "
                       "stroke=\"var(--warn)\" stroke-width=\"3\"><title>best possible: %.1f "
                       "%%</title></line>",
                       LEFT + WIDTH * ceiling, LEFT + WIDTH * ceiling, y - 10, y + 10,
                       100 * ceiling);
    hn_buffer_format(out, "<text x=\"%d\" y=\"%.1f\">%.1f %%</text>", LEFT + WIDTH + 8, y + 4,
                     100 * accuracy);
  }
  hn_buffer_text(out, "</svg>\n");
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
  hn_buffer_text(out, "<div class=\"scroll\"><table><tr><th>model</th><th>songs</th>"
                      "<th>accuracy</th><th>95 % interval</th>");
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

void hn_report_comparisons(const json_t *comparisons, hn_buffer *out) {
  size_t i;
  json_t *c;
  if (!json_array_size(comparisons)) return;
  hn_buffer_text(out, "<h3>Differences in accuracy</h3>\n"
                      "<p class=\"soft\">On the songs that both models saw. That one beats another "
                      "rests on the paired bootstrap; McNemar's exact test, Holm-corrected, stands "
                      "beside it.</p>\n<div class=\"scroll\"><table><tr><th>models</th>"
                      "<th>songs</th><th>difference</th><th>95 % interval</th><th>p, bootstrap</th>"
                      "<th>p, McNemar</th><th>p, Holm</th></tr>\n");
  json_array_foreach(comparisons, i, c) {
    hn_buffer_text(out, "<tr><td>");
    hn_html_text(out, hn_json_text_of(c, "a"));
    hn_buffer_text(out, " − ");
    hn_html_text(out, hn_json_text_of(c, "b"));
    hn_buffer_format(out, "</td><td>%.0f</td><td>%+.1f points</td><td>%+.1f … %+.1f</td>",
                     hn_json_number_of(c, "n"), 100 * hn_json_number_of(c, "difference"),
                     100 * hn_json_number_of(c, "low"), 100 * hn_json_number_of(c, "high"));
    write_p(c, "p_bootstrap", out);
    write_p(c, "p_mcnemar", out);
    write_p(c, "p_holm", out);
    hn_buffer_text(out, "</tr>\n");
  }
  hn_buffer_text(out, "</table></div>\n");
}
