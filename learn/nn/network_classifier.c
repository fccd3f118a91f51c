#include "learn/nn/network_classifier.h"

#include "base/memory.h"
#include "learn/nn/arch/cnn.h"
#include "learn/nn/arch/musicnn.h"
#include "learn/nn/arch/resnet.h"
#include "learn/nn/arch/vgg.h"
#include "learn/nn/holdout.h"
#include "learn/nn/predictor.h"
#include "learn/nn/training_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const hn_option_spec cnn_options[] = {
    {"channels", HN_OPTION_INTS, "16,32,64,128", 1, 4096, 0, NULL,
     "output channels of each block; every block halves bands and frames"},
    {"kernel_size", HN_OPTION_INT, "3", 1, 15, 0, NULL, "pixels, odd; 3 is the fastest"},
#include "learn/nn/training_options.inc"
    {0},
};

static const hn_option_spec vgg_options[] = {
    {"depth", HN_OPTION_CHOICE, "11", 0, 0, 0, "11|13|16|19",
     "layers with weights, as the original counts them: its configuration A, B, D or E"},
    {"width", HN_OPTION_INT, "64", 1, 1024, 0, NULL,
     "output channels of the first stage; the last has eight times as many"},
#include "learn/nn/training_options.inc"
    {0},
};

static const hn_option_spec resnet_options[] = {
    {"width", HN_OPTION_INT, "64", 1, 1024, 0, NULL,
     "output channels of the first stage; the last has eight times as many"},
#include "learn/nn/training_options.inc"
    {0},
};

static const hn_option_spec musicnn_options[] = {
    {"width", HN_OPTION_INT, "64", 2, 1024, 0, NULL,
     "channels of the middle; filters have three times (timbral) or 3/4 (temporal) as many"},
#include "learn/nn/training_options.inc"
    {0},
};

/* What a kind adds to the common way: its name and its list of layers for pictures of `height`
 * bands and `window` frames. specs_out (n_out) is to be freed with hn_free. */
typedef struct {
  const char *name;
  hn_status (*layers)(const hn_options *options, size_t n_classes, size_t height, size_t window,
                      hn_layer_spec **specs_out, size_t *n_out, hn_error *err);
} architecture;

static size_t width_of(const hn_options *options) {
  return (size_t)hn_options_int(options, "width");
}

static double dropout_of(const hn_options *options) {
  return hn_options_real(options, "dropout");
}

#define LAYERS(stem)                                                                               \
  static hn_status stem##_layers(const hn_options *options, size_t n_classes, size_t height,       \
                                 size_t window, hn_layer_spec **specs_out, size_t *n_out,          \
                                 hn_error *err)

LAYERS(cnn) {
  (void)height, (void)window;
  const double *channels;
  const size_t n_channels = hn_options_list(options, "channels", &channels);
  return hn_cnn_architecture(channels, n_channels, (size_t)hn_options_int(options, "kernel_size"),
                             dropout_of(options), n_classes, specs_out, n_out, err);
}

LAYERS(vgg) {
  (void)height, (void)window;
  const size_t depth = (size_t)strtoul(hn_options_text(options, "depth"), NULL, 10);
  return hn_vgg_architecture(depth, width_of(options), dropout_of(options), n_classes, specs_out,
                             n_out, err);
}

LAYERS(resnet18) {
  (void)height, (void)window;
  return hn_resnet_architecture(18, width_of(options), dropout_of(options), n_classes, specs_out,
                                n_out, err);
}

LAYERS(resnet34) {
  (void)height, (void)window;
  return hn_resnet_architecture(34, width_of(options), dropout_of(options), n_classes, specs_out,
                                n_out, err);
}

LAYERS(musicnn) {
  return hn_musicnn_architecture(height, window, width_of(options), dropout_of(options), n_classes,
                                 specs_out, n_out, err);
}

typedef struct {
  const architecture *arch;
  hn_network *network;
  hn_standard standard;
  double found_rate; /* NaN: it was given */
} network_model;

static const char found_rate_key[] = "found_learning_rate";

static void destroy(void *model) {
  network_model *m = model;
  if (!m) return;
  hn_network_destroy(m->network);
  hn_standard_free(&m->standard);
  hn_free(m);
}

static size_t n_units(const hn_options *options) {
  return (size_t)hn_options_int(options, "epochs");
}

static hn_status build(const architecture *arch, const hn_options *options, size_t n_classes,
                       size_t height, size_t window, hn_network **network_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_layer_spec *specs = NULL;
  size_t n_specs;
  HN_TRY(arch->layers(options, n_classes, height, window, &specs, &n_specs, err));
  HN_TRY(hn_network_create(specs, n_specs, 1, height, window, network_out, err));
done:
  hn_free(specs);
  return status;
}

static hn_status check_images(const architecture *arch, const hn_images *images, hn_error *err) {
  for (size_t i = 0; i < images->n_items; i++) {
    if (images->widths[i] == 0)
      return hn_fail(err, HN_INVALID, "%s: item %zu has no frames, every item needs at least one",
                     arch->name, i);
  }
  return HN_OK;
}

static hn_status fit(const architecture *arch, const hn_fit_input *input, const hn_options *options,
                     void **model_out, hn_error *err) {
  hn_status status = HN_OK;
  const hn_images *images = &input->x->as.images;
  hn_train_options training;
  double rate;
  char identity[33];
  hn_holdout holdout = {0};
  network_model *model = NULL;
  size_t window = (size_t)hn_options_int(options, "window");
  HN_TRY(check_images(arch, images, err));
  HN_TRY(hn_holdout_init(&holdout, input, images->n_items,
                         hn_options_real(options, "validation_fraction"), err));
  if (window == 0) {
    for (size_t i = 0; i < holdout.n_rows; i++) {
      if (images->widths[holdout.rows[i]] > window) window = images->widths[holdout.rows[i]];
    }
  }
  HN_NEW(model, 1, err);
  model->arch = arch;
  HN_TRY(hn_standard_fit(&model->standard, images, holdout.rows, holdout.n_rows, err));
  HN_TRY(build(arch, options, input->n_classes, images->height, window, &model->network, err));
  hn_network_init(model->network, input->seed);
  const hn_train_data data = {.images = images,
                              .standard = &model->standard,
                              .y = input->y,
                              .rows = holdout.rows,
                              .n_rows = holdout.n_rows,
                              .held = holdout.held,
                              .n_held = holdout.n_held};
  HN_TRY(hn_training_options(options, input, model->network, &data, identity, &training, err));
  HN_TRY(hn_network_train(model->network, &data, &training, &rate, err));
  model->found_rate = training.finds_rate ? rate : NAN;
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
  const network_model *m = model;
  const hn_images *images = &x->as.images;
  hn_predictor predictor = {0};
  HN_TRY(check_images(m->arch, images, err));
  HN_TRY(hn_predictor_init(&predictor, m->network, err));
  hn_predictor_run(&predictor, images, &m->standard, NULL, images->n_items, p_out);
done:
  hn_predictor_free(&predictor);
  return status;
}

static double found_rate(const void *model) {
  return ((const network_model *)model)->found_rate;
}

static hn_status save(const void *model, hn_tensors *tensors, hn_error *err) {
  hn_status status = HN_OK;
  const network_model *m = model;
  const size_t height = m->standard.height, one = 1;
  const int64_t window = (int64_t)hn_network_input(m->network)->width;
  char rate[40];
  HN_TRY(hn_tensors_add(tensors, "input.mean", HN_TENSOR_F32, 1, &height, m->standard.mean, err));
  HN_TRY(hn_tensors_add(tensors, "input.std", HN_TENSOR_F32, 1, &height, m->standard.std, err));
  HN_TRY(hn_tensors_add(tensors, "input.window", HN_TENSOR_I64, 1, &one, &window, err));
  HN_TRY(hn_network_save(m->network, tensors, err));
  if (!isnan(m->found_rate)) {
    snprintf(rate, sizeof rate, "%.17g", m->found_rate);
    HN_TRY(hn_tensors_set_text(tensors, found_rate_key, rate, err));
  }
done:
  return status;
}

static hn_status load_found_rate(const hn_tensors *tensors, const hn_options *options,
                                 double *rate_out, hn_error *err) {
  hn_status status = HN_OK;
  const char *text;
  char *end;
  *rate_out = NAN;
  if (!hn_options_bool(options, "find_learning_rate")) return HN_OK;
  HN_TRY(hn_tensors_get_text(tensors, found_rate_key, &text, err));
  const double rate = strtod(text, &end);
  if (end == text || *end || !(rate > 0 && isfinite(rate)))
    return hn_fail(err, HN_FORMAT, "metadata \"%s\" is \"%.40s\", expected a learning rate",
                   found_rate_key, text);
  *rate_out = rate;
done:
  return status;
}

static hn_status load(const architecture *arch, const hn_tensors *tensors,
                      const hn_options *options, size_t n_classes, void **model_out,
                      hn_error *err) {
  hn_status status = HN_OK;
  network_model *model = NULL;
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
  model->arch = arch;
  model->standard.height = height;
  HN_NEW(model->standard.mean, height, err);
  HN_NEW(model->standard.std, height, err);
  for (size_t h = 0; h < height; h++) {
    model->standard.mean[h] = ((const float *)mean->data)[h];
    model->standard.std[h] = ((const float *)std->data)[h];
  }
  int64_t frames = *(const int64_t *)window->data;
  HN_TRY(build(arch, options, n_classes, height, frames > 0 ? (size_t)frames : 0, &model->network,
               err));
  HN_TRY(hn_network_load(model->network, tensors, err));
  HN_TRY(load_found_rate(tensors, options, &model->found_rate, err));
  *model_out = model;
  model = NULL;
done:
  destroy(model);
  return status;
}

#define NETWORK_KIND(stem, option_specs)                                                           \
  static const architecture stem##_architecture = {#stem, stem##_layers};                          \
  static hn_status stem##_fit(const hn_fit_input *input, const hn_options *options,                \
                              void **model_out, hn_error *err) {                                   \
    return fit(&stem##_architecture, input, options, model_out, err);                              \
  }                                                                                                \
  static hn_status stem##_load(const hn_tensors *tensors, const hn_options *options,               \
                               size_t n_classes, void **model_out, hn_error *err) {                \
    return load(&stem##_architecture, tensors, options, n_classes, model_out, err);                \
  }                                                                                                \
  const hn_classifier_kind hn_##stem##_kind = {                                                    \
      .name = #stem,                                                                               \
      .accepts = HN_FEATURES_IMAGES,                                                               \
      .unit = "epochs",                                                                            \
      .options = option_specs,                                                                     \
      .n_units = n_units,                                                                          \
      .fit = stem##_fit,                                                                           \
      .predict_proba = predict_proba,                                                              \
      .save = save,                                                                                \
      .load = stem##_load,                                                                         \
      .destroy = destroy,                                                                          \
      .found_rate = found_rate,                                                                    \
  };

NETWORK_KIND(cnn, cnn_options)
NETWORK_KIND(vgg, vgg_options)
NETWORK_KIND(resnet18, resnet_options)
NETWORK_KIND(resnet34, resnet_options)
NETWORK_KIND(musicnn, musicnn_options)
