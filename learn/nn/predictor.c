#include "learn/nn/predictor.h"

#include "base/memory.h"
#include "base/threads.h"
#include "learn/nn/loss.h"

hn_status hn_predictor_init(hn_predictor *predictor, const hn_network *network, hn_error *err) {
  hn_status status = HN_OK;
  hn_predictor fresh = {.network = network, .n_threads = hn_threads()};
  const size_t n_threads = (size_t)fresh.n_threads;
  HN_NEW(fresh.sums, n_threads * hn_shape_size(hn_network_output(network)), err);
  HN_NEW(fresh.workspaces, n_threads, err);
  for (size_t i = 0; i < n_threads; i++)
    HN_TRY(hn_workspace_create(network, 1, HN_WORKSPACE_INFERENCE, 1, NULL, &fresh.workspaces[i],
                               err));
  *predictor = fresh;
  fresh = (hn_predictor){0};
done:
  hn_predictor_free(&fresh);
  return status;
}

void hn_predictor_free(hn_predictor *predictor) {
  for (size_t i = 0; predictor->workspaces && i < (size_t)predictor->n_threads; i++)
    hn_workspace_destroy(predictor->workspaces[i]);
  hn_free(predictor->workspaces);
  hn_free(predictor->sums);
  *predictor = (hn_predictor){0};
}

static void predict_item(hn_workspace *workspace, const hn_network *network, const float *item,
                         size_t width, const hn_standard *standard, double *sums, float *p_out) {
  const hn_shape *in = hn_network_input(network);
  const size_t n_classes = hn_shape_size(hn_network_output(network));
  const size_t n_windows = hn_window_count(width, in->width);
  for (size_t k = 0; k < n_classes; k++) sums[k] = 0;
  for (size_t i = 0; i < n_windows; i++) {
    hn_window_copy(item, width, hn_window_start(width, in->width, i), standard, in,
                   hn_workspace_sample(workspace, 0));
    float *p = hn_workspace_forward(workspace, 1);
    hn_softmax(p, 1, n_classes, p);
    for (size_t k = 0; k < n_classes; k++) sums[k] += p[k];
  }
  for (size_t k = 0; k < n_classes; k++) p_out[k] = (float)(sums[k] / (double)n_windows);
}

void hn_predictor_run(hn_predictor *predictor, const hn_images *images, const hn_standard *standard,
                      const size_t *rows, size_t n_rows, float *p_out) {
  const size_t n_classes = hn_shape_size(hn_network_output(predictor->network));
  for (size_t i = 0; i < (size_t)predictor->n_threads; i++)
    hn_workspace_prepare(predictor->workspaces[i]);
#pragma omp parallel for num_threads(predictor->n_threads) schedule(dynamic)
  for (size_t i = 0; i < n_rows; i++) {
    const size_t row = rows ? rows[i] : i, thread = (size_t)hn_thread_id();
    predict_item(predictor->workspaces[thread], predictor->network, images->items[row],
                 images->widths[row], standard, predictor->sums + thread * n_classes,
                 p_out + i * n_classes);
  }
}
