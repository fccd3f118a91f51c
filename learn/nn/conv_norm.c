/* Behind a convolution: batch normalisation (Ioffe and Szegedy, 2015) or a bias, a side input,
 * ReLU, 2×2 maximum pooling. Matches torch.nn.BatchNorm2d (eps 1e-5, biased variance for
 * normalising, unbiased for the running one), ReLU, MaxPool2d.
 *
 * Pooling comes first here, on what the convolution gives: normalisation is monotonic in each
 * channel, so the largest activation comes from the largest value, or from the smallest where the
 * scale is negative, and from the first of equal ones where it is zero. All that follows then works
 * on a quarter of the pixels. */
#include "learn/nn/conv_norm.h"

#include <math.h>
#include <string.h>

static const double epsilon = 1e-5;

/* What the batch decided, of one block of channels. */
typedef struct {
  double mean[HN_BLOCK], inv_std[HN_BLOCK];
  float sign[HN_BLOCK];            /* of the scale */
  float scale_shift[2 * HN_BLOCK]; /* see hn_kernels.activate */
  float back[3 * HN_BLOCK];        /* see hn_kernels.gradient */
} channels;

/* The places of the layer's parameters behind its weights; with a bias, BETA comes first. */
enum { GAMMA = 1, BETA, RUNNING_MEAN, RUNNING_VARIANCE, BIAS = 1 };

int hn_conv_pools(const hn_layer *layer) {
  return layer->spec.pool[0] * layer->spec.pool[1] > 1;
}

int hn_conv_keeps_output(const hn_layer *layer) {
  const size_t few = 32, n_taps = layer->spec.kernel[0] * layer->spec.kernel[1];
  return !(layer->in.block == 1 && hn_conv_pools(layer) && layer->in.channels * n_taps <= few);
}

/* saved_sample: two sums a channel, then the way's own, or the kept picture and the pooled one. */
double *hn_conv_sums(const hn_layer *layer, const hn_pass *pass, size_t sample, size_t block) {
  return (double *)(void *)((char *)pass->saved_samples + sample * layer->saved_sample) +
         block * 2 * HN_BLOCK;
}

void *hn_conv_own(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  return hn_conv_sums(layer, pass, sample, hn_shape_n_blocks(&layer->out));
}

static float *pictures_of(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  return hn_conv_own(layer, pass, sample);
}

const float *hn_conv_scale_shift(const hn_pass *pass, size_t block) {
  return ((const channels *)pass->saved)[block].scale_shift;
}

const float *hn_conv_back(const hn_pass *pass, size_t block) {
  return ((const channels *)pass->saved)[block].back;
}

float *hn_conv_kept(const hn_layer *layer, const hn_pass *pass, size_t sample, size_t block) {
  if (!pass->training || !hn_conv_keeps_output(layer)) return NULL;
  return pictures_of(layer, pass, sample) + block * hn_shape_plane(&layer->picture);
}

/* The picture behind pooling, before normalisation; the kept one where there is no pooling. */
static float *pooled_of(const hn_layer *layer, const hn_pass *pass, size_t sample, size_t block) {
  const size_t kept =
      hn_conv_keeps_output(layer) && hn_conv_pools(layer) ? hn_shape_size(&layer->picture) : 0;
  return pictures_of(layer, pass, sample) + kept + block * hn_shape_plane(&layer->out);
}

void hn_conv_norm_plan(hn_layer *layer) {
  const size_t n = layer->spec.channels, n_blocks = hn_shape_n_blocks(&layer->out);
  if (layer->spec.norm) {
    hn_layer_add_parameter(layer, "norm", "weight", HN_PARAMETER_PLAIN, 1, &n);
    hn_layer_add_parameter(layer, "norm", "bias", HN_PARAMETER_PLAIN, 1, &n);
    hn_layer_add_parameter(layer, "norm", "running_mean", HN_PARAMETER_AVERAGE, 1, &n);
    hn_layer_add_parameter(layer, "norm", "running_var", HN_PARAMETER_AVERAGE, 1, &n);
  } else {
    hn_layer_add_parameter(layer, "conv", "bias", HN_PARAMETER_PLAIN, 1, &n);
  }
  layer->saved = n_blocks * sizeof(channels);
  layer->saved_sample = n_blocks * 2 * HN_BLOCK * sizeof(double);
}

void hn_conv_plan_pictures(hn_layer *layer) {
  if (hn_conv_keeps_output(layer))
    layer->saved_sample += hn_shape_size(&layer->picture) * sizeof(float);
  if (hn_conv_pools(layer)) layer->saved_sample += hn_shape_size(&layer->out) * sizeof(float);
}

void hn_conv_norm_init(const hn_layer *layer, float *parameters) {
  for (size_t i = GAMMA; i < layer->n_parameters; i++) {
    const hn_parameter *p = &layer->parameters[i];
    const float value = layer->spec.norm && (i == GAMMA || i == RUNNING_VARIANCE);
    for (size_t c = 0; c < p->size; c++) parameters[p->offset + c] = value;
  }
}

/* Value of channel c of a parameter; 0 for the channels that only fill a block. */
static double parameter(const hn_layer *layer, const hn_pass *pass, size_t which, size_t c) {
  return c < layer->spec.channels ? pass->parameters[layer->parameters[which].offset + c] : 0;
}

static void set_gradient(const hn_layer *layer, const hn_pass *pass, size_t which, size_t c,
                         double value) {
  if (c < layer->spec.channels) pass->gradient[layer->parameters[which].offset + c] = (float)value;
}

/* The sums of all samples in ascending order: of channel k of a block, and of its squares (or
 * products). */
static void sum_samples(const hn_layer *layer, const hn_pass *pass, size_t block, size_t k,
                        double sums_out[2]) {
  sums_out[0] = sums_out[1] = 0;
  for (size_t i = 0; i < pass->n; i++) {
    const double *sums = hn_conv_sums(layer, pass, i, block) + k;
    sums_out[0] += sums[0];
    sums_out[1] += sums[HN_BLOCK];
  }
}

static double pixels_of_batch(const hn_layer *layer, const hn_pass *pass) {
  return (double)(pass->n * hn_shape_pixels(&layer->picture));
}

/* Mean and variance of the batch; what the running ones shall move towards goes into their
 * gradient already here. */
static void measure(const hn_layer *layer, const hn_pass *pass, size_t block, size_t k) {
  channels *here = (channels *)pass->saved + block;
  const double pixels = pixels_of_batch(layer, pass);
  double sums[2];
  sum_samples(layer, pass, block, k, sums);
  double mean = sums[0] / pixels, variance = sums[1] / pixels - mean * mean;
  if (variance < 0) variance = 0; /* by rounding; NaN stays */
  here->mean[k] = mean;
  here->inv_std[k] = 1 / sqrt(variance + epsilon);
  const size_t c = block * HN_BLOCK + k;
  set_gradient(layer, pass, RUNNING_MEAN, c, mean);
  set_gradient(layer, pass, RUNNING_VARIANCE, c,
               pixels > 1 ? variance * pixels / (pixels - 1) : variance);
}

static void decide_scale(const hn_layer *layer, const hn_pass *pass) {
  for (size_t c = 0; c < hn_shape_n_blocks(&layer->out) * HN_BLOCK; c++) {
    channels *here = (channels *)pass->saved + c / HN_BLOCK;
    const size_t k = c % HN_BLOCK;
    double scale = 1, shift = 0;
    if (layer->spec.norm) {
      scale = parameter(layer, pass, GAMMA, c) * here->inv_std[k];
      shift = parameter(layer, pass, BETA, c) - here->mean[k] * scale;
    } else {
      shift = parameter(layer, pass, BIAS, c);
    }
    here->scale_shift[k] = (float)scale;
    here->scale_shift[HN_BLOCK + k] = (float)shift;
  }
}

void hn_conv_norm_begin(const hn_layer *layer, const hn_pass *pass) {
  const size_t n_blocks = hn_shape_n_blocks(&layer->out);
  for (size_t c = 0; c < n_blocks * HN_BLOCK; c++) {
    channels *here = (channels *)pass->saved + c / HN_BLOCK;
    const size_t k = c % HN_BLOCK;
    const double gamma = layer->spec.norm ? parameter(layer, pass, GAMMA, c) : 1;
    here->sign[k] = (float)(gamma > 0) - (float)(gamma < 0);
    if (pass->training || !layer->spec.norm) continue;
    here->mean[k] = parameter(layer, pass, RUNNING_MEAN, c);
    here->inv_std[k] = 1 / sqrt(parameter(layer, pass, RUNNING_VARIANCE, c) + epsilon);
  }
  if (!pass->training) {
    decide_scale(layer, pass);
    return;
  }
  for (size_t i = 0; i < pass->n; i++)
    memset(hn_conv_sums(layer, pass, i, 0), 0, n_blocks * 2 * HN_BLOCK * sizeof(double));
}

/* A piece with its pooling, and how far into its block's plane of the pooled picture it lies. */
static hn_patch pooled_patch(const hn_layer *layer, const hn_conv_piece *piece, size_t *at_out) {
  const size_t *pool = layer->spec.pool;
  hn_patch patch = piece->patch;
  patch.pool_height = pool[0], patch.pool_width = pool[1];
  patch.pooled_row = hn_shape_row(&layer->out);
  *at_out = piece->row / pool[0] * patch.pooled_row + piece->column / pool[1] * HN_BLOCK;
  return patch;
}

/* Where the plane of a piece's block begins in the layer's output. */
static size_t plane_of(const hn_layer *layer, const hn_conv_piece *piece) {
  return (piece->sample * hn_shape_n_blocks(&layer->out) + piece->block) *
         hn_shape_plane(&layer->out);
}

void hn_conv_take(const hn_layer *layer, const hn_pass *pass, const hn_conv_piece *piece,
                  const float *values) {
  const hn_kernels *kernels = pass->kernels;
  const channels *here = (const channels *)pass->saved + piece->block;
  size_t at;
  const hn_patch patch = pooled_patch(layer, piece, &at);
  if (pass->training) {
    if (layer->spec.norm)
      kernels->moments(&patch, values, hn_conv_sums(layer, pass, piece->sample, piece->block));
    float *pooled = pooled_of(layer, pass, piece->sample, piece->block) + at;
    if (pooled != values) kernels->pool(&patch, values, here->sign, pooled);
    return;
  }
  const size_t from = plane_of(layer, piece) + at;
  kernels->pool(&patch, values, here->sign, pass->y + from);
  for (size_t i = 0; i < patch.height / patch.pool_height; i++) {
    const size_t row = from + i * patch.pooled_row;
    kernels->activate(patch.width / patch.pool_width, pass->y + row, here->scale_shift,
                      pass->side ? pass->side + row : NULL, layer->spec.relu, pass->y + row);
  }
}

/* What tells hn_kernels where ReLU lets through: what was pooled, or, where a side input came in
 * between, the activations (from float `at` on). */
static const float *gate_activation(const hn_layer *layer, const hn_pass *pass, size_t at) {
  return layer->spec.relu && layer->spec.side ? pass->y + at : NULL;
}
static const float *gate_scale(const hn_layer *layer, const hn_pass *pass, size_t block) {
  return layer->spec.relu && !layer->spec.side ? hn_conv_scale_shift(pass, block) : NULL;
}

int hn_conv_takes_tiles(const hn_layer *layer) {
  return layer->spec.norm && !layer->spec.side && layer->spec.pool[0] == 2 &&
         layer->spec.pool[1] == 2;
}

hn_conv_tile hn_conv_tile_of(const hn_layer *layer, const hn_pass *pass,
                             const hn_conv_piece *piece) {
  const channels *here = (const channels *)pass->saved + piece->block;
  size_t at;
  const hn_patch patch = pooled_patch(layer, piece, &at);
  return (hn_conv_tile){
      .sums = hn_conv_sums(layer, pass, piece->sample, piece->block),
      .sign = here->sign,
      .scale_shift = gate_scale(layer, pass, piece->block),
      .back = here->back,
      .pooled = pooled_of(layer, pass, piece->sample, piece->block) + at,
      .dy = pass->dy + plane_of(layer, piece) + at,
      .pooled_row = patch.pooled_row,
  };
}

void hn_conv_norm_measure(const hn_layer *layer, const hn_pass *pass) {
  const size_t n_channels = hn_shape_n_blocks(&layer->out) * HN_BLOCK;
  for (size_t c = 0; layer->spec.norm && c < n_channels; c++)
    measure(layer, pass, c / HN_BLOCK, c % HN_BLOCK);
  decide_scale(layer, pass);
}

void hn_conv_norm_activate(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  const size_t n_blocks = hn_shape_n_blocks(&layer->out), plane = hn_shape_plane(&layer->out);
  for (size_t b = 0; b < n_blocks; b++) {
    const size_t at = (sample * n_blocks + b) * plane;
    pass->kernels->activate(hn_shape_pixels(&layer->out), pooled_of(layer, pass, sample, b),
                            hn_conv_scale_shift(pass, b), pass->side ? pass->side + at : NULL,
                            layer->spec.relu, pass->y + at);
  }
}

/* With d the gradient behind the normalisation (zero wherever pooling or ReLU let nothing pass),
 * u = (x - mean) * inv_std and means over the batch:
 * dx = gamma * inv_std * (d - mean(d) - u * mean(d * u)), which is linear in x and d. */
static void decide_gradient(const hn_layer *layer, const hn_pass *pass, size_t block, size_t k) {
  channels *here = (channels *)pass->saved + block;
  const size_t c = block * HN_BLOCK + k;
  const double pixels = pixels_of_batch(layer, pass);
  double sums[2], scale = 1, slope = 0, offset = 0;
  sum_samples(layer, pass, block, k, sums);
  if (layer->spec.norm) {
    const double sum_du = (sums[1] - here->mean[k] * sums[0]) * here->inv_std[k];
    set_gradient(layer, pass, BETA, c, sums[0]);
    set_gradient(layer, pass, GAMMA, c, sum_du);
    scale = parameter(layer, pass, GAMMA, c) * here->inv_std[k];
    slope = -scale * here->inv_std[k] * sum_du / pixels;
    offset = -scale * sums[0] / pixels - slope * here->mean[k];
  } else {
    set_gradient(layer, pass, BIAS, c, sums[0]);
  }
  here->back[k] = (float)slope;
  here->back[HN_BLOCK + k] = (float)offset;
  here->back[2 * HN_BLOCK + k] = (float)scale;
}

void hn_conv_side_gradient(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  const size_t size = hn_shape_size(&layer->out), first = sample * size;
  const float *y = pass->y + first, *dy = pass->dy + first;
  float *restrict dside = pass->dside + first;
  const int relu = layer->spec.relu, adds = pass->adds_dside;
  for (size_t i = 0; i < size; i++) {
    const float d = relu && !(y[i] > 0) ? 0 : dy[i];
    dside[i] = adds ? dside[i] + d : d;
  }
}

void hn_conv_norm_gradient_sums(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  const size_t n_blocks = hn_shape_n_blocks(&layer->out), plane = hn_shape_plane(&layer->out);
  for (size_t b = 0; b < n_blocks; b++) {
    const size_t at = (sample * n_blocks + b) * plane;
    double *sums = hn_conv_sums(layer, pass, sample, b);
    memset(sums, 0, 2 * HN_BLOCK * sizeof *sums);
    pass->kernels->gradient_sums(hn_shape_pixels(&layer->out), pass->dy + at,
                                 gate_activation(layer, pass, at), gate_scale(layer, pass, b),
                                 pooled_of(layer, pass, sample, b), sums);
  }
}

void hn_conv_norm_gradient(const hn_layer *layer, const hn_pass *pass) {
  for (size_t c = 0; c < hn_shape_n_blocks(&layer->out) * HN_BLOCK; c++)
    decide_gradient(layer, pass, c / HN_BLOCK, c % HN_BLOCK);
}

void hn_conv_give(const hn_layer *layer, const hn_pass *pass, const hn_conv_piece *piece,
                  const float *values, float *out, size_t out_row) {
  const channels *here = (const channels *)pass->saved + piece->block;
  size_t at;
  const hn_patch patch = pooled_patch(layer, piece, &at);
  const size_t place = plane_of(layer, piece) + at;
  pass->kernels->gradient(&patch, values, pooled_of(layer, pass, piece->sample, piece->block) + at,
                          gate_activation(layer, pass, place),
                          gate_scale(layer, pass, piece->block), pass->dy + place, here->back, out,
                          out_row);
}
