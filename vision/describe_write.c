#include "vision/describe.h"

#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>

const char *const hn_description_columns[] = {"danceability",
                                              "energy",
                                              "key",
                                              "loudness",
                                              "mode",
                                              "speechiness",
                                              "acousticness",
                                              "instrumentalness",
                                              "liveness",
                                              "valence",
                                              "tempo",
                                              "duration_ms",
                                              "time_signature",
                                              "tempo_strength",
                                              "tempo_half",
                                              "tempo_half_strength",
                                              "tempo_double",
                                              "tempo_double_strength",
                                              "key_strength",
                                              "key_margin",
                                              NULL};
enum { N_COLUMNS = sizeof hn_description_columns / sizeof *hn_description_columns - 1 };

/* NaN where there is nothing to tell; whole numbers have no decimals. */
typedef struct {
  double value;
  int n_decimals;
} cell;

static void fill_cells(const hn_description *d, cell cells[N_COLUMNS]) {
  const hn_traits *t = &d->traits;
  int has_tempo = d->tempo.bpm > 0, has_key = d->key.key >= 0;
  const cell values[] = {{t->danceability, 4},
                         {t->energy, 4},
                         {has_key ? (double)d->key.key : NAN, 0},
                         {isfinite(d->loudness) ? d->loudness : NAN, 2},
                         {has_key ? (double)d->key.mode : NAN, 0},
                         {t->speechiness, 4},
                         {t->acousticness, 4},
                         {t->instrumentalness, 4},
                         {t->liveness, 4},
                         {t->valence, 4},
                         {has_tempo ? d->tempo.bpm : NAN, 2},
                         {round(1000 * d->seconds), 0},
                         {d->time_signature ? (double)d->time_signature : NAN, 0},
                         {has_tempo ? d->tempo.strength : NAN, 4},
                         {has_tempo ? d->tempo.bpm / 2 : NAN, 2},
                         {has_tempo ? d->tempo.half_strength : NAN, 4},
                         {has_tempo ? d->tempo.bpm * 2 : NAN, 2},
                         {has_tempo ? d->tempo.double_strength : NAN, 4},
                         {has_key ? d->key.strength : NAN, 4},
                         {has_key ? d->key.margin : NAN, 4}};
  _Static_assert(sizeof values / sizeof *values == N_COLUMNS, "a cell for each column");
  for (size_t i = 0; i < N_COLUMNS; i++) cells[i] = values[i];
}

void hn_description_cell(const hn_description *description, size_t column, char text_out[32]) {
  cell cells[N_COLUMNS];
  fill_cells(description, cells);
  text_out[0] = 0;
  if (!isnan(cells[column].value))
    snprintf(text_out, 32, "%.*f", cells[column].n_decimals, cells[column].value);
}

static hn_status add_number(json_t *object, const char *key, cell c, hn_error *err) {
  double scale = pow(10, c.n_decimals);
  if (c.n_decimals == 0 && isfinite(c.value))
    return hn_json_set(object, key, json_integer((json_int_t)c.value), err);
  return hn_json_set(object, key, hn_json_real(round(c.value * scale) / scale), err);
}

static hn_status add_numbers(json_t *object, const char *key, const float *values, size_t n,
                             hn_error *err) {
  hn_status status = HN_OK;
  json_t *list = json_array();
  HN_TRY(hn_json_set(object, key, list, err));
  for (size_t i = 0; i < n && status == HN_OK; i++)
    status = hn_json_append(list, hn_json_real(round((double)values[i] * 1e3) / 1e3), err);
done:
  return status;
}

static hn_status add_track(json_t *root, const hn_description *d, hn_error *err) {
  hn_status status = HN_OK;
  cell cells[N_COLUMNS];
  json_t *track = json_object();
  HN_TRY(hn_json_set(root, "track", track, err));
  fill_cells(d, cells);
  for (size_t i = 0; i < N_COLUMNS; i++)
    HN_TRY(add_number(track, hn_description_columns[i], cells[i], err));
done:
  return status;
}

static hn_status add_beats(json_t *root, const hn_description *d, hn_error *err) {
  hn_status status = HN_OK;
  json_t *list = json_array();
  HN_TRY(hn_json_set(root, "beats", list, err));
  for (size_t i = 0; i < d->n_beats && status == HN_OK; i++)
    status = hn_json_append(list, hn_json_real(round(d->beats[i] * 1e3) / 1e3), err);
done:
  return status;
}

static hn_status add_sections(json_t *root, const hn_description *d, hn_error *err) {
  hn_status status = HN_OK;
  json_t *list = json_array();
  HN_TRY(hn_json_set(root, "sections", list, err));
  for (size_t i = 0; i < d->n_sections; i++) {
    const hn_section *s = &d->sections[i];
    json_t *item = json_object();
    HN_TRY(hn_json_append(list, item, err));
    HN_TRY(add_number(item, "start", (cell){s->start, 3}, err));
    HN_TRY(add_number(item, "duration", (cell){s->duration, 3}, err));
    HN_TRY(add_number(item, "loudness", (cell){s->loudness, 2}, err));
    HN_TRY(add_number(item, "key", (cell){s->key < 0 ? NAN : (double)s->key, 0}, err));
    HN_TRY(add_number(item, "mode", (cell){s->mode < 0 ? NAN : (double)s->mode, 0}, err));
  }
done:
  return status;
}

static hn_status add_segments(json_t *root, const hn_description *d, hn_error *err) {
  hn_status status = HN_OK;
  json_t *list = json_array();
  HN_TRY(hn_json_set(root, "segments", list, err));
  for (size_t i = 0; i < d->n_segments; i++) {
    const hn_segment *s = &d->segments[i];
    json_t *item = json_object();
    HN_TRY(hn_json_append(list, item, err));
    HN_TRY(add_number(item, "start", (cell){s->start, 3}, err));
    HN_TRY(add_number(item, "duration", (cell){s->duration, 3}, err));
    HN_TRY(add_number(item, "strength", (cell){s->strength, 3}, err));
    HN_TRY(add_number(item, "loudness_start", (cell){s->loudness_start, 2}, err));
    HN_TRY(add_number(item, "loudness_max", (cell){s->loudness_max, 2}, err));
    HN_TRY(add_number(item, "loudness_max_time", (cell){s->loudness_max_time, 3}, err));
    HN_TRY(add_numbers(item, "pitches", s->pitches, HN_SONG_N_PITCHES, err));
    HN_TRY(add_numbers(item, "timbre", s->timbre, HN_SONG_N_TIMBRES, err));
  }
done:
  return status;
}

hn_status hn_description_json(const hn_description *description, json_t **json_out, hn_error *err) {
  hn_status status = HN_OK;
  json_t *root = json_object();
  if (!root) return hn_fail_memory(err);
  HN_TRY(add_track(root, description, err));
  HN_TRY(add_beats(root, description, err));
  HN_TRY(add_sections(root, description, err));
  HN_TRY(add_segments(root, description, err));
  *json_out = root;
  return HN_OK;
done:
  json_decref(root);
  return status;
}
