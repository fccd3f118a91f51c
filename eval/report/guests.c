/* What becomes of the lyrics' accuracy without guests. */
#include "eval/report/sections.h"

#include "eval/report/html.h"

/* What each policy does to the lyrics. */
static void write_policies(const json_t *policies, hn_buffer *out) {
  size_t i;
  json_t *p;
  hn_buffer_text(out, "<ul class=\"soft\">\n");
  json_array_foreach(policies, i, p) {
    hn_buffer_text(out, "<li><b>");
    hn_html_text(out, hn_json_text_of(p, "policy"));
    hn_buffer_format(out, "</b>%s: %.0f sections of %.0f lyrics cut, %.0f songs left out</li>\n",
                     i == 0 ? " (the study's own)" : "", hn_json_number_of(p, "sections"),
                     hn_json_number_of(p, "songs_cut"), hn_json_number_of(p, "songs_left_out"));
  }
  hn_buffer_text(out, "</ul>\n");
}

static void write_row(const json_t *row, hn_buffer *out) {
  static const char *const texts[] = {"model", "policy", "songs"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    hn_buffer_text(out, i == 0 ? "<tr><td>" : "</td><td>");
    hn_html_text(out, hn_json_text_of(row, texts[i]));
  }
  hn_buffer_format(out, "</td><td>%.0f</td><td>", hn_json_number_of(row, "n"));
  hn_html_percent(out, row, "baseline_accuracy");
  hn_buffer_text(out, "</td><td>");
  hn_html_percent(out, row, "accuracy");
  hn_buffer_text(out, "</td>");
  hn_report_difference(row, out);
  hn_buffer_text(out, "</tr>\n");
}

void hn_report_guests(const json_t *guests, hn_buffer *out) {
  size_t i;
  json_t *row;
  const char *baseline = hn_json_text_of(guests, "baseline");
  if (!guests) return;
  hn_buffer_text(out, "<h2>What guests change</h2>\n<p class=\"soft\">The models that see lyrics "
                      "learned and were tested once more under other policies for guests, in the "
                      "same folds; each is compared with <b>");
  hn_html_text(out, baseline);
  hn_buffer_text(out, "</b> on the songs that have lyrics under both. A difference above 0 speaks "
                      "for the policy, if its interval excludes 0. The interval is over the songs "
                      "tested, not over the luck of training: see whether a small difference stays "
                      "with other seeds. Holm's correction is over all rows.</p>\n");
  write_policies(json_object_get(guests, "policies"), out);
  hn_report_notes(guests, out);
  hn_buffer_text(out, "<div class=\"scroll\"><table><tr><th>model</th><th>policy</th>"
                      "<th>songs of both</th><th>number</th><th>");
  hn_html_text(out, baseline);
  hn_buffer_format(out, "</th><th>with the policy</th>%s</tr>\n", hn_report_difference_head);
  json_array_foreach(json_object_get(guests, "rows"), i, row) write_row(row, out);
  hn_buffer_text(out, "</table></div>\n");
}
