#include "learn/nn/trainer.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/threads.h"
#include "learn/nn/adamw.h"
#include "learn/nn/loss.h"
#include "learn/nn/predictor.h"

/* What a training run owns. */
typedef struct {
  hn_network *network;
  const hn_train_data *data;
  const hn_train_options *options;
  size_t n_batches; /* in an epoch */
  hn_workspace *workspace;
  hn_adamw optimizer;
  size_t *order;             /* (n_rows) a permutation of data->rows */
  uint64_t *streams;         /* (batch_size) of the samples in a batch */
  int32_t *batch_y, *held_y; /* (batch_size), (n_held) */
  hn_predictor predictor;    /* these three only where rows are held out */
  float *held_p;             /* (n_held, K) */
  float *best;               /* (n_parameters) of the epoch with the best validation */
  double best_loss;
  size_t best_epoch;
} run;

static void run_free(run *r) {
  hn_workspace_destroy(r->workspace);
  hn_adamw_free(&r->optimizer);
  hn_predictor_free(&r->predictor);
  hn_free(r->order);
  hn_free(r->streams);
  hn_free(r->batch_y);
  hn_free(r->held_y);
  hn_free(r->held_p);
  hn_free(r->best);
}

static hn_status run_init(run *r, hn_network *network, const hn_train_data *data,
                          const hn_train_options *options, hn_error *err) {
  hn_status status = HN_OK;
  const size_t n_held = data->n_held;
  const size_t batch = options->batch_size < data->n_rows ? options->batch_size : data->n_rows;
  *r = (run){.network = network,
             .data = data,
             .options = options,
             .best_loss = INFINITY,
             .n_batches = (data->n_rows + batch - 1) / batch};
  HN_TRY(hn_workspace_create(network, batch, 1, hn_threads(), NULL, &r->workspace, err));
  HN_TRY(hn_adamw_init(&r->optimizer, network, options->weight_decay, err));
  HN_NEW(r->order, data->n_rows, err);
  HN_NEW(r->streams, batch, err);
  HN_NEW(r->batch_y, batch, err);
  if (n_held) {
    HN_TRY(hn_predictor_init(&r->predictor, network, err));
    HN_NEW(r->held_y, n_held, err);
    HN_NEW(r->held_p, n_held * hn_shape_size(hn_network_output(network)), err);
    HN_NEW(r->best, network->n_parameters, err);
    for (size_t i = 0; i < n_held; i++) r->held_y[i] = data->y[data->held[i]];
  }
done:
  if (status != HN_OK) run_free(r);
  return status;
}

/* Put a random window of each row into the workspace. Streams belong to (epoch, item). */
static void load_batch(run *r, const size_t *rows, size_t n, uint64_t epoch) {
  const hn_images *images = r->data->images;
  const hn_shape *in = hn_network_input(r->network);
#pragma omp parallel for
  for (size_t i = 0; i < n; i++) {
    const size_t row = rows[i], width = images->widths[row];
    hn_rng rng;
    r->streams[i] = epoch * images->n_items + row;
    r->batch_y[i] = r->data->y[row];
    hn_rng_init(&rng, r->options->seed, "network.window", r->streams[i]);
    size_t n_starts = width > in->width ? width - in->width + 1 : width < in->width ? width : 1;
    hn_window_copy(images->items[row], width, hn_rng_below(&rng, n_starts), r->data->standard, in,
                   hn_workspace_sample(r->workspace, i));
  }
}

static hn_status train_epoch(run *r, size_t epoch, hn_epoch *report, hn_error *err) {
  const hn_train_options *o = r->options;
  const size_t n_rows = r->data->n_rows;
  const size_t n_classes = hn_shape_size(hn_network_output(r->network));
  double loss = 0, n_correct = 0;
  hn_rng rng;
  memcpy(r->order, r->data->rows, n_rows * sizeof *r->order);
  hn_rng_init(&rng, o->seed, "network.order", epoch);
  hn_rng_shuffle(&rng, r->order, n_rows);
  for (size_t b = 0; b < r->n_batches; b++) {
    const size_t first = n_rows * b / r->n_batches, n = n_rows * (b + 1) / r->n_batches - first;
    load_batch(r, r->order + first, n, epoch);
    hn_workspace_prepare(r->workspace);
    const float *logits = hn_workspace_forward_training(r->workspace, n, o->seed, r->streams);
    hn_loss sums = hn_cross_entropy(logits, r->batch_y, n, n_classes, o->label_smoothing,
                                    hn_workspace_logit_gradient(r->workspace));
    if (!isfinite(sums.objective))
      return hn_fail(err, HN_NUMERIC,
                     "network: the loss is no longer finite in epoch %zu, batch "
                     "%zu: choose a learning_rate below %g",
                     epoch + 1, b + 1, o->learning_rate);
    loss += sums.loss;
    n_correct += (double)sums.n_correct;
    size_t step = epoch * r->n_batches + b;
    double rate = o->cosine ? hn_cosine_schedule(step, o->n_epochs * r->n_batches) : 1;
    hn_adamw_step(&r->optimizer, r->network, hn_workspace_backward(r->workspace),
                  rate * o->learning_rate);
  }
  report->train_loss = loss / (double)n_rows;
  report->train_accuracy = n_correct / (double)n_rows;
  return HN_OK;
}

static void validate(run *r, size_t epoch, hn_epoch *report) {
  const hn_train_data *data = r->data;
  const size_t n = data->n_held;
  report->validation_loss = report->validation_accuracy = NAN;
  if (!n) return;
  hn_predictor_run(&r->predictor, data->images, data->standard, data->held, n, r->held_p);
  hn_loss sums =
      hn_cross_entropy_of(r->held_p, r->held_y, n, hn_shape_size(hn_network_output(r->network)));
  report->validation_loss = sums.loss / (double)n;
  report->validation_accuracy = (double)sums.n_correct / (double)n;
  if (!r->options->patience || !(report->validation_loss < r->best_loss)) return;
  r->best_loss = report->validation_loss;
  r->best_epoch = epoch;
  memcpy(r->best, r->network->parameters, r->network->n_parameters * sizeof *r->best);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

hn_status hn_network_train(hn_network *network, const hn_train_data *data,
                           const hn_train_options *options, hn_error *err) {
  hn_status status = HN_OK;
  run r;
  HN_TRY(run_init(&r, network, data, options, err));
  const int stops = options->patience && data->n_held;
  for (size_t epoch = 0; epoch < options->n_epochs; epoch++) {
    hn_epoch report = {.epoch = (int)epoch + 1, .n_epochs = (int)options->n_epochs};
    const double start = now();
    status = train_epoch(&r, epoch, &report, err);
    if (status != HN_OK) break;
    validate(&r, epoch, &report);
    report.seconds = now() - start;
    if (options->on_epoch) options->on_epoch(options->context, &report);
    if (stops && epoch - r.best_epoch >= options->patience) {
      hn_progress_advance(options->progress, options->n_epochs - epoch); /* none are left */
      break;
    }
    hn_progress_advance(options->progress, 1);
  }
  if (status == HN_OK && stops && isfinite(r.best_loss))
    memcpy(network->parameters, r.best, network->n_parameters * sizeof *r.best);
  run_free(&r);
done:
  return status;
}
