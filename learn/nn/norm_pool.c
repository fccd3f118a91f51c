/* Batch normalisation (Ioffe and Szegedy, 2015), ReLU and 2×2 maximum pooling in one pass: the
 * normalised picture is never stored. Matches torch.nn.BatchNorm2d (eps 1e-5, biased variance for
 * normalising, unbiased for the running one), ReLU, MaxPool2d(2). An axis of one pixel is not
 * pooled, so that any picture passes through any number of blocks. */
#include "learn/nn/layer.h"

#include <math.h>

static const double epsilon = 1e-5;

/* Parameters, C floats each, in this order. */
enum { GAMMA, BETA, RUNNING_MEAN, RUNNING_VARIANCE };

/* `saved`: per channel what the batch decided. */
typedef struct {
  double mean, inv_std;
  float scale, shift; /* y = scale * x + shift before ReLU */
  float back[3];      /* slope, offset, scale of the gradient, see hn_kernels.pool_back */
} channel;

/* `saved_sample`: two sums a channel, then the positions of the maxima. */
static double *sums_of(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  return (double *)pass->saved_samples + sample * layer->saved_sample / sizeof(double);
}

static uint8_t *where_of(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  return (uint8_t *)(sums_of(layer, pass, sample) + 2 * layer->in.channels);
}

static hn_pooling pooling(const hn_layer *layer) {
  const hn_shape *in = &layer->in, *out = &layer->out;
  return (hn_pooling){.height = in->height,
                      .width = in->width,
                      .row = in->row,
                      .pool_height = in->height > 1 ? 2 : 1,
                      .pool_width = in->width > 1 ? 2 : 1,
                      .out_height = out->height,
                      .out_width = out->width,
                      .out_row = out->row};
}

static hn_status plan(hn_layer *layer, hn_error *err) {
  const hn_shape *in = &layer->in;
  hn_status status = hn_shape_image(in->channels, in->height > 1 ? in->height / 2 : 1,
                                    in->width > 1 ? in->width / 2 : 1, &layer->out, err);
  if (status != HN_OK) return status;
  const size_t n = in->channels,
               positions = n * layer->out.height * layer->out.width + HN_POOLED_SLACK;
  hn_layer_add_parameter(layer, "weight", HN_PARAMETER_PLAIN, 1, &n);
  hn_layer_add_parameter(layer, "bias", HN_PARAMETER_PLAIN, 1, &n);
  hn_layer_add_parameter(layer, "running_mean", HN_PARAMETER_AVERAGE, 1, &n);
  hn_layer_add_parameter(layer, "running_var", HN_PARAMETER_AVERAGE, 1, &n);
  layer->saved = n * sizeof(channel);
  layer->saved_sample = (2 * n + (positions + 7) / 8) * sizeof(double);
  return HN_OK;
}

static void init(const hn_layer *layer, hn_rng *rng, float *parameters) {
  (void)rng;
  const size_t n = layer->in.channels;
  for (size_t c = 0; c < n; c++) {
    parameters[GAMMA * n + c] = parameters[RUNNING_VARIANCE * n + c] = 1;
    parameters[BETA * n + c] = parameters[RUNNING_MEAN * n + c] = 0;
  }
}

/* The sums of all samples in ascending order. */
static void sum_samples(const hn_layer *layer, const hn_pass *pass, size_t c, double sums_out[2]) {
  sums_out[0] = sums_out[1] = 0;
  for (size_t i = 0; i < pass->n; i++) {
    const double *sums = sums_of(layer, pass, i) + 2 * c;
    sums_out[0] += sums[0];
    sums_out[1] += sums[1];
  }
}

static double pixels_of_batch(const hn_layer *layer, const hn_pass *pass) {
  return (double)(pass->n * layer->in.height * layer->in.width);
}

/* Mean and variance of the batch; what the running ones shall move towards goes into their
 * gradient already here. */
static void measure(const hn_layer *layer, const hn_pass *pass, const float *x) {
  const hn_shape *in = &layer->in;
  const size_t n = in->channels;
  channel *channels = pass->saved;
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t i = 0; i < pass->n; i++) {
    const float *plane = x + i * hn_shape_size(in) + in->origin;
    for (size_t c = 0; c < n; c++)
      pass->kernels->moments(plane + c * in->plane, hn_shape_span(in),
                             sums_of(layer, pass, i) + 2 * c);
  }
  const double pixels = pixels_of_batch(layer, pass);
  for (size_t c = 0; c < n; c++) {
    double sums[2];
    sum_samples(layer, pass, c, sums);
    double mean = sums[0] / pixels, variance = sums[1] / pixels - mean * mean;
    if (variance < 0) variance = 0; /* by rounding; NaN stays */
    channels[c].mean = mean;
    channels[c].inv_std = 1 / sqrt(variance + epsilon);
    pass->gradient[RUNNING_MEAN * n + c] = (float)mean;
    pass->gradient[RUNNING_VARIANCE * n + c] =
        (float)(pixels > 1 ? variance * pixels / (pixels - 1) : variance);
  }
}

static void forward(const hn_layer *layer, const hn_pass *pass, const float *x, float *y) {
  const hn_shape *in = &layer->in, *out = &layer->out;
  const hn_pooling g = pooling(layer);
  const size_t n = in->channels;
  const float *parameters = pass->parameters;
  channel *channels = pass->saved;
  if (pass->training) measure(layer, pass, x);
  for (size_t c = 0; c < n; c++) {
    if (!pass->training) {
      channels[c].mean = parameters[RUNNING_MEAN * n + c];
      channels[c].inv_std = 1 / sqrt(parameters[RUNNING_VARIANCE * n + c] + epsilon);
    }
    double scale = parameters[GAMMA * n + c] * channels[c].inv_std;
    channels[c].scale = (float)scale;
    channels[c].shift = (float)(parameters[BETA * n + c] - channels[c].mean * scale);
  }
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t i = 0; i < pass->n; i++) {
    const float *source = x + i * hn_shape_size(in) + in->origin;
    float *target = y + i * hn_shape_size(out) + out->origin;
    uint8_t *where = where_of(layer, pass, i);
    for (size_t c = 0; c < n; c++)
      pass->kernels->pool(&g, source + c * in->plane, channels[c].scale, channels[c].shift,
                          target + c * out->plane,
                          pass->training ? where + c * out->height * out->width : NULL);
  }
}

/* With d the gradient behind the normalisation (zero wherever pooling or ReLU let nothing pass),
 * u = (x - mean) * inv_std and means over the batch:
 * dx = gamma * inv_std * (d - mean(d) - u * mean(d * u)), which is linear in x and d. */
static void decide_gradient(const hn_layer *layer, const hn_pass *pass, size_t c) {
  const size_t n = layer->in.channels;
  const double pixels = pixels_of_batch(layer, pass);
  channel *here = (channel *)pass->saved + c;
  double sums[2];
  sum_samples(layer, pass, c, sums);
  double sum_du = (sums[1] - here->mean * sums[0]) * here->inv_std;
  pass->gradient[BETA * n + c] = (float)sums[0];
  pass->gradient[GAMMA * n + c] = (float)sum_du;
  double scale = pass->parameters[GAMMA * n + c] * here->inv_std;
  double slope = -scale * here->inv_std * sum_du / pixels;
  here->back[0] = (float)slope;
  here->back[1] = (float)(-scale * sums[0] / pixels - slope * here->mean);
  here->back[2] = (float)scale;
}

static void backward(const hn_layer *layer, const hn_pass *pass, float *x, const float *dy,
                     int wants_dx) {
  const hn_shape *in = &layer->in, *out = &layer->out;
  const hn_pooling g = pooling(layer);
  const size_t n = in->channels, positions = out->height * out->width;
  const channel *channels = pass->saved;
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t i = 0; i < pass->n; i++) {
    const float *source = x + i * hn_shape_size(in) + in->origin;
    const float *d = dy + i * hn_shape_size(out) + out->origin;
    for (size_t c = 0; c < n; c++)
      pass->kernels->pool_sums(&g, source + c * in->plane, d + c * out->plane,
                               where_of(layer, pass, i) + c * positions,
                               sums_of(layer, pass, i) + 2 * c);
  }
  for (size_t c = 0; c < n; c++) decide_gradient(layer, pass, c);
  if (!wants_dx) return;
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t i = 0; i < pass->n; i++) {
    float *target = x + i * hn_shape_size(in) + in->origin;
    const float *d = dy + i * hn_shape_size(out) + out->origin;
    for (size_t c = 0; c < n; c++)
      pass->kernels->pool_back(&g, target + c * in->plane, d + c * out->plane,
                               where_of(layer, pass, i) + c * positions, channels[c].back);
  }
}

const hn_layer_kind hn_norm_pool_layer = {"norm", plan, init, NULL, forward, backward};
