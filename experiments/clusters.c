#include "experiments/clusters.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/table.h"
#include "eval/agreement.h"
#include "eval/kmeans.h"
#include "vision/columns.h"

#include <math.h>
#include <string.h>

/* What is clustered: features of some of the songs. */
typedef struct {
  hn_features x;
  size_t *songs; /* (rows of x) */
  size_t n;
} cluster_input;

static void free_input(cluster_input *input) {
  if (input->x.kind) hn_features_free(&input->x);
  hn_free(input->songs);
}

/* Columns to mean 0 and standard deviation 1; constant ones to 0. */
static void standardise(hn_matrix *m) {
  for (size_t j = 0; j < m->n_cols; j++) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < m->n_rows; i++) sum += (double)m->values[i * m->n_cols + j];
    double mean = sum / (double)m->n_rows;
    for (size_t i = 0; i < m->n_rows; i++) {
      double d = (double)m->values[i * m->n_cols + j] - mean;
      squares += d * d;
    }
    double deviation = sqrt(squares / (double)m->n_rows);
    for (size_t i = 0; i < m->n_rows; i++) {
      float *value = &m->values[i * m->n_cols + j];
      *value = deviation > 0 ? (float)(((double)*value - mean) / deviation) : 0;
    }
  }
}

/* Mean and standard deviation over time of each band, (songs, 2 H). */
static hn_status summarise_pictures(const hn_images *images, cluster_input *input, hn_error *err) {
  size_t height = images->height;
  hn_matrix m = {0};
  hn_status status = hn_matrix_init(&m, input->n, 2 * height, err);
  if (status != HN_OK) return status;
  for (size_t i = 0; i < input->n; i++) {
    size_t song = input->songs[i];
    hn_rows_summarize(&(hn_matrix){height, images->widths[song], images->items[song]},
                      m.values + i * m.n_cols);
  }
  standardise(&m);
  input->x = (hn_features){.kind = HN_FEATURES_DENSE, .as.dense = m};
  return HN_OK;
}

static hn_status input_of_model(const hn_model_data *data, cluster_input *input, hn_error *err) {
  hn_status status = HN_OK;
  hn_tfidf *tfidf = NULL;
  hn_song_features features = {0};

  HN_NEW(input->songs, data->n, err);
  for (size_t i = 0; i < data->n; i++)
    if (data->has[i]) input->songs[input->n++] = i;
  if (data->images.items) return summarise_pictures(&data->images, input, err);
  HN_TRY(hn_model_data_fit(data, input->songs, input->n, &tfidf, &features, err));
  input->x = features.x;
  if (input->x.kind == HN_FEATURES_DENSE) standardise(&input->x.as.dense);
done:
  hn_tfidf_destroy(tfidf);
  return status;
}

static hn_status input_of_result(const hn_results *results, const hn_result *result,
                                 cluster_input *input, hn_error *err) {
  hn_status status = HN_OK;
  const hn_probability *table = &result->labelled;
  size_t n_classes = table->n_classes;
  HN_NEW(input->songs, table->n_rows, err);
  input->x.kind = HN_FEATURES_DENSE;
  HN_TRY(hn_matrix_init(&input->x.as.dense, table->n_rows, n_classes, err));
  for (size_t i = 0; i < table->n_rows; i++) {
    if (!hn_probability_has(table, i)) continue;
    memcpy(input->x.as.dense.values + input->n * n_classes, table->p + i * n_classes,
           n_classes * sizeof(float));
    input->songs[input->n++] = results->labelled_songs[i];
  }
  input->x.as.dense.n_rows = input->n;
done:
  return status;
}

/* Agreement of the clusters (-1: not clustered) with a column, over the songs that have both. */
static hn_status add_agreement(const hn_songs *songs, const char *name, const int32_t *clusters,
                               json_t *list, hn_error *err) {
  hn_status status = HN_OK;
  hn_labels labels = {0};
  const char **cells = NULL;
  hn_agreement agreement;
  size_t column;

  HN_TRY(hn_manifest_require_column(songs->manifest, name, &column, err));
  HN_NEW(cells, songs->n, err);
  for (size_t i = 0; i < songs->n; i++)
    cells[i] = hn_manifest_cell(songs->manifest, songs->tracks[i], column);
  HN_TRY(hn_labels_encode(cells, songs->n, &labels, err));
  HN_TRY(hn_agreement_score(labels.values, clusters, songs->n, &agreement, err));
  status = hn_json_append(list,
                          json_pack("{s:s, s:I, s:o, s:o, s:o}", "column", name, "n",
                                    (json_int_t)agreement.n_scored, "ari",
                                    hn_json_real(agreement.ari), "nmi", hn_json_real(agreement.nmi),
                                    "v_measure", hn_json_real(agreement.v_measure)),
                          err);
done:
  hn_free(cells);
  hn_labels_free(&labels);
  return status;
}

/* Cluster one input into clusters_out (N songs, -1: not clustered). */
static hn_status cluster(const hn_study *study, const hn_songs *songs, const char *of,
                         const cluster_input *input, int32_t *clusters_out, json_t *list,
                         hn_error *err) {
  hn_status status = HN_OK;
  int64_t k = hn_options_int(study->clusters, "k");
  hn_kmeans kmeans = {0};
  status =
      hn_kmeans_fit(&input->x, study->clusters, hn_seed_derive(study->seed, of, 0), &kmeans, err);
  if (status != HN_OK) {
    hn_fail_prefix(err, status, "clusters of \"%s\"", of);
    goto done;
  }
  json_t *sizes = json_array(), *agreement = json_array();
  HN_TRY(hn_json_append(list,
                        json_pack("{s:s, s:I, s:o, s:o, s:o}", "of", of, "k", (json_int_t)k,
                                  "inertia", hn_json_real(kmeans.inertia), "sizes", sizes,
                                  "agreement", agreement),
                        err));
  for (size_t i = 0; i < songs->n; i++) clusters_out[i] = -1;
  for (size_t i = 0; i < input->n; i++) clusters_out[input->songs[i]] = kmeans.labels[i];
  for (int64_t c = 0; c < k; c++) {
    size_t n = 0;
    for (size_t i = 0; i < input->n; i++) n += kmeans.labels[i] == c;
    HN_TRY(hn_json_append(sizes, json_integer((json_int_t)n), err));
  }
  for (size_t i = 0; i < study->cluster_compare.n; i++)
    HN_TRY(add_agreement(songs, study->cluster_compare.items[i], clusters_out, agreement, err));
done:
  hn_kmeans_free(&kmeans);
  return status;
}

static hn_status write_clusters(const hn_study *study, const hn_songs *songs,
                                const int32_t *clusters, const char *folder, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer text = {0};
  char *path = hn_run_path(folder, "clusters.csv");
  if (!path) return hn_fail_memory(err);
  hn_csv_cell(&text, "track_id", 1);
  for (size_t c = 0; c < study->cluster_of.n; c++)
    hn_csv_cell(&text, study->cluster_of.items[c], 0);
  hn_buffer_byte(&text, '\n');
  for (size_t i = 0; i < songs->n; i++) {
    hn_csv_cell(&text, songs->ids[i], 1);
    for (size_t c = 0; c < study->cluster_of.n; c++) {
      int32_t cluster_index = clusters[c * songs->n + i];
      hn_buffer_byte(&text, ',');
      if (cluster_index >= 0) hn_buffer_format(&text, "%d", cluster_index);
    }
    hn_buffer_byte(&text, '\n');
  }
  HN_TRY(hn_buffer_status(&text, err));
  status = hn_file_write(path, text.data, text.length, err);
done:
  hn_buffer_free(&text);
  hn_free(path);
  return status;
}

hn_status hn_clusters_add(const hn_study *study, const hn_songs *songs, const hn_model_data *data,
                          const hn_results *results, const char *folder, json_t *metrics,
                          hn_error *err) {
  hn_status status = HN_OK;
  json_t *list = json_array();
  int32_t *clusters = NULL;

  HN_TRY(hn_json_set(metrics, "clusters", list, err));
  HN_NEW(clusters, study->cluster_of.n * songs->n, err);
  for (size_t c = 0; c < study->cluster_of.n; c++) {
    const char *of = study->cluster_of.items[c];
    const hn_study_model *model = hn_study_find_model(study, of);
    cluster_input input = {0};
    status = model ? input_of_model(&data[model - study->models], &input, err)
                   : input_of_result(results, hn_results_find(results, of), &input, err);
    if (status == HN_OK)
      status = cluster(study, songs, of, &input, clusters + c * songs->n, list, err);
    free_input(&input);
    if (status != HN_OK) goto done;
  }
  status = write_clusters(study, songs, clusters, folder, err);
done:
  hn_free(clusters);
  return status;
}
