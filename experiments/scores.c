#include "experiments/scores.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/table.h"
#include "eval/metrics.h"
#include "eval/significance.h"
#include "eval/slice.h"
#include "experiments/run_folder.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
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

static json_t *real_or_null(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

static json_t *matrix_json(const int64_t *cells, size_t n) {
  json_t *rows = json_array();
  for (size_t i = 0; i < n; i++) {
    json_t *row = json_array();
    for (size_t j = 0; j < n; j++) json_array_append_new(row, json_integer(cells[i * n + j]));
    json_array_append_new(rows, row);
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

static json_t *per_class_json(const hn_metrics *m, char *const *classes) {
  json_t *list = json_array();
  for (size_t k = 0; k < m->n_classes; k++)
    json_array_append_new(list, json_pack("{s:s, s:I, s:o, s:o, s:o}", "class", classes[k],
                                          "support", (json_int_t)m->classes[k].support, "precision",
                                          real_or_null(m->classes[k].precision), "recall",
                                          real_or_null(m->classes[k].recall), "f1",
                                          real_or_null(m->classes[k].f1)));
  return list;
}

/* The figures that a whole table and a slice of it have in common. */
static json_t *scores_json(const hn_result *result, const hn_metrics *m,
                           const hn_interval *interval) {
  return json_pack("{s:s, s:s, s:b, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "name", result->name,
                   "role", hn_result_role_name(result->role), "headline", result->is_headline, "n",
                   (json_int_t)m->n_scored, "absent", (json_int_t)m->n_absent, "accuracy",
                   real_or_null(m->accuracy), "low", real_or_null(interval->low), "high",
                   real_or_null(interval->high), "balanced_accuracy",
                   real_or_null(m->balanced_accuracy), "macro_f1", real_or_null(m->macro_f1),
                   "log_loss", real_or_null(m->log_loss));
}

/* Best possible accuracy: a model's by its modality, a fusion's by both. */
static double ceiling_of(const scorer *s, const hn_result *result) {
  const char *key = NULL;
  const hn_study_model *model = hn_study_find_model(s->study, result->name);
  if (result->role == HN_RESULT_FUSED) key = "fused";
  if (result->role == HN_RESULT_MODEL && model) key = hn_modality_name(model->modality);
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
  json_t *scores = scores_json(result, &m, &interval);
  json_object_set_new(scores, "note", json_string(note));
  json_object_set_new(scores, "training_accuracy", real_or_null(result->train_accuracy));
  json_object_set_new(scores, "brier", real_or_null(m.brier));
  json_object_set_new(scores, "calibration_error", real_or_null(m.calibration_error));
  json_object_set_new(scores, "per_class", per_class_json(&m, result->labelled.classes));
  json_object_set_new(scores, "confusion", matrix_json(m.confusion, m.n_classes));
  if (s->ceilings) json_object_set_new(scores, "ceiling", real_or_null(ceiling_of(s, result)));
  if (json_array_append_new(models, scores) != 0) status = hn_fail_memory(err);
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
      json_array_append_new(
          comparisons,
          json_pack("{s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "a", all->items[a].name, "b",
                    all->items[b].name, "n", (json_int_t)difference.n_tracks, "difference",
                    real_or_null(difference.estimate), "low", real_or_null(difference.low), "high",
                    real_or_null(difference.high), "p_bootstrap", real_or_null(difference.p_value),
                    "p_mcnemar", real_or_null(mcnemar.p_value)));
    }
  }
  if (n) HN_TRY(hn_holm(p_values, n, p_values, err));
  for (size_t i = 0; i < n; i++)
    json_object_set_new(json_array_get(comparisons, i), "p_holm", real_or_null(p_values[i]));
done:
  hn_free(p_values);
  return status;
}

/* A slice's value as part of a file name. */
static void file_name_part(const char *value, char *out, size_t n) {
  size_t i = 0;
  for (; value[i] && i + 1 < n; i++) out[i] = value[i] == '/' || value[i] == ' ' ? '_' : value[i];
  out[i] = 0;
}

/* One model on one value of a slice. over_target: the matrix is the value's class against all
 * others over the whole table; else that of the slice's songs. */
static hn_status add_slice_score(const scorer *s, size_t r, const hn_study_slice *slice,
                                 const char *value, const uint8_t *mask, const hn_metrics *whole,
                                 int32_t own_class, json_t *models, hn_error *err) {
  hn_status status = HN_OK;
  const hn_result *result = &s->results->items[r];
  size_t n_rows = s->results->n_labelled;
  int32_t *outcomes = NULL;
  hn_metrics m = {0};
  hn_interval interval;
  char name[512], part[128];

  HN_NEW(outcomes, n_rows, err);
  for (size_t i = 0; i < n_rows; i++) outcomes[i] = mask[i] ? s->outcomes[r * n_rows + i] : -1;
  HN_TRY(hn_metrics_score(&result->labelled, mask, &m, err));
  HN_TRY(
      hn_bootstrap_accuracy(outcomes, s->results->artists, n_rows, &s->bootstrap, &interval, err));
  json_t *scores = scores_json(result, &m, &interval);
  file_name_part(value, part, sizeof part);
  snprintf(name, sizeof name, "%s.%s=%s", result->name, slice->name, part);
  if (own_class >= 0) {
    hn_one_against_rest o = hn_metrics_one_against_rest(whole, (size_t)own_class);
    int64_t cells[4] = {o.true_positive, o.false_negative, o.false_positive, o.true_negative};
    const char *classes[2] = {value, "all others"};
    json_object_set_new(scores, "recall", real_or_null(o.recall));
    json_object_set_new(scores, "precision", real_or_null(o.precision));
    json_object_set_new(scores, "specificity", real_or_null(o.specificity));
    json_object_set_new(scores, "confusion", matrix_json(cells, 2));
    status = write_matrix(s->folder, name, classes, cells, 2, err);
  } else {
    json_object_set_new(scores, "confusion", matrix_json(m.confusion, m.n_classes));
    status = write_matrix(s->folder, name, (const char *const *)result->labelled.classes,
                          m.confusion, m.n_classes, err);
  }
  if (json_array_append_new(models, scores) != 0) status = hn_fail_memory(err);
done:
  hn_metrics_free(&m);
  hn_free(outcomes);
  return status;
}

static hn_status add_slice_values(const scorer *s, const hn_study_slice *slice,
                                  const hn_slices *parts, const hn_metrics *wholes, json_t *values,
                                  hn_error *err) {
  hn_status status = HN_OK;
  const hn_results *all = s->results;
  uint8_t *mask = NULL;
  int over_target = strcmp(slice->column, s->study->target) == 0 && slice->n_edges == 0;

  HN_NEW(mask, all->n_labelled, err);
  for (size_t v = 0; v < parts->n_slices; v++) {
    const hn_slice *part = &parts->slices[v];
    if (part->too_small) continue;
    json_t *models = json_array();
    json_t *value = json_pack("{s:s, s:I, s:o}", "value", part->name, "n", (json_int_t)part->count,
                              "models", models);
    if (over_target)
      json_object_set_new(value, "classes", json_pack("[s, s]", part->name, "all others"));
    if (json_array_append_new(values, value) != 0) HN_TRY(hn_fail_memory(err));
    hn_slices_mask(parts, v, mask);
    for (size_t r = 0; r < all->n; r++) {
      int32_t own = over_target ? hn_labels_find(s->songs->labels.classes,
                                                 s->songs->labels.n_classes, part->name)
                                : -1;
      HN_TRY(add_slice_score(s, r, slice, part->name, mask, &wholes[r], own, models, err));
    }
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
  size_t column;

  HN_TRY(hn_manifest_require_column(s->songs->manifest, slice->column, &column, err));
  HN_NEW(texts, all->n_labelled, err);
  HN_NEW(numbers, all->n_labelled, err);
  HN_NEW(column_numbers, hn_manifest_n_tracks(s->songs->manifest), err);
  if (slice->n_edges)
    HN_TRY(hn_manifest_numbers(s->songs->manifest, slice->column, column_numbers, err));
  for (size_t i = 0; i < all->n_labelled; i++) {
    size_t track = s->songs->tracks[all->labelled_songs[i]];
    texts[i] = hn_manifest_cell(s->songs->manifest, track, column);
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
  json_t *notes = json_array(), *values = json_array();
  char *small = NULL, text[160];
  int over_target = strcmp(slice->column, s->study->target) == 0 && slice->n_edges == 0;

  json_array_append_new(slices, json_pack("{s:s, s:s, s:b, s:o, s:o}", "slice", slice->name,
                                          "column", slice->column, "one_against_rest", over_target,
                                          "notes", notes, "values", values));
  HN_TRY(cut_slices(s, slice, &parts, err));
  HN_TRY(hn_slices_describe_small(&parts, &small, err));
  if (small) json_array_append_new(notes, json_string(small));
  if (parts.n_missing) {
    snprintf(text, sizeof text, "%zu of %zu songs: %s missing", parts.n_missing, parts.n_rows,
             slice->column);
    json_array_append_new(notes, json_string(text));
  }
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
  json_object_set_new(metrics, "models", models);
  json_object_set_new(metrics, "comparisons", comparisons);
  json_object_set_new(metrics, "slices", slices);
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
