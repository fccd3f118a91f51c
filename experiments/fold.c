#include "experiments/fold.h"

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The songs of one fold that the model can see and learns from. */
typedef struct {
  size_t *songs;
  size_t n;
  int32_t *labels, *artists;
  uint8_t *validation;
} song_choice;

static void free_choice(song_choice *choice) {
  hn_free(choice->songs);
  hn_free(choice->labels);
  hn_free(choice->artists);
  hn_free(choice->validation);
}

/* Songs of any of these roles (bits 1 << role) that have the modality. */
static hn_status choose(const hn_fold_context *c, const hn_model_data *data, size_t fold,
                        unsigned roles, song_choice *choice_out, hn_error *err) {
  hn_status status = HN_OK;
  song_choice made = {0};
  HN_NEW(made.songs, data->n, err);
  HN_NEW(made.labels, data->n, err);
  HN_NEW(made.artists, data->n, err);
  HN_NEW(made.validation, data->n, err);
  for (size_t i = 0; i < data->n; i++) {
    hn_role role = hn_plan_role(c->plan, fold, i);
    if (!data->has[i] || !(roles & 1u << role)) continue;
    made.songs[made.n] = i;
    made.labels[made.n] = c->songs->labels.values[i];
    made.artists[made.n] = c->songs->artists[i];
    made.validation[made.n++] = role == HN_ROLE_VALIDATION;
  }
  *choice_out = made;
  return HN_OK;
done:
  free_choice(&made);
  return status;
}

typedef struct {
  const hn_fold_context *context;
  const char *model;
  size_t fold;
  hn_status status;
  hn_error err;
} training_log;

/* Takes fields over; the first failure is kept. */
static void log_event(training_log *log, const char *event, json_t *fields) {
  if (log->status == HN_OK)
    log->status = hn_run_log(log->context->folder, event, fields, &log->err);
  else
    json_decref(fields);
}

/* NULL: out of memory. */
static json_t *list_of(const double *values, size_t n) {
  json_t *list = json_array();
  for (size_t i = 0; i < n; i++)
    if (hn_json_append(list, json_real(values[i]), NULL) != HN_OK) {
      json_decref(list);
      return NULL;
    }
  return list;
}

static void log_rate(void *user, const hn_rate_search *s) {
  training_log *log = user;
  log_event(log, "learning_rate",
            json_pack("{s:s, s:I, s:f, s:o, s:o}", "model", log->model, "fold",
                      (json_int_t)log->fold, "learning_rate", s->learning_rate, "rates",
                      list_of(s->rates, s->n), "losses", list_of(s->losses, s->n)));
}

static void log_epoch(void *user, const hn_epoch *e) {
  training_log *log = user;
  json_t *fields =
      json_pack("{s:s, s:I, s:i, s:o, s:o, s:o, s:o, s:o}", "model", log->model, "fold",
                (json_int_t)log->fold, "epoch", e->epoch, "train_loss", hn_json_real(e->train_loss),
                "train_accuracy", hn_json_real(e->train_accuracy), "validation_loss",
                hn_json_real(e->validation_loss), "validation_accuracy",
                hn_json_real(e->validation_accuracy), "seconds", hn_json_real(e->seconds));
  log_event(log, "epoch", fields);
}

/* Where a network keeps the state of its training until the fold is done. NULL: out of memory. */
static char *checkpoint_path(const hn_fold_context *c, const char *model, size_t fold) {
  return hn_run_path(c->folder->path, "folds/%s.fold%zu.checkpoint.safetensors", model, fold);
}

/* Fit a model on a choice of songs. */
static hn_status fit(const hn_fold_context *c, const hn_model_data *data, size_t fold,
                     const song_choice *choice, const char *stage, hn_model **model_out,
                     hn_tfidf **tfidf_out, hn_song_features *x_out, hn_error *err) {
  hn_status status = HN_OK;
  const hn_study_model *spec = data->model;
  hn_song_features x = {0};
  hn_tfidf *tfidf = NULL;
  int holds_out = memchr(choice->validation, 1, choice->n) != NULL;
  hn_progress *progress = NULL;
  char *checkpoint = checkpoint_path(c, spec->name, fold);

  if (!checkpoint) return hn_fail_memory(err);
  if (choice->n == 0)
    HN_TRY(hn_fail(err, HN_INVALID, "model \"%s\", fold %zu: no song to learn from", spec->name,
                   fold));
  status = hn_model_data_fit(data, choice->songs, choice->n, &tfidf, &x, err);
  if (status != HN_OK)
    HN_TRY(hn_fail_prefix(err, status, "model \"%s\", fold %zu", spec->name, fold));
  training_log log = {.context = c, .model = spec->name, .fold = fold};
  char name[128];
  snprintf(name, sizeof name, "%s %zu/%zu%s%s%s", spec->name, fold + 1, c->plan->n_folds, stage,
           c->guests ? ", guests: " : "", c->guests ? c->guests : "");
  progress = hn_progress_create(c->messages, name, spec->classifier->unit,
                                spec->classifier->n_units(spec->options));
  hn_fit_input input = {.x = &x.x,
                        .y = choice->labels,
                        .n_classes = c->songs->labels.n_classes,
                        .groups = choice->artists,
                        .validation = holds_out ? choice->validation : NULL,
                        .seed = hn_seed_derive(c->study->seed, spec->name, fold),
                        .progress = progress,
                        .on_rate = log_rate,
                        .on_epoch = log_epoch,
                        .context = &log,
                        .checkpoint = checkpoint};
  status = hn_model_fit(spec->classifier, spec->options, &input,
                        (const char *const *)c->songs->labels.classes, model_out, err);
  hn_progress_destroy(progress);
  /* What failed would fail again from there. */
  if (status != HN_OK) unlink(checkpoint);
  if (status == HN_OK && log.status != HN_OK) {
    status = log.status;
    if (err) *err = log.err;
  }
  if (status != HN_OK) {
    hn_fail_prefix(err, status, "model \"%s\", fold %zu", spec->name, fold);
    goto done;
  }
  *tfidf_out = tfidf;
  *x_out = x;
  tfidf = NULL;
  x = (hn_song_features){0};
done:
  hn_tfidf_destroy(tfidf);
  hn_song_features_free(&x);
  hn_free(checkpoint);
  return status;
}

/* Predict these songs into the rows of p. */
static hn_status predict(const hn_model *model, const hn_tfidf *tfidf, const hn_model_data *data,
                         const song_choice *choice, float *p, hn_error *err) {
  hn_status status = HN_OK;
  hn_song_features x = {0};
  float *rows = NULL;
  size_t n_classes = hn_model_n_classes(model);

  if (choice->n == 0) return HN_OK;
  HN_TRY(hn_model_data_transform(data, tfidf, choice->songs, choice->n, &x, err));
  HN_NEW(rows, choice->n * n_classes, err);
  HN_TRY(hn_model_predict_proba(model, &x.x, rows, err));
  for (size_t i = 0; i < choice->n; i++)
    memcpy(p + choice->songs[i] * n_classes, rows + i * n_classes, n_classes * sizeof *p);
done:
  hn_free(rows);
  hn_song_features_free(&x);
  return status;
}

/* Share of the songs learned from (validation apart) whose most probable class is their own. */
static hn_status train_accuracy(const hn_model *model, const hn_features *x,
                                const song_choice *choice, int is_network, hn_fold_result *result,
                                hn_error *err) {
  hn_status status = HN_OK;
  size_t n_classes = hn_model_n_classes(model), n_right = 0;
  float *p = NULL;
  HN_NEW(p, choice->n * n_classes, err);
  HN_TRY(hn_model_predict_proba(model, x, p, err));
  result->n_train = 0;
  for (size_t i = 0; i < choice->n; i++) {
    if (is_network && choice->validation[i]) continue;
    size_t best = 0;
    for (size_t k = 1; k < n_classes; k++)
      if (p[i * n_classes + k] > p[i * n_classes + best]) best = k;
    n_right += best == (size_t)choice->labels[i];
    result->n_train++;
  }
  result->train_accuracy = result->n_train ? (double)n_right / (double)result->n_train : NAN;
done:
  hn_free(p);
  return status;
}

/* The model with all that a new song needs: how its features are made, and of what modality. */
static hn_status save_model(const hn_fold_context *c, const hn_model_data *data, size_t fold,
                            const hn_model *model, const hn_tfidf *tfidf, hn_error *err) {
  hn_status status = HN_OK;
  hn_tensors *extra = NULL;
  char *path =
      hn_run_path(c->folder->path, "models/%s.fold%zu.safetensors", data->model->name, fold);
  if (!path) return hn_fail_memory(err);
  HN_TRY(hn_tensors_create(&extra, err));
  HN_TRY(hn_tensors_set_text(extra, "model", data->model->name, err));
  HN_TRY(hn_tensors_set_text(extra, "features", data->model->kind, err));
  if (tfidf) HN_TRY(hn_tfidf_save(tfidf, extra, err));
  status = hn_model_save(model, extra, path, err);
done:
  hn_tensors_destroy(extra);
  hn_free(path);
  return status;
}

static int is_fused(const hn_study *study, const char *model) {
  for (size_t i = 0; i < study->fusion_of.n; i++)
    if (strcmp(study->fusion_of.items[i], model) == 0) return 1;
  return 0;
}

/* Train for the validation songs' sake, where fusion needs what the final model cannot give. */
static hn_status predict_validation(const hn_fold_context *c, const hn_model_data *data,
                                    size_t fold, float *p, hn_error *err) {
  hn_status status = HN_OK;
  song_choice learned = {0}, held_out = {0};
  hn_model *model = NULL;
  hn_tfidf *tfidf = NULL;
  hn_song_features x = {0};

  HN_TRY(choose(c, data, fold, 1u << HN_ROLE_VALIDATION, &held_out, err));
  if (held_out.n > 0) {
    HN_TRY(choose(c, data, fold, 1u << HN_ROLE_TRAIN, &learned, err));
    HN_TRY(fit(c, data, fold, &learned, " for fusion", &model, &tfidf, &x, err));
    HN_TRY(predict(model, tfidf, data, &held_out, p, err));
  }
done:
  hn_song_features_free(&x);
  hn_tfidf_destroy(tfidf);
  hn_model_destroy(model);
  free_choice(&learned);
  free_choice(&held_out);
  return status;
}

static hn_status train_fold(const hn_fold_context *c, const hn_model_data *data, size_t fold,
                            hn_fold_result *result, hn_error *err) {
  hn_status status = HN_OK;
  const unsigned learned_roles = 1u << HN_ROLE_TRAIN | 1u << HN_ROLE_VALIDATION;
  int is_network = data->model->classifier->accepts == HN_FEATURES_IMAGES;
  unsigned predicted_roles = 1u << HN_ROLE_TEST | 1u << HN_ROLE_UNLABELLED;
  song_choice learned = {0}, predicted = {0};
  hn_model *model = NULL;
  hn_tfidf *tfidf = NULL;
  hn_song_features x = {0};

  if (is_network)
    predicted_roles |= 1u << HN_ROLE_VALIDATION;
  else if (is_fused(c->study, data->model->name))
    HN_TRY(predict_validation(c, data, fold, result->p, err));
  HN_TRY(choose(c, data, fold, learned_roles, &learned, err));
  HN_TRY(choose(c, data, fold, predicted_roles, &predicted, err));
  HN_TRY(fit(c, data, fold, &learned, "", &model, &tfidf, &x, err));
  HN_TRY(train_accuracy(model, &x.x, &learned, is_network, result, err));
  result->oob_score = hn_model_oob_score(model);
  HN_TRY(predict(model, tfidf, data, &predicted, result->p, err));
  status = save_model(c, data, fold, model, tfidf, err);
done:
  hn_song_features_free(&x);
  hn_tfidf_destroy(tfidf);
  hn_model_destroy(model);
  free_choice(&learned);
  free_choice(&predicted);
  return status;
}

static hn_status write_result(const char *path, const hn_fold_result *result, size_t n,
                              size_t n_classes, hn_error *err) {
  hn_status status = HN_OK;
  hn_tensors *tensors = NULL;
  char text[64];
  HN_TRY(hn_tensors_create(&tensors, err));
  HN_TRY(hn_tensors_add(tensors, "p", HN_TENSOR_F32, 2, (size_t[]){n, n_classes}, result->p, err));
  snprintf(text, sizeof text, "%.17g", result->train_accuracy);
  HN_TRY(hn_tensors_set_text(tensors, "train_accuracy", text, err));
  snprintf(text, sizeof text, "%zu", result->n_train);
  HN_TRY(hn_tensors_set_text(tensors, "n_train", text, err));
  status = hn_tensors_write(tensors, path, err);
done:
  hn_tensors_destroy(tensors);
  return status;
}

static hn_status read_result(const char *path, size_t n, size_t n_classes, hn_fold_result *result,
                             hn_error *err) {
  hn_status status = HN_OK;
  hn_tensors *tensors = NULL;
  const hn_tensor *p;
  const char *accuracy, *n_train;
  HN_TRY(hn_tensors_read(path, &tensors, err));
  HN_TRY(hn_tensors_get(tensors, "p", HN_TENSOR_F32, 2, &p, err));
  HN_TRY(hn_tensors_get_text(tensors, "train_accuracy", &accuracy, err));
  HN_TRY(hn_tensors_get_text(tensors, "n_train", &n_train, err));
  if (p->shape[0] != n || p->shape[1] != n_classes ||
      sscanf(accuracy, "%lf", &result->train_accuracy) != 1 ||
      sscanf(n_train, "%zu", &result->n_train) != 1)
    HN_TRY(hn_fail(err, HN_FORMAT,
                   "%s: made for %zu songs and %zu classes, not for this corpus of %zu and %zu; "
                   "remove the file to train the fold again",
                   path, p->shape[0], p->shape[1], n, n_classes));
  memcpy(result->p, p->data, p->n_bytes);
done:
  hn_tensors_destroy(tensors);
  return status;
}

hn_status hn_fold_run(const hn_fold_context *c, const hn_model_data *data, size_t fold,
                      hn_fold_result *result_out, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_classes = c->songs->labels.n_classes;
  hn_fold_result result = {0};
  char *checkpoint = checkpoint_path(c, data->model->name, fold);
  char *path =
      hn_run_path(c->folder->path, "folds/%s.fold%zu.safetensors", data->model->name, fold);

  if (!path || !checkpoint) HN_TRY(hn_fail_memory(err));
  HN_NEW(result.p, data->n * n_classes, err);
  if (hn_file_exists(path)) {
    HN_TRY(read_result(path, data->n, n_classes, &result, err));
  } else {
    for (size_t i = 0; i < data->n * n_classes; i++) result.p[i] = NAN;
    HN_TRY(train_fold(c, data, fold, &result, err));
    HN_TRY(write_result(path, &result, data->n, n_classes, err));
    HN_TRY(hn_run_log(c->folder, "fold",
                      json_pack("{s:s, s:s*, s:I, s:I, s:o, s:o*}", "model", data->model->name,
                                "guests", c->guests, "fold", (json_int_t)fold, "n_train",
                                (json_int_t)result.n_train, "train_accuracy",
                                hn_json_real(result.train_accuracy), "oob_score",
                                isnan(result.oob_score) ? NULL : json_real(result.oob_score)),
                      err));
  }
  unlink(checkpoint);
  *result_out = result;
  result = (hn_fold_result){0};
done:
  hn_fold_result_free(&result);
  hn_free(checkpoint);
  hn_free(path);
  return status;
}

void hn_fold_result_free(hn_fold_result *result) {
  if (!result) return;
  hn_free(result->p);
  *result = (hn_fold_result){0};
}
