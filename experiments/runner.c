#include "experiments/runner.h"

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "eval/report/report.h"
#include "experiments/cache.h"
#include "experiments/clusters.h"
#include "experiments/environment.h"
#include "experiments/fold.h"
#include "experiments/guest_policies.h"
#include "experiments/importances.h"
#include "experiments/notes.h"
#include "experiments/results.h"
#include "experiments/scores.h"
#include "experiments/telling.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* A run under way. Owns all but the study. */
typedef struct {
  const hn_study *study;
  hn_run_folder folder;
  FILE *messages;
  char *cache;
  hn_songs songs;
  hn_lyrics lyrics;
  hn_plan plan;
  hn_model_data *data;   /* a model */
  hn_fold_result *folds; /* (models, folds) */
  hn_results results;
  hn_guest_policies guests;
  json_t *metrics, *audio;
  double stage_began;
} run;

static double now_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The stage that began with the last call ends here. */
static hn_status end_stage(run *r, const char *stage, hn_error *err) {
  double now = now_seconds(), seconds = now - r->stage_began;
  r->stage_began = now;
  return hn_run_log(&r->folder, "stage",
                    json_pack("{s:s, s:f}", "stage", stage, "seconds", seconds), err);
}

static hn_status load_inputs(run *r, hn_error *err) {
  hn_status status = HN_OK;
  const hn_study *study = r->study;
  HN_TRY(hn_cache_folder(&r->cache, err));
  HN_TRY(hn_songs_load(study, r->cache, r->messages, &r->songs, err));
  HN_TRY(end_stage(r, "read songs", err));
  if (hn_study_reads_lyrics(study)) {
    HN_TRY(hn_lyrics_load(study, &r->songs, r->messages, &r->lyrics, err));
    HN_TRY(hn_guest_policies_load(study, &r->songs, r->messages, &r->guests, err));
    HN_TRY(end_stage(r, "read lyrics", err));
  }
  HN_NEW(r->data, study->n_models, err);
  for (size_t m = 0; m < study->n_models; m++) {
    const hn_study_model *model = &study->models[m];
    HN_TRY(hn_model_data_init(study, model, &r->songs, &r->lyrics, r->cache, r->messages, r->audio,
                              &r->data[m], err));
    if (model->modality == HN_MODALITY_AUDIO) HN_TRY(end_stage(r, "spectrograms", err));
  }
done:
  return status;
}

/* One hash of many, in order. */
static hn_status set_joint_hash(json_t *inputs, const char *name, const hn_buffer *hashes,
                                hn_error *err) {
  char hex[33];
  hn_status status = hn_buffer_status(hashes, err);
  if (status != HN_OK) return status;
  hn_hash_bytes(hashes->data, hashes->length, hex);
  return hn_json_set(inputs, name, json_string(hex), err);
}

static hn_status set_file_hash(json_t *inputs, const char *name, const char *path, hn_error *err) {
  char hex[33];
  hn_status status = hn_hash_file(path, hex, err);
  return status == HN_OK ? hn_json_set(inputs, name, json_string(hex), err) : status;
}

static hn_status set_lyrics_hash(json_t *inputs, const char *name, const hn_lyrics *lyrics,
                                 hn_error *err) {
  hn_buffer hashes = {0};
  char hex[33];
  for (size_t i = 0; i < lyrics->n; i++) {
    hn_hash_bytes(lyrics->texts[i].bytes, lyrics->texts[i].n, hex);
    hn_buffer_append(&hashes, hex, 32);
  }
  hn_status status = set_joint_hash(inputs, name, &hashes, err);
  hn_buffer_free(&hashes);
  return status;
}

/* Hashes of all that the run reads, as it reads it: files, cleaned texts, pictures. */
static hn_status hash_inputs(const run *r, json_t **inputs_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer hashes = {0};
  char hex[33], name[200];
  json_t *inputs = json_object();

  if (!inputs) return hn_fail_memory(err);
  HN_TRY(set_file_hash(inputs, "manifest", r->songs.path, err));
  if (r->study->bow) HN_TRY(set_file_hash(inputs, "bow", r->study->bow, err));
  if (r->lyrics.texts) HN_TRY(set_lyrics_hash(inputs, "lyrics", &r->lyrics, err));
  for (size_t i = 0; r->lyrics.texts && i < r->guests.n; i++) {
    snprintf(name, sizeof name, "lyrics, guests %s", r->guests.policies[i].policy);
    HN_TRY(set_lyrics_hash(inputs, name, &r->guests.policies[i].lyrics, err));
  }
  for (size_t m = 0; m < r->study->n_models; m++) {
    const hn_images *images = &r->data[m].images;
    if (!images->items) continue;
    hn_buffer_clear(&hashes);
    for (size_t i = 0; i < images->n_items; i++) {
      hn_hash_bytes(images->items[i], images->height * images->widths[i] * sizeof(float), hex);
      hn_buffer_append(&hashes, hex, 32);
    }
    snprintf(name, sizeof name, "pictures of %s", r->study->models[m].name);
    HN_TRY(set_joint_hash(inputs, name, &hashes, err));
  }
  *inputs_out = inputs;
  inputs = NULL;
done:
  hn_buffer_free(&hashes);
  json_decref(inputs);
  return status;
}

/* A new run writes what it was made with; a resumed one must find the same inputs. */
static hn_status settle_environment(run *r, hn_error *err) {
  hn_status status = HN_OK;
  char *path = hn_run_path(r->folder.path, "environment.json");
  json_t *inputs = NULL, *environment = NULL, *before = NULL;
  const char *name;
  json_t *hash;

  if (!path) return hn_fail_memory(err);
  HN_TRY(hash_inputs(r, &inputs, err));
  if (hn_file_exists(path)) {
    HN_TRY(hn_json_read(path, &before, err));
    json_object_foreach(inputs, name, hash) {
      if (!json_equal(hash, json_object_get(json_object_get(before, "inputs"), name)))
        HN_TRY(hn_fail(err, HN_INVALID,
                       "%s: the run was begun with another \"%s\" than the one there is now; a "
                       "mixture of both would be no result. Begin a new run",
                       r->folder.path, name));
    }
  } else {
    HN_TRY(hn_environment_describe(r->study->seed, inputs, &environment, err));
    status = hn_json_write(path, environment, err);
  }
done:
  hn_free(path);
  json_decref(inputs);
  json_decref(environment);
  json_decref(before);
  return status;
}

static hn_status train(run *r, hn_error *err) {
  hn_status status = HN_OK;
  const hn_study *study = r->study;
  hn_fold_context context = {study, &r->songs, &r->plan, &r->folder, r->messages, NULL};
  char stage[200];
  HN_TRY(hn_run_make(r->folder.path, "models", err));
  HN_TRY(hn_run_make(r->folder.path, "folds", err));
  HN_NEW(r->folds, study->n_models * r->plan.n_folds, err);
  for (size_t m = 0; m < study->n_models; m++) {
    for (size_t f = 0; f < r->plan.n_folds; f++)
      HN_TRY(hn_fold_run(&context, &r->data[m], f, &r->folds[m * r->plan.n_folds + f], err));
    snprintf(stage, sizeof stage, "train %s", study->models[m].name);
    HN_TRY(end_stage(r, stage, err));
  }
  HN_TRY(hn_results_gather(&context, r->folds, &r->results, err));
  HN_TRY(hn_results_write(&r->results, r->folder.path, err));
  HN_TRY(end_stage(r, "fusion and dummies", err));
  if (r->guests.n == 0) goto done;
  HN_TRY(hn_guest_policies_train(&r->guests, &r->plan, &r->folder, r->messages, err));
  status = end_stage(r, "train with other policies for guests", err);
done:
  return status;
}

/* How many labelled songs have lyrics, audio, both; how many have nothing that a model sees; and
 * how many tracks take no part. */
typedef struct {
  int knows_lyrics, knows_audio; /* does the study have such a model? */
  size_t n_lyrics, n_audio, n_both, n_unseen, n_part;
} modality_counts;

static modality_counts count_modalities(const run *r) {
  modality_counts c = {0};
  for (size_t m = 0; m < r->study->n_models; m++) {
    c.knows_lyrics |= r->study->models[m].modality == HN_MODALITY_LYRICS;
    c.knows_audio |= r->study->models[m].modality == HN_MODALITY_AUDIO;
  }
  for (size_t i = 0; i < r->songs.n; i++) {
    int lyrics = 0, audio = 0, any = 0;
    if (r->songs.labels.values[i] == HN_LABEL_MISSING) continue;
    for (size_t m = 0; m < r->study->n_models; m++) {
      int has = r->data[m].has[i];
      lyrics |= has && r->study->models[m].modality == HN_MODALITY_LYRICS;
      audio |= has && r->study->models[m].modality == HN_MODALITY_AUDIO;
      any |= has;
    }
    c.n_lyrics += lyrics != 0;
    c.n_audio += audio != 0;
    c.n_both += lyrics && audio;
    c.n_unseen += !any;
    c.n_part += any && hn_plan_has(&r->plan, i);
  }
  return c;
}

static hn_status account_for_modalities(const run *r, hn_error *err) {
  hn_status status = HN_OK;
  json_t *corpus = r->songs.account;
  modality_counts c = count_modalities(r);
  json_int_t n_tracks = json_integer_value(json_object_get(corpus, "tracks"));
  HN_TRY(hn_json_set(corpus, "left_out", json_integer(n_tracks - (json_int_t)c.n_part), err));
  if (c.knows_lyrics)
    HN_TRY(hn_json_set(corpus, "with_lyrics", json_integer((json_int_t)c.n_lyrics), err));
  if (c.knows_audio)
    HN_TRY(hn_json_set(corpus, "with_audio", json_integer((json_int_t)c.n_audio), err));
  if (c.knows_lyrics && c.knows_audio)
    HN_TRY(hn_json_set(corpus, "with_both", json_integer((json_int_t)c.n_both), err));
  if (c.n_unseen)
    HN_TRY(hn_note(corpus, err, "%zu labelled tracks have nothing that a model of this study sees",
                   c.n_unseen));
done:
  return status;
}

/* What is known before any score. */
static hn_status begin_metrics(run *r, hn_error *err) {
  hn_status status = HN_OK;
  const hn_study *study = r->study;
  json_t *classes = json_array();
  r->metrics = json_pack("{s:s, s:s, s:I, s:b, s:o, s:[], s:O, s:O, s:O}", "study", study->name,
                         "target", study->target, "seed", (json_int_t)study->seed, "simulated",
                         r->songs.is_simulated, "classes", classes, "notes", "corpus",
                         r->songs.account, "split", r->plan.account, "audio", r->audio);
  if (!r->metrics) HN_TRY(hn_fail_memory(err));
  for (size_t k = 0; k < r->songs.labels.n_classes; k++)
    HN_TRY(hn_json_append(classes, json_string(r->songs.labels.classes[k]), err));
  if (r->lyrics.account)
    HN_TRY(hn_json_set(r->metrics, "lyrics", json_incref(r->lyrics.account), err));
  status = account_for_modalities(r, err);
done:
  return status;
}

static hn_status score(run *r, hn_error *err) {
  hn_status status = HN_OK;
  char *path = NULL;
  const hn_fold_context context = {r->study, &r->songs, &r->plan, &r->folder, r->messages, NULL};
  HN_TRY(begin_metrics(r, err));
  HN_TRY(hn_scores_add(r->study, &r->songs, &r->results,
                       json_object_get(r->songs.account, "ceilings"), r->folder.path, r->metrics,
                       err));
  HN_TRY(hn_guest_policies_add(&r->guests, &r->songs, &r->lyrics, &r->results, r->metrics, err));
  HN_TRY(end_stage(r, "scores", err));
  HN_TRY(hn_telling_add(r->study, &r->songs, r->data, r->metrics, err));
  HN_TRY(hn_importances_add(&context, r->data, r->metrics, err));
  HN_TRY(end_stage(r, "words and importances", err));
  if (r->study->cluster_of.n) {
    HN_TRY(hn_clusters_add(r->study, &r->songs, r->data, &r->results, r->folder.path, r->metrics,
                           err));
    HN_TRY(end_stage(r, "clusters", err));
  }
  if (!(path = hn_run_path(r->folder.path, "metrics.json"))) HN_TRY(hn_fail_memory(err));
  HN_TRY(hn_json_write(path, r->metrics, err));
  HN_TRY(hn_run_report(r->folder.path, err));
  status = hn_run_log(&r->folder, "done", json_object(), err);
done:
  hn_free(path);
  return status;
}

static void free_run(run *r) {
  for (size_t i = 0; r->folds && i < r->study->n_models * r->plan.n_folds; i++)
    hn_fold_result_free(&r->folds[i]);
  hn_free(r->folds);
  for (size_t m = 0; r->data && m < r->study->n_models; m++) hn_model_data_free(&r->data[m]);
  hn_free(r->data);
  hn_guest_policies_free(&r->guests);
  hn_results_free(&r->results);
  hn_plan_free(&r->plan);
  hn_lyrics_free(&r->lyrics);
  hn_songs_free(&r->songs);
  hn_run_folder_close(&r->folder);
  hn_free(r->cache);
  json_decref(r->metrics);
  json_decref(r->audio);
}

/* All stages in an open run folder. */
static hn_status run_stages(run *r, hn_error *err) {
  hn_status status = HN_OK;
  r->stage_began = now_seconds();
  if (!(r->audio = json_object())) return hn_fail_memory(err);
  HN_TRY(load_inputs(r, err));
  HN_TRY(settle_environment(r, err));
  HN_TRY(hn_plan_make(r->study, &r->songs, &r->plan, err));
  HN_TRY(train(r, err));
  status = score(r, err);
done:
  return status;
}

static hn_status write_study(const hn_study *study, const char *folder, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer text = {0};
  char *path = hn_run_path(folder, "study.yaml");
  if (!path) return hn_fail_memory(err);
  HN_TRY(hn_study_write(study, &text, err));
  status = hn_file_write(path, text.data, text.length, err);
done:
  hn_buffer_free(&text);
  hn_free(path);
  return status;
}

hn_status hn_run_study(const hn_study *study, const char *output, FILE *messages,
                       void (*on_folder)(const char *path), json_t **metrics_out, char **folder_out,
                       hn_error *err) {
  hn_status status = HN_OK;
  run r = {.study = study, .messages = messages};
  char *folder = NULL;

  HN_TRY(hn_run_folder_create(output, study->name, &r.folder, err));
  HN_TRY(write_study(study, r.folder.path, err));
  HN_DUP(folder, r.folder.path, err);
  if (on_folder) on_folder(r.folder.path);
  HN_TRY(run_stages(&r, err));
  if (metrics_out) *metrics_out = json_incref(r.metrics);
  if (folder_out) {
    *folder_out = folder;
    folder = NULL;
  }
done:
  if (status != HN_OK && r.folder.path) hn_run_folder_discard(&r.folder);
  hn_free(folder);
  free_run(&r);
  return status;
}

hn_status hn_run_resume(const char *folder, FILE *messages, void (*on_folder)(const char *path),
                        json_t **metrics_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_study *study = NULL;
  run r = {.messages = messages};
  char *path = NULL;

  HN_TRY(hn_run_folder_open(folder, &r.folder, err));
  if (!(path = hn_run_path(folder, "study.yaml"))) HN_TRY(hn_fail_memory(err));
  HN_TRY(hn_study_read(path, NULL, 0, &study, err));
  r.study = study;
  if (on_folder) on_folder(folder);
  HN_TRY(hn_run_log(&r.folder, "resumed", json_object(), err));
  HN_TRY(run_stages(&r, err));
  if (metrics_out) *metrics_out = json_incref(r.metrics);
done:
  hn_free(path);
  free_run(&r);
  hn_study_destroy(study);
  return status;
}

hn_status hn_run_report(const char *folder, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer page = {0};
  json_t *metrics = NULL, *stages = NULL, *epochs = NULL, *rates = NULL, *environment = NULL;
  char *metrics_path = hn_run_path(folder, "metrics.json");
  char *environment_path = hn_run_path(folder, "environment.json");
  char *page_path = hn_run_path(folder, "report.html");

  if (!metrics_path || !environment_path || !page_path) HN_TRY(hn_fail_memory(err));
  if (!hn_file_exists(metrics_path))
    HN_TRY(hn_fail(err, HN_INVALID,
                   "%s: no finished run lies there (metrics.json is missing); an interrupted one "
                   "goes on with headnod run --resume %s",
                   folder, folder));
  HN_TRY(hn_json_read(metrics_path, &metrics, err));
  if (hn_file_exists(environment_path)) HN_TRY(hn_json_read(environment_path, &environment, err));
  HN_TRY(hn_run_stages(folder, &stages, err));
  HN_TRY(hn_run_events(folder, "epoch", &epochs, err));
  HN_TRY(hn_run_events(folder, "learning_rate", &rates, err));
  const hn_report_parts parts = {metrics, stages, epochs, rates, environment};
  status = hn_report_html(&parts, &page, err);
  if (status != HN_OK) HN_TRY(hn_fail_prefix(err, status, "%s", folder));
  status = hn_file_write(page_path, page.data, page.length, err);
done:
  json_decref(metrics);
  json_decref(stages);
  json_decref(epochs);
  json_decref(rates);
  json_decref(environment);
  hn_buffer_free(&page);
  hn_free(metrics_path);
  hn_free(environment_path);
  hn_free(page_path);
  return status;
}
