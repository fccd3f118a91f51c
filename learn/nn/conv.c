/* The convolution layer: what is common to its ways. */
#include "learn/nn/conv.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "learn/nn/conv_norm.h"

static size_t output_size(const hn_layer *layer, int axis) {
  const hn_layer_spec *s = &layer->spec;
  const size_t size = axis ? layer->in.width : layer->in.height;
  return (size + 2 * s->pad[axis] - s->kernel[axis]) / s->stride[axis] + 1;
}

const hn_conv_way *hn_conv_way_of(const hn_layer *layer) {
  if (hn_conv_is_first(layer)) return &hn_conv_first;
  const hn_layer_spec *s = &layer->spec;
  int is_winograd = layer->in.block == HN_BLOCK && s->groups == 1;
  for (int axis = 0; axis < 2; axis++)
    is_winograd &= s->kernel[axis] == 3 && s->stride[axis] == 1 && s->pad[axis] == 1;
  return is_winograd ? &hn_conv_winograd : &hn_conv_direct;
}

float hn_conv_weight(const hn_layer *layer, const float *weights, size_t k, size_t c, size_t tap) {
  const size_t n_taps = layer->spec.kernel[0] * layer->spec.kernel[1];
  const size_t n_in = layer->in.channels / layer->spec.groups;
  const size_t n_out = layer->spec.channels / layer->spec.groups;
  return k / n_out == c / n_in ? weights[(k * n_in + c % n_in) * n_taps + tap] : 0;
}

static hn_status check(const hn_layer *layer, hn_error *err) {
  const hn_layer_spec *s = &layer->spec;
  if (s->groups == 0 || s->channels % s->groups || layer->in.channels % s->groups)
    return hn_fail(err, HN_INVALID,
                   "convolution: %zu groups of %zu input and %zu output channels, allowed are "
                   "divisors of both",
                   s->groups, layer->in.channels, s->channels);
  if (s->side && s->pool[0] * s->pool[1] > 1)
    return hn_fail(err, HN_INVALID, "convolution: a side input and pooling exclude each other");
  for (int axis = 0; axis < 2; axis++) {
    const size_t size = axis ? layer->in.width : layer->in.height;
    if (s->kernel[axis] == 0 || s->kernel[axis] > size + 2 * s->pad[axis])
      return hn_fail(err, HN_INVALID,
                     "convolution: a kernel of %zu pixels on a picture of %zu with a padding of "
                     "%zu, allowed are 1 up to the padded size",
                     s->kernel[axis], size, s->pad[axis]);
  }
  return HN_OK;
}

static hn_status plan(hn_layer *layer, hn_error *err) {
  hn_layer_spec *s = &layer->spec;
  hn_status status = check(layer, err);
  if (status != HN_OK) return status;
  status = hn_shape_blocks(s->channels, output_size(layer, 0), output_size(layer, 1),
                           &layer->picture, err);
  if (status != HN_OK) return status;
  for (int axis = 0; axis < 2; axis++) { /* an axis of one pixel is not pooled */
    if (s->pool[axis] == 0 || (axis ? layer->picture.width : layer->picture.height) == 1)
      s->pool[axis] = 1;
  }
  status = hn_shape_blocks(s->channels, layer->picture.height / s->pool[0],
                           layer->picture.width / s->pool[1], &layer->out, err);
  if (status != HN_OK) return status;
  if (s->side && memcmp(&layer->beside, &layer->out, sizeof layer->out))
    return hn_fail(err, HN_INVALID,
                   "convolution: gives (%zu, %zu, %zu), the layer to add to it (%zu, %zu, %zu): "
                   "they must be alike",
                   layer->out.channels, layer->out.height, layer->out.width, layer->beside.channels,
                   layer->beside.height, layer->beside.width);
  const size_t shape[4] = {s->channels, layer->in.channels / s->groups, s->kernel[0], s->kernel[1]};
  hn_layer_add_parameter(layer, "conv", "weight", HN_PARAMETER_WEIGHT, 4, shape);
  hn_conv_norm_plan(layer);
  hn_conv_way_of(layer)->plan(layer);
  if (!layer->n_lanes) layer->n_lanes = hn_lanes_for(layer->lane_size);
  return HN_OK;
}

/* He et al. (2015): the variance of the activations stays the same through ReLU. */
static void init(const hn_layer *layer, hn_rng *rng, float *parameters) {
  const hn_parameter *weight = &layer->parameters[0];
  const size_t fan_in = weight->size / layer->spec.channels;
  const double deviation = sqrt(2 / (double)fan_in);
  for (size_t i = 0; i < weight->size; i++) parameters[i] = (float)(deviation * hn_rng_normal(rng));
  hn_conv_norm_init(layer, parameters);
}

static void prepare(const hn_layer *layer, const hn_pass *pass) {
  const hn_conv_way *way = hn_conv_way_of(layer);
  if (way->prepare) way->prepare(layer, pass);
}

void hn_conv_begin_sample(const hn_pass *pass, size_t sample) {
  if (pass->lower && pass->training)
    hn_conv_way_of(pass->lower)->activate(pass->lower, pass->lower_pass, sample);
}

/* What a sample's gradient of the output leads to before the batch's sums are known. */
static void begin_backward(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  if (pass->dside) hn_conv_side_gradient(layer, pass, sample);
  hn_conv_way_of(layer)->gradient_sums(layer, pass, sample);
}

void hn_conv_end_sample(const hn_pass *pass, size_t sample) {
  if (pass->lower) begin_backward(pass->lower, pass->lower_pass, sample);
}

void hn_conv_forward_samples(const hn_layer *layer, const hn_pass *pass,
                             void (*forward)(const hn_layer *, const hn_pass *, size_t sample)) {
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t i = 0; i < pass->n; i++) {
    hn_conv_begin_sample(pass, i);
    forward(layer, pass, i);
    atomic_thread_fence(memory_order_seq_cst); /* see hn_kernels.keep */
  }
}

void hn_conv_backward_samples(const hn_layer *layer, const hn_pass *pass,
                              void (*backward)(const hn_layer *, const hn_pass *, size_t sample,
                                               float *du)) {
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t lane = 0; lane < layer->n_lanes; lane++) {
    float *du = pass->lanes + lane * layer->lane_size;
    memset(du, 0, layer->lane_size * sizeof *du);
    for (size_t i = hn_lane_first(layer, pass->n, lane);
         i < hn_lane_first(layer, pass->n, lane + 1); i++) {
      backward(layer, pass, i, du);
      hn_conv_end_sample(pass, i);
    }
  }
  hn_lanes_sum(layer, pass);
}

static void forward(const hn_layer *layer, const hn_pass *pass) {
  const hn_conv_way *way = hn_conv_way_of(layer);
  hn_conv_norm_begin(layer, pass);
  way->forward(layer, pass);
  if (!pass->training) return;
  hn_conv_norm_measure(layer, pass);
  if (pass->has_upper) return;
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t i = 0; i < pass->n; i++) way->activate(layer, pass, i);
}

static void backward(const hn_layer *layer, const hn_pass *pass) {
  if (!pass->has_upper) {
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
    for (size_t i = 0; i < pass->n; i++) begin_backward(layer, pass, i);
  }
  hn_conv_norm_gradient(layer, pass);
  hn_conv_way_of(layer)->backward(layer, pass);
}

const hn_layer_kind hn_conv_layer = {"conv", plan, init, prepare, forward, backward};
