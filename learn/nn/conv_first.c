/* A first layer as spectrograms need it: one plane of input, 3×3 taps, batch norm, ReLU, 2×2
 * pooling. Its output before pooling is the largest picture of the whole network, and the cheapest
 * to compute; it is never stored.
 *
 * Statistics need no output at all: with x(p + t) the pixel under tap t of output pixel p, the mean
 * and the mean square of Σ_t w(t) x(p + t) follow from the sums of x(p + t) and from the Gram
 * matrix Σ_p x(p + s) x(p + t) alone. Normalisation is then folded into the weights, and one pass
 * convolves, pools and activates, leaving a byte for each activation: which pixel its pool chose.
 * On the way back the same holds: the gradient of an output pixel is slope * y + offset (see
 * hn_kernels.gradient), plus what the chosen pixels get. Summed with x over all pixels, the first
 * part needs the Gram matrix and the sums again, the second the chosen pixels only. */
#include <string.h>

#include "learn/nn/conv.h"
#include "learn/nn/conv_norm.h"

enum {
  TAPS = 9,
  FOLDED = (TAPS + 1) * HN_BLOCK, /* see fold */
  STRIP = 8                       /* rows of output whose input is at hand at once */
};

/* Of a sample, kept from forward to backward; the codes of hn_kernels.pool_taps follow, in the
 * order of the output. */
typedef struct {
  double gram[TAPS][TAPS], pixels[TAPS]; /* over the sample's output pixels */
  double unused[6];                      /* up to whole cache lines */
} first;

typedef struct {
  double d[TAPS + 1][HN_BLOCK]; /* see hn_kernels.pool_taps_back */
} block_sums;

int hn_conv_is_first(const hn_layer *layer) {
  const hn_layer_spec *s = &layer->spec;
  int is_first = layer->in.block == 1 && layer->in.channels == 1 && s->norm && s->relu && !s->side;
  for (int axis = 0; axis < 2; axis++)
    is_first &=
        s->kernel[axis] == 3 && s->stride[axis] == 1 && s->pad[axis] == 1 && s->pool[axis] == 2;
  return is_first;
}

static size_t padded_row(const hn_layer *layer) {
  return layer->in.width + 2;
}

static void plan(hn_layer *layer) {
  const size_t n_blocks = hn_shape_n_blocks(&layer->out), line = 64;
  layer->scratch = (n_blocks * FOLDED + (STRIP + 2) * padded_row(layer)) * sizeof(float);
  layer->saved_sample += sizeof(first) + n_blocks * sizeof(block_sums);
  layer->saved_sample += (hn_shape_size(&layer->out) + line - 1) / line * line;
}

/* Scratch of one thread: (blocks, FOLDED) for fold, then rows. */
static float *rows_of(const hn_layer *layer, const hn_pass *pass) {
  return (float *)hn_pass_scratch(pass) + hn_shape_n_blocks(&layer->out) * FOLDED;
}

static first *first_of(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  return hn_conv_own(layer, pass, sample);
}
static block_sums *sums_of(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  return (block_sums *)(void *)(first_of(layer, pass, sample) + 1);
}
static int8_t *codes_of(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  return (int8_t *)(sums_of(layer, pass, sample) + hn_shape_n_blocks(&layer->out));
}

/* A row of a sample between two zeros; zeros alone above and below the picture. */
static void pad_row(const hn_layer *layer, const float *x, size_t row, int is_inside, float *to) {
  const size_t width = layer->in.width;
  to[0] = to[width + 1] = 0;
  if (is_inside)
    memcpy(to + 1, x + row * width, width * sizeof *to);
  else
    memset(to + 1, 0, width * sizeof *to);
}

/* The rows that n rows of output from `row` on need. */
static const float *pad_rows(const hn_layer *layer, const hn_pass *pass, size_t sample, size_t row,
                             size_t n) {
  float *to = rows_of(layer, pass);
  const float *x = pass->x + sample * hn_shape_size(&layer->in);
  for (size_t i = 0; i < n + 2; i++) /* row + i - 1 of the picture */
    pad_row(layer, x, row + i - 1, row + i > 0 && row + i <= layer->in.height,
            to + i * padded_row(layer));
  return to;
}

/* Correlations of a sample's rows, padded on both sides, with the rows `lag` rows below them. */
typedef struct {
  double all[3][TAPS];            /* by lag; [3 i + j]: shifted by i, and by j */
  double first[TAPS], last[TAPS]; /* of the first and the last row with itself */
  double pixels[3][3];            /* sums of all rows, the first and the last; by shift */
} correlations;

static void correlate_rows(const hn_layer *layer, const hn_pass *pass, size_t sample,
                           correlations *out) {
  const size_t height = layer->in.height, width = layer->in.width;
  const float *x = pass->x + sample * hn_shape_size(&layer->in);
  float *ring = rows_of(layer, pass);
  memset(out, 0, sizeof *out);
  for (size_t row = 0; row < height; row++) {
    float *own = ring + row % 3 * padded_row(layer);
    double sums[TAPS] = {0}, pixels[3] = {0};
    pad_row(layer, x, row, 1, own);
    pass->kernels->correlate(width, own, own, sums);
    for (size_t c = 0; c < width; c++) pixels[1] += own[c + 1];
    pixels[0] = pixels[1] - own[width], pixels[2] = pixels[1] - own[1];
    for (size_t i = 0; i < TAPS; i++) out->all[0][i] += sums[i];
    for (size_t i = 0; i < 3; i++) out->pixels[0][i] += pixels[i];
    if (row == 0)
      memcpy(out->first, sums, sizeof sums), memcpy(out->pixels[1], pixels, sizeof pixels);
    if (row + 1 == height)
      memcpy(out->last, sums, sizeof sums), memcpy(out->pixels[2], pixels, sizeof pixels);
    for (size_t lag = 1; lag < 3 && lag <= row; lag++)
      pass->kernels->correlate(width, ring + (row - lag) % 3 * padded_row(layer), own,
                               out->all[lag]);
  }
}

/* Taps of the upper row see all rows but the last, those of the lower row all but the first: beyond
 * the picture is zero. */
static void gram_of(const correlations *c, first *out) {
  for (size_t s = 0; s < TAPS; s++) {
    const size_t own = s / 3;
    out->pixels[s] = c->pixels[0][s % 3] - (own == 0 ? c->pixels[2][s % 3] : 0) -
                     (own == 2 ? c->pixels[1][s % 3] : 0);
    for (size_t t = s; t < TAPS; t++) {
      const size_t lag = t / 3 - own, i = 3 * (s % 3) + t % 3;
      double sum = c->all[lag][i];
      if (lag == 0) sum -= own == 0 ? c->last[i] : own == 2 ? c->first[i] : 0;
      out->gram[s][t] = out->gram[t][s] = sum;
    }
  }
}

/* Weight of output channel k; 0 for those that only fill a block. */
static double weight(const hn_layer *layer, const hn_pass *pass, size_t k, size_t tap) {
  return k < layer->spec.channels ? pass->parameters[k * TAPS + tap] : 0;
}

static void measure(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  correlations c;
  first *own = first_of(layer, pass, sample);
  correlate_rows(layer, pass, sample, &c);
  gram_of(&c, own);
  for (size_t k = 0; k < hn_shape_n_blocks(&layer->out) * HN_BLOCK; k++) {
    double *sums = hn_conv_sums(layer, pass, sample, k / HN_BLOCK) + k % HN_BLOCK;
    for (size_t s = 0; s < TAPS; s++) {
      double row = 0;
      for (size_t t = 0; t < TAPS; t++) row += weight(layer, pass, k, t) * own->gram[s][t];
      sums[0] += weight(layer, pass, k, s) * own->pixels[s];
      sums[HN_BLOCK] += weight(layer, pass, k, s) * row;
    }
  }
}

/* The weights of all blocks with the normalisation in them, as hn_kernels.pool_taps wants them. */
static const float *fold(const hn_layer *layer, const hn_pass *pass) {
  float *folded = hn_pass_scratch(pass);
  for (size_t b = 0; b < hn_shape_n_blocks(&layer->out); b++) {
    const float *scale_shift = hn_conv_scale_shift(pass, b);
    float *u = folded + b * FOLDED;
    for (size_t i = 0; i < TAPS * HN_BLOCK; i++)
      u[i] = scale_shift[i % HN_BLOCK] *
             (float)weight(layer, pass, b * HN_BLOCK + i % HN_BLOCK, i / HN_BLOCK);
    memcpy(u + TAPS * HN_BLOCK, scale_shift + HN_BLOCK, HN_BLOCK * sizeof *u);
  }
  return folded;
}

static void activate(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  const hn_shape *out = &layer->out;
  const size_t size = hn_shape_size(out), plane = hn_shape_plane(out);
  float *y = pass->y + sample * size;
  int8_t *codes = pass->training ? codes_of(layer, pass, sample) : NULL;
  const float *u = fold(layer, pass);
  for (size_t first_row = 0; first_row < out->height; first_row += STRIP / 2) {
    const size_t left = out->height - first_row, n = left < STRIP / 2 ? left : STRIP / 2;
    const float *x = pad_rows(layer, pass, sample, 2 * first_row, 2 * n);
    for (size_t i = 0; i < n * hn_shape_n_blocks(out); i++) {
      const size_t b = i / n, at = b * plane + (first_row + i % n) * hn_shape_row(out);
      pass->kernels->pool_taps(out->width, x + 2 * (i % n) * padded_row(layer), padded_row(layer),
                               u + b * FOLDED, y + at, codes ? codes + at : NULL);
    }
  }
}

static void forward_sample(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  if (pass->training)
    measure(layer, pass, sample);
  else
    activate(layer, pass, sample);
}

/* The sums over the chosen pixels; Σ d * y of them is Σ_t w(t) Σ d * x(t). */
static void gradient_sums(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  const hn_shape *out = &layer->out;
  const size_t n_blocks = hn_shape_n_blocks(out), plane = hn_shape_plane(out);
  const float *dy = pass->dy + sample * hn_shape_size(out);
  const int8_t *codes = codes_of(layer, pass, sample);
  block_sums *own = sums_of(layer, pass, sample);
  memset(own, 0, n_blocks * sizeof *own);
  for (size_t first_row = 0; first_row < out->height; first_row += STRIP / 2) {
    const size_t left = out->height - first_row, n = left < STRIP / 2 ? left : STRIP / 2;
    const float *x = pad_rows(layer, pass, sample, 2 * first_row, 2 * n);
    for (size_t i = 0; i < n * n_blocks; i++) {
      const size_t b = i / n, at = b * plane + (first_row + i % n) * hn_shape_row(out);
      pass->kernels->pool_taps_back(out->width, x + 2 * (i % n) * padded_row(layer),
                                    padded_row(layer), codes + at, dy + at, own[b].d[0]);
    }
  }
  for (size_t k = 0; k < n_blocks * HN_BLOCK; k++) {
    const block_sums *of = &own[k / HN_BLOCK];
    double *sums = hn_conv_sums(layer, pass, sample, k / HN_BLOCK) + k % HN_BLOCK;
    sums[0] = of->d[TAPS][k % HN_BLOCK];
    sums[HN_BLOCK] = 0;
    for (size_t t = 0; t < TAPS; t++)
      sums[HN_BLOCK] += weight(layer, pass, k, t) * of->d[t][k % HN_BLOCK];
  }
}

/* The gradient of output pixel (row, column) of channel k, from its three rows of input. */
static float output_gradient(const hn_layer *layer, const hn_pass *pass, size_t sample, size_t k,
                             size_t row, size_t column, const float *x) {
  const hn_shape *out = &layer->out;
  const float *back = hn_conv_back(pass, k / HN_BLOCK) + k % HN_BLOCK;
  double y = 0;
  for (size_t t = 0; t < TAPS; t++)
    y += weight(layer, pass, k, t) * x[t / 3 * padded_row(layer) + column + t % 3];
  float d = back[0] * (float)y + back[HN_BLOCK];
  if (row / 2 < out->height && column / 2 < out->width) {
    const size_t at = hn_shape_channel(out, k) + (row / 2 * out->width + column / 2) * HN_BLOCK;
    if (codes_of(layer, pass, sample)[at] == (int8_t)(row % 2 * 2 + column % 2))
      d += back[2 * HN_BLOCK] * pass->dy[sample * hn_shape_size(out) + at];
  }
  return d;
}

/* No architecture here asks a first layer for the gradient of its input: this may take its time. */
static void input_gradient(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  const size_t height = layer->in.height, width = layer->in.width;
  float *dx = pass->dx + sample * height * width;
  if (!pass->adds_dx) memset(dx, 0, height * width * sizeof *dx);
  for (size_t row = 0; row < height; row++) {
    const float *x = pad_rows(layer, pass, sample, row, 1);
    for (size_t i = 0; i < width * layer->spec.channels; i++) {
      const size_t column = i % width, k = i / width;
      const float d = output_gradient(layer, pass, sample, k, row, column, x);
      for (size_t t = 0; t < TAPS; t++) {
        const size_t to_row = row + t / 3, to_column = column + t % 3; /* of the padded picture */
        if (to_row > 0 && to_row <= height && to_column > 0 && to_column <= width)
          dx[(to_row - 1) * width + to_column - 1] += (float)weight(layer, pass, k, t) * d;
      }
    }
  }
}

static void weights(const hn_layer *layer, const hn_pass *pass) {
  for (size_t k = 0; k < layer->spec.channels; k++) {
    const float *back = hn_conv_back(pass, k / HN_BLOCK) + k % HN_BLOCK;
    for (size_t t = 0; t < TAPS; t++) {
      double all = 0, chosen = 0; /* Σ (slope * y + offset) * x, and Σ d * x */
      for (size_t i = 0; i < pass->n; i++) {
        const first *own = first_of(layer, pass, i);
        double y = 0;
        for (size_t s = 0; s < TAPS; s++) y += weight(layer, pass, k, s) * own->gram[s][t];
        all += back[0] * y + back[HN_BLOCK] * own->pixels[t];
        chosen += sums_of(layer, pass, i)[k / HN_BLOCK].d[t][k % HN_BLOCK];
      }
      pass->gradient[k * TAPS + t] = (float)(all + back[2 * HN_BLOCK] * chosen);
    }
  }
}

static void forward(const hn_layer *layer, const hn_pass *pass) {
  hn_conv_forward_samples(layer, pass, forward_sample);
}

static void backward(const hn_layer *layer, const hn_pass *pass) {
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t i = 0; i < pass->n; i++) {
    if (pass->dx) input_gradient(layer, pass, i);
  }
  weights(layer, pass);
}

const hn_conv_way hn_conv_first = {plan, NULL, forward, activate, gradient_sums, backward};
