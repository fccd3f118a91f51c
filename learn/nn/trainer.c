#include "learn/nn/trainer.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/memory.h"
#include "learn/nn/checkpoint.h"
#include "learn/nn/predictor.h"
#include "learn/nn/rate_finder.h"
#include "learn/nn/stepper.h"

/* What a training run owns. */
typedef struct {
  hn_network *network;
  const hn_train_data *data;
  const hn_train_options *options;
  double learning_rate; /* given or found */
  hn_schedule schedule;
  hn_stepper stepper;
  hn_predictor predictor; /* these three only where rows are held out */
  int32_t *held_y;        /* (n_held) */
  float *held_p;          /* (n_held, K) */
  int stops;              /* early, where validation says so */
  float *best;            /* (n_parameters) of the epoch with the best validation; if it stops */
  double best_loss;
  size_t best_epoch;
} run;

static void run_free(run *r) {
  hn_stepper_free(&r->stepper);
  hn_predictor_free(&r->predictor);
  hn_free(r->held_y);
  hn_free(r->held_p);
  hn_free(r->best);
}

static size_t n_classes_of(const run *r) {
  return hn_shape_size(hn_network_output(r->network));
}

static hn_status init_validation(run *r, hn_error *err) {
  hn_status status = HN_OK;
  const size_t n_held = r->data->n_held;
  if (n_held == 0) return HN_OK;
  HN_TRY(hn_predictor_init(&r->predictor, r->network, err));
  HN_NEW(r->held_y, n_held, err);
  HN_NEW(r->held_p, n_held * n_classes_of(r), err);
  if (r->stops) HN_NEW(r->best, r->network->n_parameters, err);
  for (size_t i = 0; i < n_held; i++) r->held_y[i] = r->data->y[r->data->held[i]];
done:
  return status;
}

static hn_status run_init(run *r, hn_network *network, const hn_train_data *data,
                          const hn_train_options *options, double learning_rate, hn_error *err) {
  hn_status status = HN_OK;
  *r = (run){.network = network,
             .data = data,
             .options = options,
             .learning_rate = learning_rate,
             .schedule = options->schedule,
             .stops = options->patience && data->n_held,
             .best_loss = INFINITY};
  HN_TRY(hn_stepper_init(&r->stepper, network, data, options, options->seed,
                         options->schedule.n_epochs, err));
  r->schedule.n_batches = r->stepper.n_batches;
  HN_TRY(init_validation(r, err));
done:
  if (status != HN_OK) run_free(r);
  return status;
}

static hn_status train_epoch(run *r, size_t epoch, hn_epoch *report, hn_error *err) {
  const hn_train_options *o = r->options;
  const size_t n_rows = r->data->n_rows, n_batches = r->schedule.n_batches;
  double loss = 0, n_correct = 0;
  hn_stepper_begin(&r->stepper, epoch);
  for (size_t b = 0; b < n_batches; b++) {
    hn_loss sums;
    const size_t n = hn_stepper_step(
        &r->stepper, b, r->learning_rate * hn_schedule_factor(&r->schedule, epoch * n_batches + b),
        &sums);
    if (!isfinite(sums.objective))
      return hn_fail(err, HN_NUMERIC,
                     "network: the loss is no longer finite in epoch %zu, batch "
                     "%zu: choose a learning_rate below %g%s",
                     epoch + 1, b + 1, r->learning_rate,
                     o->finds_rate ? ", which find_learning_rate found" : "");
    loss += sums.loss;
    n_correct += sums.n_correct;
    hn_progress_advance(o->progress, n);
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
  hn_loss sums = hn_cross_entropy_of(r->held_p, r->held_y, n, n_classes_of(r));
  report->validation_loss = sums.loss / (double)n;
  report->validation_accuracy = sums.n_correct / (double)n;
  if (!r->stops || !(report->validation_loss < r->best_loss)) return;
  r->best_loss = report->validation_loss;
  r->best_epoch = epoch;
  memcpy(r->best, r->network->parameters, r->network->n_parameters * sizeof *r->best);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static hn_checkpoint checkpoint_of(run *r, size_t n_epochs) {
  return (hn_checkpoint){.identity = r->options->identity,
                         .n_epochs = n_epochs,
                         .learning_rate = r->learning_rate,
                         .network = r->network,
                         .optimizer = &r->stepper.optimizer,
                         .best = r->best,
                         .best_epoch = r->best_epoch,
                         .best_loss = r->best_loss};
}

static hn_status keep(run *r, size_t n_epochs, hn_error *err) {
  const hn_checkpoint checkpoint = checkpoint_of(r, n_epochs);
  return hn_checkpoint_write(&checkpoint, r->options->checkpoint, err);
}

static int has_checkpoint(const hn_train_options *options) {
  return options->checkpoint && hn_file_exists(options->checkpoint);
}

/* Take the state of a checkpoint over. A training that begins keeps the rate that it has found, so
 * that it is not searched for twice. */
static hn_status resume(run *r, size_t *n_epochs_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_checkpoint found = checkpoint_of(r, 0);
  if (has_checkpoint(r->options))
    HN_TRY(hn_checkpoint_read(&found, r->options->checkpoint, err));
  else if (r->options->checkpoint && r->options->finds_rate)
    HN_TRY(keep(r, 0, err));
  r->learning_rate = found.learning_rate;
  r->best_epoch = found.best_epoch;
  r->best_loss = found.best_loss;
  *n_epochs_out = found.n_epochs;
done:
  return status;
}

static hn_status run_epoch(run *r, size_t epoch, hn_error *err) {
  hn_status status = HN_OK;
  const hn_train_options *o = r->options;
  const size_t n_epochs = r->schedule.n_epochs;
  hn_epoch report = {.epoch = (int)epoch + 1, .n_epochs = (int)n_epochs};
  const double start = now();
  HN_TRY(train_epoch(r, epoch, &report, err));
  validate(r, epoch, &report);
  report.seconds = now() - start;
  hn_progress_note(o->progress, "epoch %zu/%zu, loss %.3f, accuracy %.3f", epoch + 1, n_epochs,
                   report.train_loss, report.train_accuracy);
  if (o->on_epoch) o->on_epoch(o->context, &report);
  if (o->checkpoint) HN_TRY(keep(r, epoch + 1, err));
done:
  return status;
}

hn_status hn_network_train(hn_network *network, const hn_train_data *data,
                           const hn_train_options *options, double *rate_out, hn_error *err) {
  hn_status status = HN_OK;
  run r;
  size_t epoch;
  double rate = options->learning_rate;
  const size_t n_epochs = options->schedule.n_epochs;
  if (options->finds_rate && !has_checkpoint(options))
    HN_TRY(hn_rate_find(network, data, options, &rate, err));
  HN_TRY(run_init(&r, network, data, options, rate, err));
  status = resume(&r, &epoch, err);
  if (status == HN_OK)
    hn_progress_restart(options->progress, "songs", (n_epochs - epoch) * data->n_rows);
  for (; status == HN_OK && epoch < n_epochs; epoch++) {
    if (r.stops && epoch > r.best_epoch + options->patience) break;
    status = run_epoch(&r, epoch, err);
  }
  if (status == HN_OK && r.stops && isfinite(r.best_loss))
    memcpy(network->parameters, r.best, network->n_parameters * sizeof *r.best);
  if (status == HN_OK) *rate_out = r.learning_rate;
  run_free(&r);
done:
  return status;
}
