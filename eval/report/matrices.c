/* Confusion matrices, of whole models and of slices. */
#include "eval/report/sections.h"

#include "eval/report/html.h"

#include <math.h>
#include <string.h>

/* The name of a class, whole in the title where it is too long for its column. */
static void write_class(const json_t *class_name, const char *tag, hn_buffer *out) {
  hn_buffer_format(out, "<%s title=\"", tag);
  hn_html_text(out, json_string_value(class_name));
  hn_buffer_text(out, "\">");
  hn_html_text(out, json_string_value(class_name));
  hn_buffer_format(out, "</%s>", tag);
}

/* Rows are the truth. A cell is shaded by its share of its row, so that rare classes show too. */
void hn_report_matrix(const json_t *matrix, const json_t *classes, const char *caption,
                      hn_buffer *out) {
  enum { MOST_LEVEL = 8 }; /* more columns than these have upright names */
  size_t n = json_array_size(matrix);
  hn_buffer_text(out, "<figure><figcaption>");
  hn_html_text(out, caption);
  hn_buffer_format(out, "</figcaption><table class=\"matrix%s\"><tr><th>truth \\ said</th>",
                   n > MOST_LEVEL ? " many" : "");
  for (size_t k = 0; k < n; k++) write_class(json_array_get(classes, k), "th", out);
  hn_buffer_text(out, "</tr>\n");
  for (size_t t = 0; t < n; t++) {
    const json_t *row = json_array_get(matrix, t);
    double total = 0;
    for (size_t k = 0; k < n; k++) total += json_number_value(json_array_get(row, k));
    hn_buffer_text(out, "<tr>");
    write_class(json_array_get(classes, t), "td", out);
    for (size_t k = 0; k < n; k++) {
      double count = json_number_value(json_array_get(row, k));
      hn_buffer_format(out,
                       "<td style=\"background:rgba(var(--heat),%.3f)\" title=\"%.1f %% of the "
                       "row\">%.0f</td>",
                       total > 0 ? 0.75 * count / total : 0, total > 0 ? 100 * count / total : 0,
                       count);
    }
    hn_buffer_text(out, "</tr>\n");
  }
  hn_buffer_text(out, "</table></figure>\n");
}

void hn_report_confusions(const json_t *models, const json_t *classes, hn_buffer *out) {
  size_t i;
  json_t *model;
  hn_buffer_text(out, "<h2>What is taken for what</h2>\n<p class=\"soft\">Songs by their true "
                      "class (rows) and the class the model said (columns); shaded by the share of "
                      "the row.</p>\n<div class=\"grid\">\n");
  json_array_foreach(models, i, model) {
    if (strcmp(hn_json_text_of(model, "role"), "dummy") == 0) continue;
    hn_report_matrix(json_object_get(model, "confusion"), classes, hn_json_text_of(model, "name"),
                     out);
  }
  hn_buffer_text(out, "</div>\n<details><summary>Precision, recall and F1 of each class</summary>"
                      "<div class=\"scroll\"><table><tr><th>model</th><th>class</th><th>songs</th>"
                      "<th>precision</th><th>recall</th><th>F1</th></tr>\n");
  json_array_foreach(models, i, model) {
    size_t k;
    json_t *of;
    if (strcmp(hn_json_text_of(model, "role"), "dummy") == 0) continue;
    json_array_foreach(json_object_get(model, "per_class"), k, of) {
      hn_buffer_text(out, "<tr><td>");
      hn_html_text(out, k == 0 ? hn_json_text_of(model, "name") : "");
      hn_buffer_text(out, "</td><td>");
      hn_html_text(out, hn_json_text_of(of, "class"));
      hn_buffer_format(out, "</td><td>%.0f</td><td>", hn_json_number_of(of, "support"));
      hn_html_number(out, of, "precision", 3);
      hn_buffer_text(out, "</td><td>");
      hn_html_number(out, of, "recall", 3);
      hn_buffer_text(out, "</td><td>");
      hn_html_number(out, of, "f1", 3);
      hn_buffer_text(out, "</td></tr>\n");
    }
  }
  hn_buffer_text(out, "</table></div></details>\n");
}

/* What a model got right of a slice's songs, its interval below. */
static void write_slice_cell(const json_t *model, const char *figure, hn_buffer *out) {
  hn_buffer_text(out, "<td>");
  hn_html_percent(out, model, figure);
  if (!isnan(hn_json_number_of(model, "low"))) {
    hn_buffer_text(out, "<br><span class=\"interval\">");
    hn_report_interval(model, out);
    hn_buffer_text(out, "</span>");
  }
  hn_buffer_text(out, "</td>");
}

/* One table a slice: its values as rows, the models as columns. */
static void write_slice_table(const json_t *slice, const json_t *models, hn_buffer *out) {
  int over_target = json_is_true(json_object_get(slice, "one_against_rest"));
  size_t i, m;
  json_t *value, *model;
  hn_buffer_text(out, "<div class=\"scroll\"><table class=\"tight\"><tr><th>");
  hn_html_text(out, hn_json_text_of(slice, "slice"));
  hn_buffer_text(out, "</th><th>songs</th>");
  json_array_foreach(models, m, model) {
    hn_buffer_text(out, "<th>");
    hn_html_text(out, hn_json_text_of(model, "name"));
    hn_buffer_text(out, "</th>");
  }
  hn_buffer_text(out, "</tr>\n");
  json_array_foreach(json_object_get(slice, "values"), i, value) {
    hn_buffer_text(out, "<tr><td>");
    hn_html_text(out, hn_json_text_of(value, "value"));
    hn_buffer_format(out, "</td><td>%.0f</td>", hn_json_number_of(value, "n"));
    json_array_foreach(json_object_get(value, "models"), m, model)
        write_slice_cell(model, over_target ? "recall" : "accuracy", out);
    hn_buffer_text(out, "</tr>\n");
  }
  hn_buffer_text(out, "</table></div>\n");
}

/* Recall has a table of its own; without the other two it could be bought by saying one class. */
static void write_one_against_rest(const json_t *slice, hn_buffer *out) {
  size_t i, m;
  json_t *value, *model;
  hn_buffer_text(out, "<details><summary>Recall, precision and specificity</summary>"
                      "<div class=\"scroll\"><table><tr><th>class</th><th>model</th><th>recall</th>"
                      "<th>precision</th><th>specificity</th></tr>\n");
  json_array_foreach(json_object_get(slice, "values"), i, value) {
    json_array_foreach(json_object_get(value, "models"), m, model) {
      static const char *const figures[] = {"recall", "precision", "specificity"};
      hn_buffer_text(out, "<tr><td>");
      hn_html_text(out, m == 0 ? hn_json_text_of(value, "value") : "");
      hn_buffer_text(out, "</td><td>");
      hn_html_text(out, hn_json_text_of(model, "name"));
      for (size_t f = 0; f < sizeof figures / sizeof *figures; f++) {
        hn_buffer_text(out, "</td><td>");
        hn_html_percent(out, model, figures[f]);
      }
      hn_buffer_text(out, "</td></tr>\n");
    }
  }
  hn_buffer_text(out, "</table></div></details>\n");
}

/* Matrices of one slice for the models that are no dummies. */
static void write_slice_matrices(const json_t *slice, const json_t *classes, hn_buffer *out) {
  size_t i, m;
  json_t *value, *model;
  hn_buffer_text(out, "<details><summary>Confusion matrices</summary>\n");
  json_array_foreach(json_object_get(slice, "values"), i, value) {
    const json_t *own = json_object_get(value, "classes");
    hn_buffer_text(out, "<h3>");
    hn_html_text(out, hn_json_text_of(value, "value"));
    hn_buffer_text(out, "</h3><div class=\"grid\">\n");
    json_array_foreach(json_object_get(value, "models"), m, model) {
      if (strcmp(hn_json_text_of(model, "role"), "dummy") == 0) continue;
      hn_report_matrix(json_object_get(model, "confusion"), own ? own : classes,
                       hn_json_text_of(model, "name"), out);
    }
    hn_buffer_text(out, "</div>\n");
  }
  hn_buffer_text(out, "</details>\n");
}

/* Sentences that belong to a slice: what was too small to score, what had no value. */
void hn_report_slices(const json_t *metrics, hn_buffer *out) {
  const json_t *classes = json_object_get(metrics, "classes");
  size_t i;
  json_t *slice;
  json_array_foreach(json_object_get(metrics, "slices"), i, slice) {
    hn_buffer_text(out, "<h2>By ");
    hn_html_text(out, hn_json_text_of(slice, "slice"));
    hn_buffer_text(out, "</h2>\n");
    if (json_is_true(json_object_get(slice, "one_against_rest")))
      hn_buffer_text(out,
                     "<p class=\"soft\">The slice is the target itself. Among the songs of one "
                     "class every truth is the same, so that a share is the class's recall: "
                     "how many of its songs were found, not how often the model is right when "
                     "it says so. The matrices are each class against all others, over all "
                     "songs.</p>\n");
    hn_report_notes(slice, out);
    write_slice_table(slice, json_object_get(metrics, "models"), out);
    if (json_is_true(json_object_get(slice, "one_against_rest")))
      write_one_against_rest(slice, out);
    write_slice_matrices(slice, classes, out);
  }
}
