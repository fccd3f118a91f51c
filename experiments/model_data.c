#include "experiments/model_data.h"

#include "base/json.h"
#include "base/memory.h"
#include "vision/columns.h"

#include <float.h>
#include <math.h>
#include <string.h>

static hn_status init_table(const hn_study_model *model, const hn_songs *songs, hn_model_data *data,
                            hn_error *err) {
  hn_status status = HN_OK;
  double *values = NULL;
  size_t n_columns = model->columns.n;

  HN_TRY(hn_matrix_init(&data->table, data->n, n_columns, err));
  HN_NEW(values, hn_manifest_n_tracks(songs->manifest), err);
  memset(data->has, 1, data->n);
  for (size_t c = 0; c < n_columns; c++) {
    HN_TRY(hn_manifest_numbers(songs->manifest, model->columns.items[c], values, err));
    for (size_t i = 0; i < data->n; i++) {
      double value = values[songs->tracks[i]];
      if (isnan(value)) data->has[i] = 0;
      if (fabs(value) > (double)FLT_MAX)
        HN_TRY(hn_fail(
            err, HN_INVALID, "%s:%zu: %s: %g is too large; expected a number of at most 3.4e38",
            songs->path, hn_songs_track(songs, i)->line, model->columns.items[c], value));
      data->table.values[i * n_columns + c] = (float)value;
    }
  }
done:
  hn_free(values);
  return status;
}

/* Mean and deviation of each row instead of the pictures. */
static hn_status summarise_pictures(const hn_study_model *model, hn_model_data *data,
                                    hn_error *err) {
  size_t height = data->images.height;
  if (data->n_has > 0 && 2 * height != model->columns.n)
    return hn_fail(err, HN_INVALID, "model \"%s\": pictures of %zu rows instead of %zu",
                   model->name, height, model->columns.n / 2);
  hn_status status = hn_matrix_init(&data->table, data->n, model->columns.n, err);
  if (status != HN_OK) return status;
  for (size_t i = 0; i < data->n; i++)
    if (data->has[i])
      hn_rows_summarize(&(hn_matrix){height, data->images.widths[i], data->images.items[i]},
                        data->table.values + i * data->table.n_cols);
  hn_images_free(&data->images);
  data->images = (hn_images){0};
  return HN_OK;
}

hn_status hn_model_data_init(const hn_study *study, const hn_study_model *model,
                             const hn_songs *songs, const hn_lyrics *lyrics, const char *cache,
                             FILE *messages, json_t *account, hn_model_data *data_out,
                             hn_error *err) {
  hn_status status = HN_OK;
  hn_model_data data = {.model = model, .n = songs->n};
  json_t *own = NULL;

  HN_NEW(data.has, data.n, err);
  switch (model->modality) {
  case HN_MODALITY_LYRICS:
    data.lyrics = lyrics;
    memcpy(data.has, lyrics->has, data.n);
    break;
  case HN_MODALITY_AUDIO:
    HN_TRY(hn_spectrograms_load(model->descriptor, model->features, songs, study->skip_errors,
                                cache, messages, &data.images, &own, err));
    HN_TRY(hn_json_set(account, model->name, own, err));
    for (size_t i = 0; i < data.n; i++) data.n_has += data.has[i] = data.images.items[i] != NULL;
    if (model->is_statistics) HN_TRY(summarise_pictures(model, &data, err));
    break;
  case HN_MODALITY_TABLE:
    HN_TRY(init_table(model, songs, &data, err));
    break;
  case HN_MODALITY_STYLE:
    HN_TRY(hn_matrix_init(&data.table, data.n, lyrics->style.n_cols, err));
    memcpy(data.table.values, lyrics->style.values,
           data.n * lyrics->style.n_cols * sizeof *data.table.values);
    memcpy(data.has, lyrics->has, data.n);
    break;
  }
  data.n_has = 0;
  for (size_t i = 0; i < data.n; i++) data.n_has += data.has[i];
  if (data.n_has == 0)
    HN_TRY(hn_fail(err, HN_INVALID, "%s: no song has what model \"%s\" needs (%s)", songs->path,
                   model->name,
                   model->modality == HN_MODALITY_TABLE ? "a number in each of its columns"
                                                        : hn_modality_name(model->modality)));
  *data_out = data;
  return HN_OK;
done:
  hn_model_data_free(&data);
  return status;
}

void hn_model_data_free(hn_model_data *data) {
  if (!data) return;
  hn_images_free(&data->images);
  hn_matrix_free(&data->table);
  hn_free(data->has);
  *data = (hn_model_data){0};
}

void hn_song_features_free(hn_song_features *features) {
  if (!features) return;
  if (features->borrows_pictures)
    memset(features->x.as.images.items, 0,
           features->x.as.images.n_items * sizeof *features->x.as.images.items);
  hn_features_free(&features->x);
  *features = (hn_song_features){0};
}

/* Dense rows are copied, pictures are pointed at. */
static hn_status take(const hn_model_data *data, const size_t *songs, size_t n,
                      hn_song_features *features_out, hn_error *err) {
  hn_song_features made = {0};
  hn_status status;
  if (!hn_study_sees_pictures(data->model)) {
    hn_features all = {.kind = HN_FEATURES_DENSE, .as.dense = data->table};
    status = hn_features_take(&all, songs, n, &made.x, err);
  } else {
    made.x.kind = HN_FEATURES_IMAGES;
    made.borrows_pictures = 1;
    status = hn_images_init(&made.x.as.images, n, data->images.height, err);
    for (size_t i = 0; status == HN_OK && i < n; i++) {
      made.x.as.images.items[i] = data->images.items[songs[i]];
      made.x.as.images.widths[i] = data->images.widths[songs[i]];
    }
  }
  if (status == HN_OK) *features_out = made;
  return status;
}

/* A choice of the lyrics, as texts (borrowed bytes) or as counts. */
typedef struct {
  hn_text *texts;
  hn_features counts;
} chosen_lyrics;

static hn_status choose_lyrics(const hn_lyrics *lyrics, const size_t *songs, size_t n,
                               chosen_lyrics *chosen, hn_error *err) {
  hn_status status = HN_OK;
  if (!lyrics->texts) {
    hn_features all = {.kind = HN_FEATURES_CSR, .as.csr = lyrics->counts};
    return hn_features_take(&all, songs, n, &chosen->counts, err);
  }
  HN_NEW(chosen->texts, n, err);
  for (size_t i = 0; i < n; i++) chosen->texts[i] = lyrics->texts[songs[i]];
done:
  return status;
}

static void free_chosen(chosen_lyrics *chosen) {
  hn_free(chosen->texts);
  if (chosen->counts.kind) hn_features_free(&chosen->counts);
}

hn_status hn_model_data_fit(const hn_model_data *data, const size_t *songs, size_t n,
                            hn_tfidf **tfidf_out, hn_song_features *features_out, hn_error *err) {
  if (data->model->modality != HN_MODALITY_LYRICS) {
    hn_status status = take(data, songs, n, features_out, err);
    if (status == HN_OK) *tfidf_out = NULL;
    return status;
  }
  hn_status status = HN_OK;
  const hn_lyrics *lyrics = data->lyrics;
  const hn_options *options = data->model->features;
  chosen_lyrics chosen = {0};
  hn_tfidf *tfidf = NULL;
  hn_csr x = {0};

  HN_TRY(choose_lyrics(lyrics, songs, n, &chosen, err));
  if (chosen.texts)
    HN_TRY(hn_tfidf_fit_transform(chosen.texts, n, options, NULL, &tfidf, &x, err));
  else
    HN_TRY(hn_tfidf_fit_transform_counts(&chosen.counts.as.csr, (const char *const *)lyrics->terms,
                                         options, &tfidf, &x, err));
  *tfidf_out = tfidf;
  *features_out = (hn_song_features){.x = {.kind = HN_FEATURES_CSR, .as.csr = x}};
done:
  free_chosen(&chosen);
  return status;
}

hn_status hn_model_data_transform(const hn_model_data *data, const hn_tfidf *tfidf,
                                  const size_t *songs, size_t n, hn_song_features *features_out,
                                  hn_error *err) {
  if (data->model->modality != HN_MODALITY_LYRICS) return take(data, songs, n, features_out, err);
  hn_status status = HN_OK;
  chosen_lyrics chosen = {0};
  hn_csr x = {0};

  HN_TRY(choose_lyrics(data->lyrics, songs, n, &chosen, err));
  if (chosen.texts)
    HN_TRY(hn_tfidf_transform(tfidf, chosen.texts, n, NULL, &x, err));
  else
    HN_TRY(hn_tfidf_transform_counts(tfidf, &chosen.counts.as.csr, &x, err));
  *features_out = (hn_song_features){.x = {.kind = HN_FEATURES_CSR, .as.csr = x}};
done:
  free_chosen(&chosen);
  return status;
}
