#include "experiments/guest_policies.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/random.h"
#include "eval/significance.h"
#include "experiments/notes.h"
#include "experiments/scores.h"

#include <string.h>

static int sees_lyrics(const hn_study_model *model) {
  return model->modality == HN_MODALITY_LYRICS || model->modality == HN_MODALITY_STYLE;
}

/* The run's study with the models that see lyrics, and nothing to fuse. */
static hn_status narrow_study(const hn_study *study, hn_study *narrow, hn_error *err) {
  hn_status status = HN_OK;
  *narrow = *study;
  narrow->models = NULL;
  narrow->n_models = 0;
  narrow->fusion_of = narrow->fusion_methods = (hn_texts){0};
  HN_NEW(narrow->models, study->n_models, err);
  for (size_t m = 0; m < study->n_models; m++)
    if (sees_lyrics(&study->models[m])) narrow->models[narrow->n_models++] = study->models[m];
done:
  return status;
}

static hn_status load_policy(const hn_study *study, const hn_songs *songs, FILE *messages,
                             hn_guest_policy *p, hn_error *err) {
  hn_status status = HN_OK;
  p->songs = *songs;
  p->songs.filter = (hn_filter){0};
  HN_TRY(hn_songs_filter(study, songs, p->policy, &p->songs.filter, err));
  HN_TRY(hn_lyrics_load(study, &p->songs, messages, &p->lyrics, err));
  for (size_t i = 0; i < songs->n; i++) {
    if (p->songs.filter.keep[songs->tracks[i]]) continue;
    p->lyrics.has[i] = 0;
    p->n_left_out++;
  }
  HN_NEW(p->data, study->n_models, err);
  for (size_t m = 0; m < study->n_models; m++)
    HN_TRY(hn_model_data_init(study, &study->models[m], &p->songs, &p->lyrics, NULL, messages, NULL,
                              &p->data[m], err));
done:
  return status;
}

hn_status hn_guest_policies_load(const hn_study *study, const hn_songs *songs, FILE *messages,
                                 hn_guest_policies *guests_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_guest_policies guests = {0};
  if (study->compare_featured.n) {
    HN_TRY(narrow_study(study, &guests.study, err));
    HN_NEW(guests.policies, study->compare_featured.n, err);
  }
  for (; guests.n < study->compare_featured.n;) {
    hn_guest_policy *p = &guests.policies[guests.n++];
    p->policy = study->compare_featured.items[guests.n - 1];
    status = load_policy(&guests.study, songs, messages, p, err);
    if (status != HN_OK) HN_TRY(hn_fail_prefix(err, status, "compare_featured: %s", p->policy));
  }
  *guests_out = guests;
  guests = (hn_guest_policies){0};
done:
  hn_guest_policies_free(&guests);
  return status;
}

void hn_guest_policies_free(hn_guest_policies *guests) {
  if (!guests) return;
  for (size_t i = 0; i < guests->n; i++) {
    hn_guest_policy *p = &guests->policies[i];
    for (size_t m = 0; p->data && m < guests->study.n_models; m++) hn_model_data_free(&p->data[m]);
    hn_free(p->data);
    hn_results_free(&p->results);
    hn_lyrics_free(&p->lyrics);
    hn_filter_free(&p->songs.filter);
  }
  hn_free(guests->policies);
  hn_free(guests->study.models);
  *guests = (hn_guest_policies){0};
}

static hn_status write_predictions(const hn_results *results, const char *folder, hn_error *err) {
  hn_status status = HN_OK;
  char *path = NULL;
  HN_TRY(hn_run_make(folder, "predictions", err));
  for (size_t r = 0; r < results->n; r++) {
    if (results->items[r].role != HN_RESULT_MODEL) continue;
    hn_free(path);
    if (!(path = hn_run_path(folder, "predictions/%s.csv", results->items[r].name)))
      HN_TRY(hn_fail_memory(err));
    HN_TRY(hn_probability_write(path, &results->items[r].labelled, err));
  }
done:
  hn_free(path);
  return status;
}

static hn_status train_policy(const hn_study *study, const hn_plan *plan, hn_run_folder *folder,
                              FILE *messages, hn_guest_policy *p, hn_error *err) {
  hn_status status = HN_OK;
  hn_fold_context context = {study, &p->songs, plan, folder, messages, p->policy};
  size_t n = study->n_models * plan->n_folds;
  hn_fold_result *folds = NULL;

  HN_TRY(hn_run_make(folder->path, "folds", err));
  HN_TRY(hn_run_make(folder->path, "models", err));
  HN_NEW(folds, n, err);
  for (size_t i = 0; i < n; i++)
    HN_TRY(hn_fold_run(&context, &p->data[i / plan->n_folds], i % plan->n_folds, &folds[i], err));
  HN_TRY(hn_results_gather(&context, folds, &p->results, err));
  status = write_predictions(&p->results, folder->path, err);
done:
  for (size_t i = 0; folds && i < n; i++) hn_fold_result_free(&folds[i]);
  hn_free(folds);
  return status;
}

hn_status hn_guest_policies_train(hn_guest_policies *guests, const hn_plan *plan,
                                  hn_run_folder *folder, FILE *messages, hn_error *err) {
  hn_status status = HN_OK;
  for (size_t i = 0; status == HN_OK && i < guests->n; i++) {
    hn_guest_policy *p = &guests->policies[i];
    hn_run_folder own = {.path = hn_run_path(folder->path, "guests/%s", p->policy),
                         .log = folder->log};
    if (!own.path) return hn_fail_memory(err);
    status = train_policy(&guests->study, plan, &own, messages, p, err);
    if (status != HN_OK) hn_fail_prefix(err, status, "compare_featured: %s", p->policy);
    hn_free(own.path);
  }
  return status;
}

/* Which songs a comparison is about. */
typedef enum { PART_ALL, PART_WITH, PART_WITHOUT } song_part;
static const char *const part_names[] = {"all", "with guests", "without guests"};

static int is_in_part(const hn_songs *songs, size_t song, song_part part) {
  int is_alone = strcmp(songs->guests[song], "none") == 0;
  return part == PART_ALL || is_alone == (part == PART_WITHOUT);
}

/* A comparison under way: n labelled songs. */
typedef struct {
  const hn_songs *songs;
  const hn_results *results; /* under filters.featured */
  hn_bootstrap_options bootstrap;
  size_t n;
  int32_t *before, *after; /* (n) outcomes under filters.featured and under the policy */
  json_t *made, *rows;
} comparison;

/* Outcomes of the songs of a part that both score, -1 elsewhere; how many those are. */
static size_t choose_outcomes(const comparison *c, const hn_result *before, const hn_result *after,
                              song_part part) {
  size_t n = 0;
  hn_outcomes(&before->labelled, c->before);
  hn_outcomes(&after->labelled, c->after);
  for (size_t i = 0; i < c->n; i++) {
    if (c->before[i] >= 0 && c->after[i] >= 0 &&
        is_in_part(c->songs, c->results->labelled_songs[i], part))
      n++;
    else
      c->before[i] = c->after[i] = -1;
  }
  return n;
}

static int has_guests(const comparison *c) {
  for (size_t i = 0; i < c->n; i++)
    if (is_in_part(c->songs, c->results->labelled_songs[i], PART_WITH)) return 1;
  return 0;
}

static double share_right(const int32_t *outcomes, size_t n_rows, size_t n) {
  size_t n_right = 0;
  for (size_t i = 0; i < n_rows; i++) n_right += outcomes[i] == 1;
  return (double)n_right / (double)n;
}

/* *n_out: how many songs of the part both score. A part that is none or all of `n_all` songs needs
 * no row of its own. */
static hn_status compare_part(const comparison *c, const char *policy, const hn_result *before,
                              const hn_result *after, song_part part, size_t n_all, size_t *n_out,
                              hn_error *err) {
  hn_status status = HN_OK;
  hn_interval d;
  size_t n = *n_out = choose_outcomes(c, before, after, part);
  if (part != PART_ALL && (n == 0 || n == n_all)) return HN_OK;
  if (n < HN_SCORES_MIN_SLICE)
    return hn_note(c->made, err,
                   "%s, %s, songs %s: %zu are scored under both policies, and fewer than %d are "
                   "not compared",
                   after->name, policy, part_names[part], n, HN_SCORES_MIN_SLICE);
  HN_TRY(hn_bootstrap_difference(c->after, c->before, c->results->artists, c->n, &c->bootstrap, &d,
                                 err));
  hn_mcnemar mcnemar = hn_mcnemar_test(c->after, c->before, c->n);
  status = hn_json_append(
      c->rows,
      json_pack("{s:s, s:s, s:s, s:I, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "model",
                after->name, "policy", policy, "songs", part_names[part], "n", (json_int_t)n,
                "baseline_accuracy", hn_json_real(share_right(c->before, c->n, n)), "accuracy",
                hn_json_real(share_right(c->after, c->n, n)), "tracks_resampled", d.by_track,
                "difference", hn_json_real(d.estimate), "low", hn_json_real(d.low), "high",
                hn_json_real(d.high), "p_bootstrap", hn_json_real(d.p_value), "p_mcnemar",
                hn_json_real(mcnemar.p_value)),
      err);
done:
  return status;
}

static hn_status correct_p_values(json_t *rows, hn_error *err) {
  hn_status status = HN_OK;
  double *p = NULL;
  size_t i, n = json_array_size(rows);
  json_t *row;
  if (n == 0) return HN_OK;
  HN_NEW(p, n, err);
  json_array_foreach(rows, i, row) p[i] = json_number_value(json_object_get(row, "p_mcnemar"));
  HN_TRY(hn_holm(p, n, p, err));
  json_array_foreach(rows, i, row) HN_TRY(hn_json_set(row, "p_holm", hn_json_real(p[i]), err));
done:
  hn_free(p);
  return status;
}

/* What a policy does to the lyrics. */
static hn_status describe_policy(const hn_lyrics *lyrics, const char *policy, size_t n_left_out,
                                 json_t *made, hn_error *err) {
  hn_status status = HN_OK;
  const json_t *cut = json_object_get(lyrics->account, "guests");
  json_int_t n_sections = 0;
  hn_featured_policy parsed;
  size_t i;
  json_t *song;
  json_array_foreach(cut, i, song) n_sections +=
      json_integer_value(json_object_get(song, "sections"));
  HN_TRY(hn_json_append(json_object_get(made, "policies"),
                        json_pack("{s:s, s:I, s:I, s:I}", "policy", policy, "sections", n_sections,
                                  "songs_cut", (json_int_t)json_array_size(cut), "songs_left_out",
                                  (json_int_t)n_left_out),
                        err));
  HN_TRY(hn_featured_policy_parse(policy, &parsed, err));
  if (hn_featured_policy_cuts(parsed) && n_sections == 0)
    status = hn_note(made, err,
                     "%s cuts nothing out of these lyrics: no heading of a section names such a "
                     "performer, so that the policy changes nothing",
                     policy);
done:
  return status;
}

static hn_status compare_policy(const comparison *c, const hn_guest_policy *p, hn_error *err) {
  hn_status status = HN_OK;
  for (size_t r = 0; r < p->results.n; r++) {
    const hn_result *after = &p->results.items[r];
    if (after->role != HN_RESULT_MODEL) continue;
    const hn_result *before = hn_results_find(c->results, after->name);
    size_t n_all = 0, n;
    HN_TRY(compare_part(c, p->policy, before, after, PART_ALL, 0, &n_all, err));
    HN_TRY(compare_part(c, p->policy, before, after, PART_WITH, n_all, &n, err));
    HN_TRY(compare_part(c, p->policy, before, after, PART_WITHOUT, n_all, &n, err));
  }
done:
  return status;
}

hn_status hn_guest_policies_add(const hn_guest_policies *guests, const hn_songs *songs,
                                const hn_lyrics *lyrics, const hn_results *results, json_t *metrics,
                                hn_error *err) {
  hn_status status = HN_OK;
  comparison c = {.songs = songs,
                  .results = results,
                  .bootstrap = hn_bootstrap_options_default(),
                  .n = results->n_labelled};
  if (guests->n == 0) return HN_OK;
  const char *baseline = guests->study.featured;
  c.bootstrap.seed = hn_seed_derive(guests->study.seed, "bootstrap", 0);
  c.made = json_pack("{s:s, s:[], s:[], s:[]}", "baseline", baseline, "policies", "notes", "rows");
  HN_TRY(hn_json_set(metrics, "guests", c.made, err));
  c.rows = json_object_get(c.made, "rows");
  HN_NEW(c.before, c.n, err);
  HN_NEW(c.after, c.n, err);
  if (!has_guests(&c))
    HN_TRY(hn_note(c.made, err, "no labelled song credits a guest: there is nothing to compare"));
  HN_TRY(describe_policy(lyrics, baseline, 0, c.made, err));
  for (size_t i = 0; i < guests->n; i++) {
    const hn_guest_policy *p = &guests->policies[i];
    HN_TRY(describe_policy(&p->lyrics, p->policy, p->n_left_out, c.made, err));
    HN_TRY(compare_policy(&c, p, err));
  }
  status = correct_p_values(c.rows, err);
done:
  hn_free(c.before);
  hn_free(c.after);
  return status;
}
