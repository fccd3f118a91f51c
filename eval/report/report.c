#include "eval/report/report.h"

#include "eval/report/html.h"
#include "eval/report/sections.h"

void hn_report_notes(const json_t *object, hn_buffer *out) {
  size_t i;
  json_t *note;
  json_array_foreach(json_object_get(object, "notes"), i, note) {
    hn_buffer_text(out, "<p class=\"note\">");
    hn_html_text(out, json_string_value(note));
    hn_buffer_text(out, "</p>\n");
  }
}

/* The first line of a study that leaves out more than a tenth of its tracks. */
static void write_left_out(const json_t *corpus, hn_buffer *out) {
  double n = hn_json_number_of(corpus, "left_out"), n_tracks = hn_json_number_of(corpus, "tracks");
  if (10 * n > n_tracks)
    hn_buffer_format(out,
                     "<p class=\"note\">%.0f of %.0f tracks (%.0f %%) take no part in this study: "
                     "the end of this page says which and why</p>",
                     n, n_tracks, 100 * n / n_tracks);
}

static void write_header(const json_t *metrics, hn_buffer *out) {
  const json_t *corpus = json_object_get(metrics, "corpus");
  const json_t *split = json_object_get(metrics, "split");
  const char *model;
  json_t *audio;
  hn_buffer_text(out, "<h1>");
  hn_html_text(out, hn_json_text_of(metrics, "study"));
  hn_buffer_text(out, "</h1>");
  write_left_out(corpus, out);
  hn_buffer_text(out, "<p class=\"soft\">");
  if (json_is_true(json_object_get(metrics, "simulated"))) hn_buffer_text(out, "Simulated songs. ");
  hn_buffer_text(out, "Target <b>");
  hn_html_text(out, hn_json_text_of(metrics, "target"));
  hn_buffer_format(out, "</b>, %.0f labelled songs in %zu classes, ",
                   hn_json_number_of(corpus, "labelled"),
                   json_array_size(json_object_get(metrics, "classes")));
  hn_html_text(out, hn_json_text_of(split, "method"));
  hn_buffer_format(out, " split in %.0f folds, seed %" JSON_INTEGER_FORMAT ".</p>\n",
                   hn_json_number_of(split, "folds"),
                   json_integer_value(json_object_get(metrics, "seed")));
  hn_report_notes(metrics, out);
  hn_report_notes(corpus, out);
  hn_report_notes(split, out);
  hn_report_notes(json_object_get(metrics, "lyrics"), out);
  json_object_foreach(json_object_get(metrics, "audio"), model, audio) hn_report_notes(audio, out);
}

static void write_clusters(const json_t *clusters, hn_buffer *out) {
  size_t i, a;
  json_t *c, *agreement;
  if (!json_array_size(clusters)) return;
  hn_buffer_text(out, "<h2>What a clustering finds</h2>\n<p class=\"soft\">k-means without any "
                      "label; agreement with what is known (0: chance, 1: the same grouping).</p>\n"
                      "<div class=\"scroll\"><table><tr><th>features</th><th>songs</th>"
                      "<th>clusters</th><th>compared with</th><th>ARI</th><th>NMI</th>"
                      "<th>V-measure</th></tr>\n");
  json_array_foreach(clusters, i, c) {
    json_array_foreach(json_object_get(c, "agreement"), a, agreement) {
      hn_buffer_text(out, "<tr><td>");
      hn_html_text(out, a == 0 ? hn_json_text_of(c, "of") : "");
      hn_buffer_format(out, "</td><td>%.0f</td><td>%zu</td><td>", hn_json_number_of(agreement, "n"),
                       json_array_size(json_object_get(c, "sizes")));
      hn_html_text(out, hn_json_text_of(agreement, "column"));
      hn_buffer_text(out, "</td><td>");
      hn_html_number(out, agreement, "ari", 3);
      hn_buffer_text(out, "</td><td>");
      hn_html_number(out, agreement, "nmi", 3);
      hn_buffer_text(out, "</td><td>");
      hn_html_number(out, agreement, "v_measure", 3);
      hn_buffer_text(out, "</td></tr>\n");
    }
  }
  hn_buffer_text(out, "</table></div>\n");
}

hn_status hn_report_html(const hn_report_parts *parts, hn_buffer *out, hn_error *err) {
  const json_t *metrics = parts->metrics;
  const json_t *models = json_object_get(metrics, "models");
  if (!json_is_array(models))
    return hn_fail(err, HN_FORMAT, "metrics.json holds no \"models\": it is not that of a run");
  hn_html_begin(out, hn_json_text_of(metrics, "study"));
  write_header(metrics, out);
  hn_report_models(models, out);
  hn_report_comparisons(json_object_get(metrics, "comparisons"), out);
  hn_report_confusions(models, json_object_get(metrics, "classes"), out);
  hn_report_slices(metrics, out);
  hn_report_guests(json_object_get(metrics, "guests"), out);
  hn_report_words(json_object_get(metrics, "telling_words"), out);
  hn_report_importances(json_object_get(metrics, "importances"), out);
  hn_report_permutations(json_object_get(metrics, "permutation_importances"), out);
  hn_report_curves(parts->epochs, parts->rates, out);
  write_clusters(json_object_get(metrics, "clusters"), out);
  hn_report_audit(metrics, out);
  hn_report_environment(parts->stages, parts->environment, out);
  hn_html_end(out);
  return hn_buffer_status(out, err);
}
