/* What was left out and why, and how the run was made. */
#include "eval/report/sections.h"

#include "eval/report/html.h"

#include <math.h>
#include <stdlib.h>

/* Any list of flat objects as a table; columns are the keys of its first. */
static void write_list(const json_t *list, const char *title, hn_buffer *out) {
  size_t i;
  json_t *row, *value;
  const char *key;
  if (!json_array_size(list)) return;
  hn_buffer_text(out, "<details><summary>");
  hn_html_text(out, title);
  hn_buffer_format(out, " (%zu)</summary><div class=\"scroll\"><table><tr>", json_array_size(list));
  json_object_foreach(json_array_get(list, 0), key, value) {
    hn_buffer_text(out, "<th>");
    hn_html_text(out, key);
    hn_buffer_text(out, "</th>");
  }
  hn_buffer_text(out, "</tr>\n");
  json_array_foreach(list, i, row) {
    hn_buffer_text(out, "<tr>");
    json_object_foreach(row, key, value) {
      hn_buffer_text(out, json_is_number(value) ? "<td>" : "<td style=\"text-align:left\">");
      if (json_is_number(value))
        hn_buffer_format(out, json_is_integer(value) ? "%.0f" : "%.2f", json_number_value(value));
      else
        hn_html_text(out, json_string_value(value));
      hn_buffer_text(out, "</td>");
    }
    hn_buffer_text(out, "</tr>\n");
  }
  hn_buffer_text(out, "</table></div></details>\n");
}

void hn_report_audit(const json_t *metrics, hn_buffer *out) {
  const json_t *corpus = json_object_get(metrics, "corpus");
  const char *model;
  json_t *audio, *of_models = json_object_get(metrics, "audio");
  hn_buffer_text(out, "<h2>What was left out and why</h2>\n<table>");
  static const char *const facts[][2] = {
      {"tracks", "tracks in the manifest"},   {"left_out", "of which take no part"},
      {"labelled", "with a label"},           {"with_lyrics", "labelled, with lyrics"},
      {"with_audio", "labelled, with audio"}, {"with_both", "labelled, with both"}};
  for (size_t f = 0; f < sizeof facts / sizeof *facts; f++) {
    if (isnan(hn_json_number_of(corpus, facts[f][0]))) continue;
    hn_buffer_format(out, "<tr><td>%s</td><td>%.0f</td></tr>\n", facts[f][1],
                     hn_json_number_of(corpus, facts[f][0]));
  }
  hn_buffer_text(out, "</table>\n");
  write_list(json_object_get(corpus, "dropped"), "Tracks dropped by filters", out);
  write_list(json_object_get(corpus, "problems"), "Problems in the manifest", out);
  write_list(json_object_get(corpus, "guests_from_titles"), "Guests read from titles", out);
  write_list(json_object_get(json_object_get(metrics, "lyrics"), "rules"),
             "Cleaning of the lyrics, by rule", out);
  write_list(json_object_get(json_object_get(metrics, "lyrics"), "failed"),
             "Lyrics that could not be read", out);
  write_list(json_object_get(json_object_get(metrics, "lyrics"), "guests"),
             "Guests' verses removed", out);
  json_object_foreach(of_models, model, audio) {
    write_list(json_object_get(audio, "failed"), "Audio that could not be read", out);
    write_list(json_object_get(audio, "warnings"), "Audio that is cut or damaged", out);
  }
}

void hn_report_environment(const json_t *stages, json_t *environment, hn_buffer *out) {
  const char *key;
  json_t *value;
  hn_buffer_text(out, "<h2>How it was made</h2>\n");
  write_list(stages, "Time of each stage", out);
  if (!environment) return;
  hn_buffer_text(out, "<details><summary>Environment</summary><table>\n");
  json_object_foreach(environment, key, value) {
    char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
    hn_buffer_text(out, "<tr><td>");
    hn_html_text(out, key);
    hn_buffer_text(out, "</td><td style=\"text-align:left\">");
    hn_html_text(out, text ? text : json_string_value(value));
    hn_buffer_text(out, "</td></tr>\n");
    free(text);
  }
  hn_buffer_text(out, "</table></details>\n");
}
