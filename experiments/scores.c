#include "experiments/scores.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/table.h"
#include "base/text.h"
#include "eval/metrics.h"
#include "eval/significance.h"
#include "eval/slice.h"
#include "experiments/notes.h"
#include "experiments/run_folder.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* What every score of a run draws on. */
typedef struct {
  const hn_study *study;
  const hn_songs *songs;
  const hn_results *results;
  const json_t *ceilings;
  const char *folder;
  hn_bootstrap_options bootstrap;
  int32_t *outcomes; /* (results, labelled songs) */
} scorer;

static json_t *matrix_json(const int64_t *cells, size_t n) {
  json_t *rows = json_array();
  for (size_t i = 0; rows && i < n; i++) {
    json_t *row = json_array();
    int failed = json_array_append_new(rows, row);
    for (size_t j = 0; !failed && j < n; j++)
      failed = json_array_append_new(row, json_integer(cells[i * n + j]));
    if (!failed) continue;
    json_decref(rows);
    rows = NULL;
  }
  return rows;
}

/* A CSV with the classes said as columns and the true ones as rows. */
static hn_status write_matrix(const char *folder, const char *name, const char *const *classes,
                              const int64_t *cells, size_t n, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer text = {0};
  char *path = hn_run_path(folder, "confusion/%s.csv", name);
  if (!path) return hn_fail_memory(err);
  hn_csv_cell(&text, "truth", 1);
  for (size_t k = 0; k < n; k++) hn_csv_cell(&text, classes[k], 0);
  hn_buffer_byte(&text, '\n');
  for (size_t i = 0; i < n; i++) {
    hn_csv_cell(&text, classes[i], 1);
    for (size_t j = 0; j < n; j++) hn_buffer_format(&text, ",%" PRId64, cells[i * n + j]);
    hn_buffer_byte(&text, '\n');
  }
  HN_TRY(hn_buffer_status(&text, err));
  status = hn_file_write(path, text.data, text.length, err);
done:
  hn_buffer_free(&text);
  hn_free(path);
  return status;
}

static hn_status add_per_class(const hn_metrics *m, char *const *classes, json_t *scores,
                               hn_error *err) {
  hn_status status = HN_OK;
  json_t *list = json_array();
  HN_TRY(hn_json_set(scores, "per_class", list, err));
  for (size_t k = 0; k < m->n_classes; k++)
    HN_TRY(hn_json_append(list,
                          json_pack("{s:s, s:I, s:o, s:o, s:o}", "class", classes[k], "support",
                                    (json_int_t)m->classes[k].support, "precision",
                                    hn_json_real(m->classes[k].precision), "recall",
                                    hn_json_real(m->classes[k].recall), "f1",
                                    hn_json_real(m->classes[k].f1)),
                          err));
done:
  return status;
}

/* A result's name and the interval of its share of right songs. */
static json_t *interval_json(const hn_result *result, const hn_metrics *m,
                             const hn_interval *interval) {
  return json_pack("{s:s, s:s, s:b, s:I, s:I, s:o, s:o, s:b}", "name", result->name, "role",
                   hn_result_role_name(result->role), "headline", result->is_headline, "n",
                   (json_int_t)m->n_scored, "absent", (json_int_t)m->n_absent, "low",
                   hn_json_real(interval->low), "high", hn_json_real(interval->high),
                   "tracks_resampled", interval->by_track);
}

/* The figures that a whole table and a slice of it have in common. */
static hn_status add_figures(const hn_metrics *m, json_t *scores, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(hn_json_set(scores, "accuracy", hn_json_real(m->accuracy), err));
  HN_TRY(hn_json_set(scores, "balanced_accuracy", hn_json_real(m->balanced_accuracy), err));
  HN_TRY(hn_json_set(scores, "macro_f1", hn_json_real(m->macro_f1), err));
  HN_TRY(hn_json_set(scores, "log_loss", hn_json_real(m->log_loss), err));
  HN_TRY(hn_json_set(scores, "confusion", matrix_json(m->confusion, m->n_classes), err));
done:
  return status;
}

/* Best possible accuracy: a model's by its modality, a fusion's by those of the models it fuses. */
static double ceiling_of(const scorer *s, const hn_result *result) {
  const char *key = NULL;
  const hn_study_model *model = hn_study_find_model(s->study, result->name);
  if (result->role == HN_RESULT_MODEL) key = hn_modality_name(model->modality);
  for (size_t i = 0; result->role == HN_RESULT_FUSED && i < s->study->fusion_of.n; i++) {
    model = hn_study_find_model(s->study, s->study->fusion_of.items[i]);
    const char *own = hn_modality_name(model->modality);
    key = !key || strcmp(key, own) == 0 ? own : "fused";
  }
  const json_t *value = key ? json_object_get(s->ceilings, key) : NULL;
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static hn_status add_model(const scorer *s, size_t r, json_t *models, hn_error *err) {
  hn_status status = HN_OK;
  const hn_result *result = &s->results->items[r];
  hn_metrics m = {0};
  hn_interval interval;
  char note[160];

  HN_TRY(hn_metrics_score(&result->labelled, NULL, &m, err));
  HN_TRY(hn_bootstrap_accuracy(s->outcomes + r * s->results->n_labelled, s->results->artists,
                               s->results->n_labelled, &s->bootstrap, &interval, err));
  HN_TRY(write_matrix(s->folder, result->name, (const char *const *)result->labelled.classes,
                      m.confusion, m.n_classes, err));
  hn_interval_describe(&interval, s->bootstrap.level, note);
  json_t *scores = interval_json(result, &m, &interval);
  HN_TRY(hn_json_append(models, scores, err));
  HN_TRY(add_figures(&m, scores, err));
  HN_TRY(hn_json_set(scores, "note", json_string(note), err));
  HN_TRY(hn_json_set(scores, "training_accuracy", hn_json_real(result->train_accuracy), err));
  HN_TRY(hn_json_set(scores, "brier", hn_json_real(m.brier), err));
  HN_TRY(hn_json_set(scores, "calibration_error", hn_json_real(m.calibration_error), err));
  HN_TRY(add_per_class(&m, result->labelled.classes, scores, err));
  if (s->ceilings) HN_TRY(hn_json_set(scores, "ceiling", hn_json_real(ceiling_of(s, result)), err));
done:
  hn_metrics_free(&m);
  return status;
}

/* Every pair of models and of the headline fusion with each of them. */
static int is_compared(const hn_result *result) {
  return result->role == HN_RESULT_MODEL || result->is_headline;
}

static hn_status add_comparisons(const scorer *s, json_t *comparisons, hn_error *err) {
  hn_status status = HN_OK;
  const hn_results *all = s->results;
  double *p_values = NULL;
  size_t n_rows = all->n_labelled, n = 0;

  HN_NEW(p_values, all->n * all->n, err);
  for (size_t a = all->n; a-- > 0;) {
    for (size_t b = 0; b < a; b++) {
      if (!is_compared(&all->items[a]) || !is_compared(&all->items[b])) continue;
      const int32_t *of_a = s->outcomes + a * n_rows, *of_b = s->outcomes + b * n_rows;
      hn_interval difference;
      HN_TRY(hn_bootstrap_difference(of_a, of_b, all->artists, n_rows, &s->bootstrap, &difference,
                                     err));
      hn_mcnemar mcnemar = hn_mcnemar_test(of_a, of_b, n_rows);
      p_values[n++] = mcnemar.p_value;
      HN_TRY(hn_json_append(
          comparisons,
          json_pack("{s:s, s:s, s:I, s:b, s:o, s:o, s:o, s:o, s:o}", "a", all->items[a].name, "b",
                    all->items[b].name, "n", (json_int_t)difference.n_tracks, "tracks_resampled",
                    difference.by_track, "difference", hn_json_real(difference.estimate), "low",
                    hn_json_real(difference.low), "high", hn_json_real(difference.high),
                    "p_bootstrap", hn_json_real(difference.p_value), "p_mcnemar",
                    hn_json_real(mcnemar.p_value)),
          err));
    }
  }
  if (n) HN_TRY(hn_holm(p_values, n, p_values, err));
  for (size_t i = 0; i < n; i++)
    HN_TRY(hn_json_set(json_array_get(comparisons, i), "p_holm", hn_json_real(p_values[i]), err));
done:
  hn_free(p_values);
  return status;
}

/* A slice's name or value as part of a file name: distinct texts stay distinct, a slash leads into
 * no folder, and what is too long for a file system is cut and told apart by its hash. */
static void add_to_file_name(hn_buffer *name, const char *text) {
  enum { LONGEST = 60 };
  char hash[33];
  size_t n = strlen(text), n_kept = n;
  if (n > LONGEST) n_kept = hn_utf8_valid_length(text, LONGEST);
  for (size_t i = 0; i < n_kept; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == '/' || c == '%' || c < ' ')
      hn_buffer_format(name, "%%%02X", c);
    else
      hn_buffer_byte(name, text[i]);
  }
  if (n_kept == n) return;
  hn_hash_bytes(text, n, hash);
  hn_buffer_format(name, "%%%.8s", hash);
}

/* One value of a slice. */
typedef struct {
  const hn_study_slice *slice;
  const char *value;
  const uint8_t *mask; /* its songs */
  int32_t own_class;   /* the class that the value is, where the slice is over the target, or -1 */
} slice_value;

static hn_status write_slice_matrix(const scorer *s, const hn_result *result, const slice_value *v,
                                    const char *const *classes, const int64_t *cells, size_t n,
                                    hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer name = {0};
  hn_buffer_format(&name, "%s.", result->name);
  add_to_file_name(&name, v->slice->name);
  hn_buffer_byte(&name, '=');
  add_to_file_name(&name, v->value);
  HN_TRY(hn_buffer_status(&name, err));
  status = write_matrix(s->folder, name.data, classes, cells, n, err);
done:
  hn_buffer_free(&name);
  return status;
}

/* The value's class against all others over the whole table: among the songs of the value alone
 * every truth is the same, so that "accuracy" would be recall under another name. */
static hn_status add_one_against_rest(const scorer *s, const hn_result *result,
                                      const slice_value *v, const hn_metrics *whole, json_t *scores,
                                      hn_error *err) {
  hn_status status = HN_OK;
  hn_one_against_rest o = hn_metrics_one_against_rest(whole, (size_t)v->own_class);
  int64_t cells[4] = {o.true_positive, o.false_negative, o.false_positive, o.true_negative};
  const char *classes[2] = {v->value, "all others"};
  HN_TRY(hn_json_set(scores, "recall", hn_json_real(o.recall), err));
  HN_TRY(hn_json_set(scores, "precision", hn_json_real(o.precision), err));
  HN_TRY(hn_json_set(scores, "specificity", hn_json_real(o.specificity), err));
  HN_TRY(hn_json_set(scores, "confusion", matrix_json(cells, 2), err));
  status = write_slice_matrix(s, result, v, classes, cells, 2, err);
done:
  return status;
}

/* One result on one value of a slice. */
static hn_status add_slice_score(const scorer *s, size_t r, const slice_value *v,
                                 const hn_metrics *whole, json_t *models, hn_error *err) {
  hn_status status = HN_OK;
  const hn_result *result = &s->results->items[r];
  size_t n_rows = s->results->n_labelled;
  int32_t *outcomes = NULL;
  hn_metrics m = {0};
  hn_interval interval;

  HN_NEW(outcomes, n_rows, err);
  for (size_t i = 0; i < n_rows; i++) outcomes[i] = v->mask[i] ? s->outcomes[r * n_rows + i] : -1;
  HN_TRY(hn_metrics_score(&result->labelled, v->mask, &m, err));
  HN_TRY(
      hn_bootstrap_accuracy(outcomes, s->results->artists, n_rows, &s->bootstrap, &interval, err));
  json_t *scores = interval_json(result, &m, &interval);
  HN_TRY(hn_json_append(models, scores, err));
  if (v->own_class >= 0) {
    status = add_one_against_rest(s, result, v, whole, scores, err);
  } else {
    HN_TRY(add_figures(&m, scores, err));
    status = write_slice_matrix(s, result, v, (const char *const *)result->labelled.classes,
                                m.confusion, m.n_classes, err);
  }
done:
  hn_metrics_free(&m);
  hn_free(outcomes);
  return status;
}

static int is_over_target(const scorer *s, const hn_study_slice *slice) {
  return strcmp(slice->column, s->study->target) == 0 && slice->n_edges == 0;
}

static hn_status add_slice_values(const scorer *s, const hn_study_slice *slice,
                                  const hn_slices *parts, const hn_metrics *wholes, json_t *values,
                                  hn_error *err) {
  hn_status status = HN_OK;
  const hn_results *all = s->results;
  const hn_labels *labels = &s->songs->labels;
  uint8_t *mask = NULL;

  HN_NEW(mask, all->n_labelled, err);
  for (size_t i = 0; i < parts->n_slices; i++) {
    const hn_slice *part = &parts->slices[i];
    if (part->too_small) continue;
    slice_value v = {slice, part->name, mask, -1};
    json_t *models = json_array();
    json_t *value = json_pack("{s:s, s:I, s:o}", "value", part->name, "n", (json_int_t)part->count,
                              "models", models);
    HN_TRY(hn_json_append(values, value, err));
    if (is_over_target(s, slice)) {
      v.own_class = hn_labels_find(labels->classes, labels->n_classes, part->name);
      HN_TRY(hn_json_set(value, "classes", json_pack("[s, s]", part->name, "all others"), err));
    }
    hn_slices_mask(parts, i, mask);
    for (size_t r = 0; r < all->n; r++) HN_TRY(add_slice_score(s, r, &v, &wholes[r], models, err));
  }
done:
  hn_free(mask);
  return status;
}

/* The slice that each labelled song belongs to. */
static hn_status cut_slices(const scorer *s, const hn_study_slice *slice, hn_slices *parts_out,
                            hn_error *err) {
  hn_status status = HN_OK;
  const hn_results *all = s->results;
  const char **texts = NULL;
  double *numbers = NULL, *column_numbers = NULL;
  size_t column = 0;
  int by_guests = hn_songs_derives_guests(s->songs->manifest, slice->column);

  if (!by_guests)
    HN_TRY(hn_manifest_require_column(s->songs->manifest, slice->column, &column, err));
  HN_NEW(texts, all->n_labelled, err);
  HN_NEW(numbers, all->n_labelled, err);
  HN_NEW(column_numbers, hn_manifest_n_tracks(s->songs->manifest), err);
  if (slice->n_edges)
    HN_TRY(hn_manifest_numbers(s->songs->manifest, slice->column, column_numbers, err));
  for (size_t i = 0; i < all->n_labelled; i++) {
    size_t song = all->labelled_songs[i], track = s->songs->tracks[song];
    texts[i] =
        by_guests ? s->songs->guests[song] : hn_manifest_cell(s->songs->manifest, track, column);
    numbers[i] = column_numbers[track];
  }
  status =
      slice->n_edges
          ? hn_slices_by_edges(numbers, all->n_labelled, slice->edges, slice->n_edges, NULL,
                               HN_SCORES_MIN_SLICE, parts_out, err)
          : hn_slices_by_value(texts, all->n_labelled, NULL, HN_SCORES_MIN_SLICE, parts_out, err);
done:
  hn_free(texts);
  hn_free(numbers);
  hn_free(column_numbers);
  return status;
}

static hn_status add_slice(const scorer *s, const hn_study_slice *slice, const hn_metrics *wholes,
                           json_t *slices, hn_error *err) {
  hn_status status = HN_OK;
  hn_slices parts = {0};
  json_t *made = NULL, *values = json_array();
  char *small = NULL;

  made = json_pack("{s:s, s:s, s:b, s:[], s:o}", "slice", slice->name, "column", slice->column,
                   "one_against_rest", is_over_target(s, slice), "notes", "values", values);
  HN_TRY(hn_json_append(slices, made, err));
  HN_TRY(cut_slices(s, slice, &parts, err));
  HN_TRY(hn_slices_describe_small(&parts, &small, err));
  if (small) HN_TRY(hn_note(made, err, "%s", small));
  if (parts.n_missing)
    HN_TRY(hn_note(made, err, "%zu of %zu tracks: %s missing", parts.n_missing, parts.n_rows,
                   slice->column));
  status = add_slice_values(s, slice, &parts, wholes, values, err);
done:
  hn_slices_free(&parts);
  hn_free(small);
  return status;
}

static hn_status add_slices(const scorer *s, json_t *slices, hn_error *err) {
  hn_status status = HN_OK;
  hn_metrics *wholes = NULL;
  HN_NEW(wholes, s->results->n, err);
  for (size_t r = 0; r < s->results->n; r++)
    HN_TRY(hn_metrics_score(&s->results->items[r].labelled, NULL, &wholes[r], err));
  for (size_t i = 0; i < s->study->n_slices; i++)
    HN_TRY(add_slice(s, &s->study->slices[i], wholes, slices, err));
done:
  for (size_t r = 0; wholes && r < s->results->n; r++) hn_metrics_free(&wholes[r]);
  hn_free(wholes);
  return status;
}

hn_status hn_scores_add(const hn_study *study, const hn_songs *songs, const hn_results *results,
                        const json_t *ceilings, const char *folder, json_t *metrics,
                        hn_error *err) {
  hn_status status = HN_OK;
  json_t *models = json_array(), *comparisons = json_array(), *slices = json_array();
  scorer s = {.study = study,
              .songs = songs,
              .results = results,
              .ceilings = ceilings,
              .folder = folder,
              .bootstrap = hn_bootstrap_options_default()};
  s.bootstrap.seed = hn_seed_derive(study->seed, "bootstrap", 0);
  HN_TRY(hn_json_set(metrics, "models", models, err));
  HN_TRY(hn_json_set(metrics, "comparisons", comparisons, err));
  HN_TRY(hn_json_set(metrics, "slices", slices, err));
  HN_NEW(s.outcomes, results->n * results->n_labelled, err);
  for (size_t r = 0; r < results->n; r++)
    hn_outcomes(&results->items[r].labelled, s.outcomes + r * results->n_labelled);
  HN_TRY(hn_run_make(folder, "confusion", err));
  for (size_t r = 0; r < results->n; r++) HN_TRY(add_model(&s, r, models, err));
  HN_TRY(add_comparisons(&s, comparisons, err));
  status = add_slices(&s, slices, err);
done:
  hn_free(s.outcomes);
  return status;
}
