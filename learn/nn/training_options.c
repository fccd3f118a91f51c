#include "learn/nn/training_options.h"

#include "base/buffer.h"
#include "base/file.h"

static hn_schedule_kind schedule_kind(const hn_options *options) {
  return hn_options_is(options, "schedule", "cosine") ? HN_SCHEDULE_COSINE
         : hn_options_is(options, "schedule", "step") ? HN_SCHEDULE_STEP
                                                      : HN_SCHEDULE_CONSTANT;
}

static hn_schedule schedule_of(const hn_options *options) {
  const size_t n_epochs = (size_t)hn_options_int(options, "epochs");
  return (hn_schedule){.kind = schedule_kind(options),
                       .n_epochs = n_epochs,
                       .warmup = hn_options_count(options, "warmup", (double)n_epochs),
                       .step_size = (size_t)hn_options_int(options, "step_size"),
                       .gamma = hn_options_real(options, "gamma")};
}

static hn_optimizer_options optimizer_of(const hn_options *options) {
  return (hn_optimizer_options){
      .method = hn_options_is(options, "optimizer", "sgd") ? HN_OPTIMIZER_SGD : HN_OPTIMIZER_ADAMW,
      .weight_decay = hn_options_real(options, "weight_decay"),
      .momentum = hn_options_real(options, "momentum"),
      .nesterov = hn_options_bool(options, "nesterov"),
      .max_norm =
          hn_options_is_none(options, "max_norm") ? 0 : hn_options_real(options, "max_norm"),
  };
}

static hn_augmentation augmentation_of(const hn_options *options, const hn_shape *in) {
  return (hn_augmentation){
      .gain = hn_options_real(options, "gain"),
      .time_masks = (size_t)hn_options_int(options, "time_masks"),
      .time_width = (size_t)hn_options_count(options, "time_mask_width", (double)in->width),
      .frequency_masks = (size_t)hn_options_int(options, "frequency_masks"),
      .band_width = (size_t)hn_options_count(options, "frequency_mask_width", (double)in->height),
      .mixup = hn_options_real(options, "mixup"),
  };
}

static hn_status identify(const hn_options *options, const hn_fit_input *input,
                          const hn_network *network, const hn_train_data *data, char hex_out[33],
                          hn_error *err) {
  hn_buffer text = {0};
  const size_t height = data->standard->height;
  for (const hn_option_spec *spec = hn_options_specs(options); spec->name; spec++)
    hn_buffer_format(&text, "%s=%s\n", spec->name, hn_options_text(options, spec->name));
  hn_buffer_format(&text, "seed %ju, %zu layers, %zu parameters, %zu rows, %zu held\n",
                   (uintmax_t)input->seed, network->n_layers, network->n_parameters, data->n_rows,
                   data->n_held);
  hn_buffer_append(&text, data->rows, data->n_rows * sizeof *data->rows);
  hn_buffer_append(&text, data->held, data->n_held * sizeof *data->held);
  hn_buffer_append(&text, data->y, data->images->n_items * sizeof *data->y);
  hn_buffer_append(&text, data->standard->mean, height * sizeof(float));
  hn_buffer_append(&text, data->standard->std, height * sizeof(float));
  hn_status status = hn_buffer_status(&text, err);
  if (status == HN_OK) hn_hash_bytes(text.data, text.length, hex_out);
  hn_buffer_free(&text);
  return status;
}

static hn_status check(const hn_options *options, const hn_train_options *o, hn_error *err) {
  if (o->schedule.warmup > 0 && o->schedule.warmup >= (double)o->schedule.n_epochs)
    return hn_fail(err, HN_INVALID,
                   "warmup: %s of %zu epochs leaves none to train in; choose a smaller one",
                   hn_options_text(options, "warmup"), o->schedule.n_epochs);
  if (o->optimizer.nesterov && o->optimizer.momentum == 0)
    return hn_fail(err, HN_INVALID, "nesterov: true needs a momentum above 0");
  return HN_OK;
}

hn_status hn_training_options(const hn_options *options, const hn_fit_input *input,
                              const hn_network *network, const hn_train_data *data,
                              char identity[33], hn_train_options *training_out, hn_error *err) {
  const hn_train_options made = {
      .batch_size = (size_t)hn_options_int(options, "batch_size"),
      .learning_rate = hn_options_real(options, "learning_rate"),
      .finds_rate = hn_options_bool(options, "find_learning_rate"),
      .schedule = schedule_of(options),
      .optimizer = optimizer_of(options),
      .label_smoothing = hn_options_real(options, "label_smoothing"),
      .weighs_classes = hn_options_is(options, "class_weight", "balanced"),
      .is_balanced = hn_options_is(options, "sampling", "balanced"),
      .augmentation = augmentation_of(options, hn_network_input(network)),
      .patience =
          hn_options_is_none(options, "patience") ? 0 : (size_t)hn_options_int(options, "patience"),
      .seed = input->seed,
      .checkpoint = input->checkpoint,
      .identity = identity,
      .progress = input->progress,
      .on_rate = input->on_rate,
      .on_epoch = input->on_epoch,
      .context = input->context,
  };
  hn_status status = check(options, &made, err);
  if (status == HN_OK && input->checkpoint)
    status = identify(options, input, network, data, identity, err);
  if (status == HN_OK) *training_out = made;
  return status;
}
