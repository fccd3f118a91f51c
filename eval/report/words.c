/* What the songs of a class say, and what the models lean on. */
#include "eval/report/sections.h"

#include "eval/report/html.h"

static void write_class(const json_t *class, hn_buffer *out) {
  size_t i;
  json_t *word;
  hn_buffer_text(out, "<details open><summary>");
  hn_html_text(out, hn_json_text_of(class, "class"));
  hn_buffer_format(out,
                   " (%.0f songs)</summary><div class=\"scroll\"><table><tr><th>word</th>"
                   "<th>z</th><th>songs of the class</th><th>other songs</th><th>artists</th>"
                   "</tr>\n",
                   hn_json_number_of(class, "songs"));
  json_array_foreach(json_object_get(class, "words"), i, word) {
    hn_buffer_text(out, "<tr><td>");
    hn_html_text(out, hn_json_text_of(word, "term"));
    hn_buffer_text(out, "</td><td>");
    hn_html_number(out, word, "z", 1);
    hn_buffer_text(out, "</td><td>");
    hn_html_percent(out, word, "in_class");
    hn_buffer_text(out, "</td><td>");
    hn_html_percent(out, word, "in_rest");
    hn_buffer_format(out, "</td><td>%.0f</td></tr>\n", hn_json_number_of(word, "artists"));
  }
  hn_buffer_text(out, "</table></div></details>\n");
}

void hn_report_words(const json_t *telling, hn_buffer *out) {
  size_t m, k;
  json_t *model, *class;
  if (!json_array_size(telling)) return;
  hn_buffer_text(out,
                 "<h2>The most telling words</h2>\n<p class=\"soft\">What the songs of a class "
                 "use more than all others: log-odds with an informative Dirichlet prior, in "
                 "standard errors (z), each song counted once a word. All labelled songs; a "
                 "description, not a test. Few artists behind a word: a name rather than a "
                 "class.</p>\n");
  json_array_foreach(telling, m, model) {
    hn_buffer_text(out, "<h3>Terms of ");
    hn_html_text(out, hn_json_text_of(model, "model"));
    hn_buffer_text(out, "</h3>\n");
    json_array_foreach(json_object_get(model, "classes"), k, class) write_class(class, out);
  }
}

void hn_report_importances(const json_t *importances, hn_buffer *out) {
  size_t m, i;
  json_t *model, *feature;
  if (!json_array_size(importances)) return;
  hn_buffer_text(out,
                 "<h2>What the trees lean on</h2>\n<p class=\"note\">Mean decrease of impurity, "
                 "averaged over the folds' models. It favours features with many distinct "
                 "values, comes from training songs, and shares the weight among features that "
                 "go together: a hint, not a proof.</p>\n");
  json_array_foreach(importances, m, model) {
    hn_buffer_text(out, "<details open><summary>");
    hn_html_text(out, hn_json_text_of(model, "model"));
    hn_buffer_text(out, "</summary><table><tr><th>feature</th><th>importance</th></tr>\n");
    json_array_foreach(json_object_get(model, "features"), i, feature) {
      hn_buffer_text(out, "<tr><td>");
      hn_html_text(out, hn_json_text_of(feature, "feature"));
      hn_buffer_text(out, "</td><td>");
      hn_html_number(out, feature, "importance", 4);
      hn_buffer_text(out, "</td></tr>\n");
    }
    hn_buffer_text(out, "</table></details>\n");
  }
}

static void write_falls(const json_t *list, const char *key, hn_buffer *out) {
  size_t i;
  json_t *entry;
  if (!json_array_size(list)) return;
  hn_buffer_format(
      out, "<table><tr><th>%s</th><th>accuracy lost, points</th><th>standard deviation</th></tr>\n",
      key);
  json_array_foreach(list, i, entry) {
    hn_buffer_text(out, "<tr><td>");
    hn_html_text(out, hn_json_text_of(entry, key));
    hn_buffer_format(out, "</td><td>%.2f</td><td>%.2f</td></tr>\n",
                     100 * hn_json_number_of(entry, "importance"),
                     100 * hn_json_number_of(entry, "deviation"));
  }
  hn_buffer_text(out, "</table>\n");
}

void hn_report_permutations(const json_t *importances, hn_buffer *out) {
  size_t m;
  json_t *model;
  if (!json_array_size(importances)) return;
  hn_buffer_text(out,
                 "<h2>What the models cannot do without</h2>\n<p class=\"soft\">Permutation "
                 "importance: the accuracy, in percentage points, that a fold's model loses on the "
                 "songs that it did not learn from when a feature's values are dealt anew among "
                 "them; mean and standard deviation over folds and repeats. Of features that say "
                 "the same, each alone seems to matter little: a group is permuted as one. Below "
                 "zero, the feature misleads, or it is chance.</p>\n");
  json_array_foreach(importances, m, model) {
    hn_buffer_text(out, "<details open><summary>");
    hn_html_text(out, hn_json_text_of(model, "model"));
    hn_buffer_format(out, " (%.0f repeats a fold)</summary>",
                     hn_json_number_of(model, "n_repeats"));
    write_falls(json_object_get(model, "groups"), "group", out);
    write_falls(json_object_get(model, "features"), "feature", out);
    hn_buffer_text(out, "</details>\n");
  }
}
