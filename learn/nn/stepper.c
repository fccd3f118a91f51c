#include "learn/nn/stepper.h"

#include <math.h>

#include "base/memory.h"
#include "base/threads.h"

static size_t n_classes_of(const hn_stepper *s) {
  return hn_shape_size(hn_network_output(s->network));
}

static hn_status init_batches(hn_stepper *s, size_t batch, hn_error *err) {
  hn_status status = HN_OK;
  const hn_train_data *data = s->data;
  const hn_train_options *o = s->options;
  const size_t n_classes = n_classes_of(s);
  HN_TRY(hn_sampler_init(&s->sampler, data->rows, data->n_rows, data->y, n_classes, o->is_balanced,
                         err));
  HN_NEW(s->streams, batch, err);
  HN_NEW(s->batch_y, batch, err);
  if (o->augmentation.mixup > 0) {
    HN_NEW(s->batch_other, batch, err);
    HN_NEW(s->batch_share, batch, err);
  }
  if (o->weighs_classes) {
    HN_NEW(s->class_weights, n_classes, err);
    hn_balanced_weights(data->rows, data->n_rows, data->y, n_classes, s->class_weights);
  }
done:
  return status;
}

hn_status hn_stepper_init(hn_stepper *stepper, hn_network *network, const hn_train_data *data,
                          const hn_train_options *options, uint64_t seed, size_t n_epochs,
                          hn_error *err) {
  hn_status status = HN_OK;
  const size_t batch = options->batch_size < data->n_rows ? options->batch_size : data->n_rows;
  hn_stepper fresh = {.network = network,
                      .data = data,
                      .options = options,
                      .seed = seed,
                      .n_epochs = n_epochs,
                      .n_batches = (data->n_rows + batch - 1) / batch};
  HN_TRY(hn_workspace_create(network, batch, HN_WORKSPACE_TRAINING, hn_threads(), NULL,
                             &fresh.workspace, err));
  HN_TRY(hn_optimizer_init(&fresh.optimizer, network, &options->optimizer, err));
  HN_TRY(init_batches(&fresh, batch, err));
  *stepper = fresh;
  fresh = (hn_stepper){0};
done:
  hn_stepper_free(&fresh);
  return status;
}

void hn_stepper_free(hn_stepper *s) {
  hn_workspace_destroy(s->workspace);
  hn_optimizer_free(&s->optimizer);
  hn_sampler_free(&s->sampler);
  hn_free(s->class_weights);
  hn_free(s->streams);
  hn_free(s->batch_y);
  hn_free(s->batch_other);
  hn_free(s->batch_share);
  *s = (hn_stepper){0};
}

void hn_stepper_begin(hn_stepper *s, size_t epoch) {
  s->epoch = epoch;
  s->draws = hn_sampler_draw(&s->sampler, s->seed, epoch);
}

/* Put a random window of a drawn item into the workspace, augmented. Streams belong to (epoch,
 * item); the further takes of an item in an epoch come behind those of all epochs. */
static void load_sample(hn_stepper *s, const hn_draw *draw, size_t i) {
  const hn_images *images = s->data->images;
  const hn_shape *in = hn_network_input(s->network);
  const size_t row = draw->row, width = images->widths[row];
  float *sample = hn_workspace_sample(s->workspace, i);
  hn_rng rng;
  s->streams[i] = (draw->repeat * s->n_epochs + s->epoch) * images->n_items + row;
  s->batch_y[i] = s->data->y[row];
  hn_rng_init(&rng, s->seed, "network.window", s->streams[i]);
  size_t n_starts = width > in->width ? width - in->width + 1 : width < in->width ? width : 1;
  hn_window_copy(images->items[row], width, hn_rng_below(&rng, n_starts), s->data->standard, in,
                 sample);
  hn_rng_init(&rng, s->seed, "network.augment", s->streams[i]);
  hn_augment(&s->options->augmentation, s->data->standard, in, &rng, sample);
  if (s->batch_share)
    s->batch_share[i] = (float)hn_mixup_share(s->options->augmentation.mixup, &rng);
}

/* Mix each sample with its counterpart from the other end of the batch, whose order is random. */
static void mix_batch(hn_stepper *s, size_t n) {
#pragma omp parallel for
  for (size_t i = 0; i < n / 2; i++) {
    const size_t j = n - 1 - i;
    hn_mixup(hn_network_input(s->network), hn_workspace_sample(s->workspace, i), s->batch_share[i],
             hn_workspace_sample(s->workspace, j), s->batch_share[j]);
  }
  for (size_t i = 0; i < n; i++) s->batch_other[i] = s->batch_y[n - 1 - i];
}

static void load_batch(hn_stepper *s, const hn_draw *draws, size_t n) {
#pragma omp parallel for
  for (size_t i = 0; i < n; i++) load_sample(s, &draws[i], i);
  if (s->batch_share) mix_batch(s, n);
}

/* Forward and backward; the gradient is left in the workspace. */
static hn_loss learn_batch(hn_stepper *s, size_t n, const float **gradient_out) {
  const hn_targets targets = {.y = s->batch_y,
                              .other = s->batch_other,
                              .share = s->batch_share,
                              .smoothing = s->options->label_smoothing,
                              .weights = s->class_weights};
  hn_workspace_prepare(s->workspace);
  const float *logits = hn_workspace_forward_training(s->workspace, n, s->seed, s->streams);
  const hn_loss sums = hn_cross_entropy(logits, &targets, n, n_classes_of(s),
                                        hn_workspace_logit_gradient(s->workspace));
  *gradient_out = hn_workspace_backward(s->workspace);
  return sums;
}

size_t hn_stepper_step(hn_stepper *s, size_t b, double learning_rate, hn_loss *sums_out) {
  const size_t n_rows = s->data->n_rows, first = n_rows * b / s->n_batches;
  const size_t n = n_rows * (b + 1) / s->n_batches - first;
  const float *gradient;
  load_batch(s, s->draws + first, n);
  *sums_out = learn_batch(s, n, &gradient);
  if (isfinite(sums_out->objective))
    hn_optimizer_step(&s->optimizer, s->network, gradient, learning_rate);
  return n;
}
