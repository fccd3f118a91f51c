#include "learn/nn/training_options.h"

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

hn_status hn_training_options(const hn_options *options, const hn_fit_input *input,
                              const hn_network *network, hn_train_options *training_out,
                              hn_error *err) {
  const hn_train_options made = {
      .batch_size = (size_t)hn_options_int(options, "batch_size"),
      .learning_rate = hn_options_real(options, "learning_rate"),
      .schedule = schedule_of(options),
      .optimizer = optimizer_of(options),
      .label_smoothing = hn_options_real(options, "label_smoothing"),
      .weighs_classes = hn_options_is(options, "class_weight", "balanced"),
      .is_balanced = hn_options_is(options, "sampling", "balanced"),
      .augmentation = augmentation_of(options, hn_network_input(network)),
      .patience =
          hn_options_is_none(options, "patience") ? 0 : (size_t)hn_options_int(options, "patience"),
      .seed = input->seed,
      .progress = input->progress,
      .on_epoch = input->on_epoch,
      .context = input->context,
  };
  if (made.schedule.warmup >= (double)made.schedule.n_epochs && made.schedule.warmup > 0)
    return hn_fail(err, HN_INVALID,
                   "warmup: %s of %zu epochs leaves none to train in; choose a smaller one",
                   hn_options_text(options, "warmup"), made.schedule.n_epochs);
  if (made.optimizer.nesterov && made.optimizer.momentum == 0)
    return hn_fail(err, HN_INVALID, "nesterov: true needs a momentum above 0");
  *training_out = made;
  return HN_OK;
}
