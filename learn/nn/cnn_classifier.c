#include "learn/nn/cnn_classifier.h"

#include "base/memory.h"
#include "learn/nn/arch/cnn.h"
#include "learn/nn/holdout.h"
#include "learn/nn/predictor.h"
#include "learn/nn/training_options.h"

static const hn_option_spec option_specs[] = {
    {"channels", HN_OPTION_INTS, "16,32,64,128", 1, 4096, 0, NULL,
     "output channels of each block; every block halves bands and frames"},
    {"kernel_size", HN_OPTION_INT, "3", 1, 15, 0, NULL, "pixels, odd; 3 is the fastest"},
    {"window", HN_OPTION_INT, "0", 0, 1 << 20, 0, NULL,
     "frames the network sees at once; 0: the widest training item"},
    {"dropout", HN_OPTION_REAL, "0.5", 0, 0.99, 0, NULL, "share dropped before the last layer"},
#include "learn/nn/training_options.inc"
    {0},
};

typedef struct {
  hn_network *network;
  hn_standard standard;
} cnn_model;

static void destroy(void *model) {
  cnn_model *m = model;
  if (!m) return;
  hn_network_destroy(m->network);
  hn_standard_free(&m->standard);
  hn_free(m);
}

static size_t n_units(const hn_options *options) {
  return (size_t)hn_options_int(options, "epochs");
}

static hn_status build(const hn_options *options, size_t n_classes, size_t height, size_t window,
                       hn_network **network_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_layer_spec *specs = NULL;
  size_t n_specs;
  const double *channels;
  const size_t n_channels = hn_options_list(options, "channels", &channels);
  HN_TRY(hn_cnn_architecture(channels, n_channels, (size_t)hn_options_int(options, "kernel_size"),
                             hn_options_real(options, "dropout"), n_classes, &specs, &n_specs,
                             err));
  HN_TRY(hn_network_create(specs, n_specs, 1, height, window, network_out, err));
done:
  hn_free(specs);
  return status;
}

static hn_status check_images(const hn_images *images, hn_error *err) {
  for (size_t i = 0; i < images->n_items; i++) {
    if (images->widths[i] == 0)
      return hn_fail(err, HN_INVALID, "cnn: item %zu has no frames, every item needs at least one",
                     i);
  }
  return HN_OK;
}

static hn_status fit(const hn_fit_input *input, const hn_options *options, void **model_out,
                     hn_error *err) {
  hn_status status = HN_OK;
  const hn_images *images = &input->x->as.images;
  hn_train_options training;
  char identity[33];
  hn_holdout holdout = {0};
  cnn_model *model = NULL;
  size_t window = (size_t)hn_options_int(options, "window");
  HN_TRY(check_images(images, err));
  HN_TRY(hn_holdout_init(&holdout, input, images->n_items,
                         hn_options_real(options, "validation_fraction"), err));
  if (window == 0) {
    for (size_t i = 0; i < holdout.n_rows; i++) {
      if (images->widths[holdout.rows[i]] > window) window = images->widths[holdout.rows[i]];
    }
  }
  HN_NEW(model, 1, err);
  HN_TRY(hn_standard_fit(&model->standard, images, holdout.rows, holdout.n_rows, err));
  HN_TRY(build(options, input->n_classes, images->height, window, &model->network, err));
  hn_network_init(model->network, input->seed);
  const hn_train_data data = {.images = images,
                              .standard = &model->standard,
                              .y = input->y,
                              .rows = holdout.rows,
                              .n_rows = holdout.n_rows,
                              .held = holdout.held,
                              .n_held = holdout.n_held};
  HN_TRY(hn_training_options(options, input, model->network, &data, identity, &training, err));
  HN_TRY(hn_network_train(model->network, &data, &training, err));
  *model_out = model;
  model = NULL;
done:
  hn_holdout_free(&holdout);
  destroy(model);
  return status;
}

static hn_status predict_proba(const void *model, const hn_features *x, float *p_out,
                               hn_error *err) {
  hn_status status = HN_OK;
  const cnn_model *m = model;
  const hn_images *images = &x->as.images;
  hn_predictor predictor = {0};
  HN_TRY(check_images(images, err));
  HN_TRY(hn_predictor_init(&predictor, m->network, err));
  hn_predictor_run(&predictor, images, &m->standard, NULL, images->n_items, p_out);
done:
  hn_predictor_free(&predictor);
  return status;
}

static hn_status save(const void *model, hn_tensors *tensors, hn_error *err) {
  hn_status status = HN_OK;
  const cnn_model *m = model;
  const size_t height = m->standard.height, one = 1;
  const int64_t window = (int64_t)hn_network_input(m->network)->width;
  HN_TRY(hn_tensors_add(tensors, "input.mean", HN_TENSOR_F32, 1, &height, m->standard.mean, err));
  HN_TRY(hn_tensors_add(tensors, "input.std", HN_TENSOR_F32, 1, &height, m->standard.std, err));
  HN_TRY(hn_tensors_add(tensors, "input.window", HN_TENSOR_I64, 1, &one, &window, err));
  HN_TRY(hn_network_save(m->network, tensors, err));
done:
  return status;
}

static hn_status load(const hn_tensors *tensors, const hn_options *options, size_t n_classes,
                      void **model_out, hn_error *err) {
  hn_status status = HN_OK;
  cnn_model *model = NULL;
  const hn_tensor *mean, *std, *window;
  HN_TRY(hn_tensors_get(tensors, "input.mean", HN_TENSOR_F32, 1, &mean, err));
  HN_TRY(hn_tensors_get(tensors, "input.std", HN_TENSOR_F32, 1, &std, err));
  HN_TRY(hn_tensors_get(tensors, "input.window", HN_TENSOR_I64, 1, &window, err));
  const size_t height = mean->shape[0];
  if (std->shape[0] != height || window->shape[0] != 1) {
    status = hn_fail(err, HN_FORMAT,
                     "input.std has %zu and input.window %zu elements, %zu and 1 "
                     "belong to input.mean",
                     std->shape[0], window->shape[0], height);
    goto done;
  }
  HN_NEW(model, 1, err);
  model->standard.height = height;
  HN_NEW(model->standard.mean, height, err);
  HN_NEW(model->standard.std, height, err);
  for (size_t h = 0; h < height; h++) {
    model->standard.mean[h] = ((const float *)mean->data)[h];
    model->standard.std[h] = ((const float *)std->data)[h];
  }
  int64_t frames = *(const int64_t *)window->data;
  HN_TRY(build(options, n_classes, height, frames > 0 ? (size_t)frames : 0, &model->network, err));
  HN_TRY(hn_network_load(model->network, tensors, err));
  *model_out = model;
  model = NULL;
done:
  destroy(model);
  return status;
}

const hn_classifier_kind hn_cnn_kind = {
    .name = "cnn",
    .accepts = HN_FEATURES_IMAGES,
    .unit = "epochs",
    .options = option_specs,
    .n_units = n_units,
    .fit = fit,
    .predict_proba = predict_proba,
    .save = save,
    .load = load,
    .destroy = destroy,
};
