/* 3×3 convolution, stride 1 and padding 1, by Winograd's F(4×4, 3×3) (Lavin and Gray, 2016): 36
 * products instead of 144 for each 4×4 pixels of output. Tiles are taken in strips of STRIP, so
 * that all that belongs to a strip stays in cache: transform the tiles, multiply point by point,
 * transform back.
 *
 * The gradients use the transposed transforms: with D = A d Aᵀ of a tile of the output's gradient,
 * that of the transformed weights is the product of the transformed input with D, summed over tiles
 * and samples before it is transformed back once; that of the input is B (U D) Bᵀ, overlapping
 * tiles added. */
#include <string.h>

#include "learn/nn/conv.h"

enum {
  STRIP = 48,
  TILE_FLOATS = HN_TILE_IN * HN_TILE_IN * HN_BLOCK,
  TILE_ROW = HN_TILE_OUT * HN_BLOCK,
  TILE_OUT_FLOATS = HN_TILE_OUT * TILE_ROW,
  BEYOND_CACHE = 1 << 22 /* floats of a batch that no cache keeps until the backward pass */
};

typedef struct {
  hn_shape in, out; /* out: before pooling */
  size_t in_blocks, out_blocks;
  size_t tiles_wide, n_tiles;
  /* Floats from one of the 36 points to the next, in a strip of transformed input or output: an
   * odd number of cache lines, so that the points of a tile do not share a few sets of the cache.
   */
  size_t in_step, out_step;
  size_t weights_step; /* of transformed weights */
} geometry;

static geometry geometry_of(const hn_layer *layer) {
  geometry g = {.in = layer->in, .out = layer->picture};
  g.in_blocks = hn_shape_n_blocks(&g.in);
  g.out_blocks = hn_shape_n_blocks(&g.out);
  g.tiles_wide = (g.out.width + HN_TILE_OUT - 1) / HN_TILE_OUT;
  g.n_tiles = g.tiles_wide * ((g.out.height + HN_TILE_OUT - 1) / HN_TILE_OUT);
  g.in_step = (g.in_blocks * STRIP + 1) * HN_BLOCK;
  g.out_step = (g.out_blocks * STRIP + 1) * HN_BLOCK;
  g.weights_step = g.in_blocks * g.out_blocks * HN_BLOCK * HN_BLOCK;
  return g;
}

/* Weights as kernels want them, [point][output block][input channel][16 outputs], and for the
 * gradient of the input [point][input block][output channel][16 inputs]; then the places of a
 * strip's blocks. */
typedef struct {
  float *forward, *backward;
  size_t *offsets;
} prepared;

static prepared prepared_of(const geometry *g, const hn_pass *pass) {
  const size_t size = HN_TILE_POINTS * g->weights_step;
  float *weights = pass->prepared;
  return (prepared){weights, weights + size, (size_t *)(void *)(weights + 2 * size)};
}

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

static void plan(hn_layer *layer) {
  const geometry g = geometry_of(layer);
  const size_t weights = HN_TILE_POINTS * g.weights_step;
  layer->prepared =
      2 * weights * sizeof(float) + larger(g.in_blocks, g.out_blocks) * sizeof(size_t);
  /* backward: transformed input, then its gradient at the same place; transformed output */
  layer->scratch = HN_TILE_POINTS * (g.in_step + g.out_step) * sizeof(float);
  layer->lane_size = weights;
}

/* The 9 taps of input channel c for the outputs of a block: [tap][16]. */
static void gather_taps(const hn_layer *layer, const float *weights, size_t block, size_t c,
                        float taps[9 * HN_BLOCK]) {
  for (size_t k = 0; k < HN_BLOCK; k++) {
    const size_t output = block * HN_BLOCK + k;
    const int is_there = output < layer->spec.channels && c < layer->in.channels;
    for (size_t tap = 0; tap < 9; tap++)
      taps[tap * HN_BLOCK + k] =
          is_there ? weights[(output * layer->in.channels + c) * 9 + tap] : 0;
  }
}

/* A block of 16 × 16 weights, turned over. */
static void transpose(const float *from, float *to) {
  for (size_t i = 0; i < HN_BLOCK; i++) {
    for (size_t j = 0; j < HN_BLOCK; j++) to[j * HN_BLOCK + i] = from[i * HN_BLOCK + j];
  }
}

static void prepare(const hn_layer *layer, const hn_pass *pass) {
  const geometry g = geometry_of(layer);
  const prepared p = prepared_of(&g, pass);
  const size_t square = HN_BLOCK * HN_BLOCK;
#pragma omp parallel for num_threads(pass->n_threads) schedule(static)
  for (size_t pair = 0; pair < g.out_blocks * g.in_blocks; pair++) {
    const size_t out = pair / g.in_blocks, in = pair % g.in_blocks;
    float taps[9 * HN_BLOCK];
    for (size_t c = 0; c < HN_BLOCK; c++) {
      gather_taps(layer, pass->parameters, out, in * HN_BLOCK + c, taps);
      pass->kernels->tile_weights(taps, p.forward + pair * square + c * HN_BLOCK, g.weights_step);
    }
    for (size_t point = 0; point < HN_TILE_POINTS; point++)
      transpose(p.forward + point * g.weights_step + pair * square,
                p.backward + point * g.weights_step + (in * g.out_blocks + out) * square);
  }
  for (size_t b = 0; b < larger(g.in_blocks, g.out_blocks); b++)
    p.offsets[b] = b * STRIP * HN_BLOCK;
}

/* A strip: tiles first … first + n - 1 of a sample. */
typedef struct {
  const geometry *g;
  size_t sample, first, n;
  float *input, *output; /* (36, blocks, STRIP, 16), see in_step and out_step */
} strip;

/* The top left pixel of tile t of a strip in the output. */
static void tile_place(const strip *s, size_t t, size_t *row_out, size_t *column_out) {
  *row_out = (s->first + t) / s->g->tiles_wide * HN_TILE_OUT;
  *column_out = (s->first + t) % s->g->tiles_wide * HN_TILE_OUT;
}

/* The 6×6 input pixels of an output tile at (row, column) begin one pixel up and left, and may lie
 * outside the picture, where it is zero. Rows first[0] … end[0] - 1 lie inside, columns likewise.
 */
typedef struct {
  size_t first[2], end[2];
} inner;

static inner inner_of(const hn_shape *in, size_t row, size_t column) {
  const size_t at[2] = {row, column}, size[2] = {in->height, in->width};
  inner part;
  for (int axis = 0; axis < 2; axis++) {
    part.first[axis] = at[axis] == 0;
    part.end[axis] =
        size[axis] + 1 - at[axis] < HN_TILE_IN ? size[axis] + 1 - at[axis] : (size_t)HN_TILE_IN;
  }
  return part;
}

static int has_all_columns(const inner *part) {
  return part->first[1] == 0 && part->end[1] == HN_TILE_IN;
}

/* Floats of the block's plane before pixel (i, j) of the 6×6 pixels. */
static size_t input_place(const hn_shape *in, size_t row, size_t column, size_t i, size_t j) {
  return (row + i - 1) * hn_shape_row(in) + (column + j - 1) * HN_BLOCK;
}

static void transform_input(const strip *s, const hn_kernels *kernels, const float *x) {
  static const float zeros[HN_TILE_IN * HN_BLOCK];
  const geometry *g = s->g;
  for (size_t b = 0; b < g->in_blocks; b++, x += hn_shape_plane(&g->in)) {
    for (size_t t = 0; t < s->n; t++) {
      size_t row, column;
      float tile[TILE_FLOATS];
      const float *rows[HN_TILE_IN];
      tile_place(s, t, &row, &column);
      const inner part = inner_of(&g->in, row, column);
      for (size_t i = 0; i < HN_TILE_IN; i++) {
        float *copy = tile + i * HN_TILE_IN * HN_BLOCK;
        if (i < part.first[0] || i >= part.end[0]) {
          rows[i] = zeros;
        } else if (has_all_columns(&part)) {
          rows[i] = x + input_place(&g->in, row, column, i, 0);
        } else {
          memset(copy, 0, HN_TILE_IN * HN_BLOCK * sizeof *copy);
          memcpy(copy + part.first[1] * HN_BLOCK,
                 x + input_place(&g->in, row, column, i, part.first[1]),
                 (part.end[1] - part.first[1]) * HN_BLOCK * sizeof *copy);
          rows[i] = copy;
        }
      }
      kernels->tile_input(rows, s->input + (b * STRIP + t) * HN_BLOCK, g->in_step);
    }
  }
}

/* dx += what the strip's tiles say; what falls outside the picture goes into `tile`. */
static void add_input_gradient(const strip *s, const hn_kernels *kernels, float *dx) {
  const geometry *g = s->g;
  for (size_t b = 0; b < g->in_blocks; b++, dx += hn_shape_plane(&g->in)) {
    for (size_t t = 0; t < s->n; t++) {
      size_t row, column;
      float tile[TILE_FLOATS], *rows[HN_TILE_IN];
      tile_place(s, t, &row, &column);
      const inner part = inner_of(&g->in, row, column);
      const int is_direct = has_all_columns(&part);
      if (!is_direct || part.first[0] > 0 || part.end[0] < HN_TILE_IN) memset(tile, 0, sizeof tile);
      for (size_t i = 0; i < HN_TILE_IN; i++) {
        rows[i] = is_direct && i >= part.first[0] && i < part.end[0]
                      ? dx + input_place(&g->in, row, column, i, 0)
                      : tile + i * HN_TILE_IN * HN_BLOCK;
      }
      kernels->tile_input_back(s->input + (b * STRIP + t) * HN_BLOCK, g->in_step, rows);
      for (size_t i = part.first[0]; i < part.end[0] && !is_direct; i++) {
        float *to = dx + input_place(&g->in, row, column, i, part.first[1]);
        const float *pixels = rows[i] + part.first[1] * HN_BLOCK;
        for (size_t j = 0; j < (part.end[1] - part.first[1]) * HN_BLOCK; j++) to[j] += pixels[j];
      }
    }
  }
}

/* The piece of the output that tile t of a strip gives; its rows as a tile lies. */
static hn_conv_piece piece_of(const strip *s, size_t block, size_t t) {
  hn_conv_piece piece = {.sample = s->sample, .block = block};
  tile_place(s, t, &piece.row, &piece.column);
  const size_t height = s->g->out.height - piece.row, width = s->g->out.width - piece.column;
  piece.patch.height = height < HN_TILE_OUT ? height : (size_t)HN_TILE_OUT;
  piece.patch.width = width < HN_TILE_OUT ? width : (size_t)HN_TILE_OUT;
  piece.patch.row = TILE_ROW;
  return piece;
}

/* Where a piece of a kept block begins. */
static size_t kept_place(const strip *s, const hn_conv_piece *piece) {
  return piece->row * hn_shape_row(&s->g->out) + piece->column * HN_BLOCK;
}

static int is_whole(const hn_conv_piece *piece) {
  return piece->patch.height == HN_TILE_OUT && piece->patch.width == HN_TILE_OUT;
}

static void take_output(const strip *s, const hn_layer *layer, const hn_pass *pass) {
  const size_t row = hn_shape_row(&s->g->out);
  const int streams = pass->n * hn_shape_size(&s->g->out) > BEYOND_CACHE;
  for (size_t b = 0; b < s->g->out_blocks; b++) {
    hn_conv_tile to;
    float *kept = hn_conv_pools(layer) ? hn_conv_kept(layer, pass, s->sample, b) : NULL;
    const int at_once = kept && hn_conv_takes_tiles(layer);
    for (size_t t = 0; t < s->n; t++) {
      float tile[TILE_OUT_FLOATS];
      const float *from = s->output + (b * STRIP + t) * HN_BLOCK;
      hn_conv_piece piece = piece_of(s, b, t);
      if (at_once && is_whole(&piece)) {
        to = hn_conv_tile_of(layer, pass, &piece);
        pass->kernels->tile_take(from, s->g->out_step, to.sign, to.sums,
                                 kept + kept_place(s, &piece), row, streams, to.pooled,
                                 to.pooled_row);
        continue;
      }
      pass->kernels->tile_output(from, s->g->out_step, tile, TILE_ROW);
      hn_conv_take(layer, pass, &piece, tile);
      for (size_t i = 0; kept && i < piece.patch.height; i++)
        pass->kernels->keep(piece.patch.width, tile + i * TILE_ROW,
                            kept + kept_place(s, &piece) + i * row, streams);
    }
  }
}

static void transform_output_gradient(const strip *s, const hn_layer *layer, const hn_pass *pass) {
  const size_t row = hn_shape_row(&s->g->out);
  for (size_t b = 0; b < s->g->out_blocks; b++) {
    const float *kept = hn_conv_kept(layer, pass, s->sample, b);
    for (size_t t = 0; t < s->n; t++) {
      float tile[TILE_OUT_FLOATS], *to = s->output + (b * STRIP + t) * HN_BLOCK;
      hn_conv_piece piece = piece_of(s, b, t);
      if (is_whole(&piece) && hn_conv_takes_tiles(layer)) {
        const hn_conv_tile from = hn_conv_tile_of(layer, pass, &piece);
        pass->kernels->tile_give(kept + kept_place(s, &piece), row, from.pooled, from.dy,
                                 from.pooled_row, from.scale_shift, from.back, to, s->g->out_step);
        continue;
      }
      piece.patch.row = row;
      if (!is_whole(&piece)) memset(tile, 0, sizeof tile);
      hn_conv_give(layer, pass, &piece, kept + kept_place(s, &piece), tile, TILE_ROW);
      pass->kernels->tile_output_back(tile, to, s->g->out_step);
    }
  }
}

static strip strip_at(const geometry *g, const hn_pass *pass, size_t sample, size_t first) {
  float *scratch = hn_pass_scratch(pass);
  return (strip){.g = g,
                 .sample = sample,
                 .first = first,
                 .n = g->n_tiles - first < STRIP ? g->n_tiles - first : (size_t)STRIP,
                 .input = scratch,
                 .output = scratch + HN_TILE_POINTS * g->in_step};
}

static hn_product product_of(const strip *s, const prepared *p) {
  return (hn_product){.n_rows = s->n,
                      .pitch = HN_BLOCK,
                      .n_terms = s->g->in_blocks,
                      .depth = HN_BLOCK,
                      .offsets = p->offsets,
                      .n_blocks = s->g->out_blocks,
                      .y_block = STRIP * HN_BLOCK};
}

static void forward(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  const geometry g = geometry_of(layer);
  const prepared p = prepared_of(&g, pass);
  for (size_t first = 0; first < g.n_tiles; first += STRIP) {
    const strip s = strip_at(&g, pass, sample, first);
    const hn_product product = product_of(&s, &p);
    transform_input(&s, pass->kernels, pass->x + sample * hn_shape_size(&g.in));
    for (size_t i = 0; i < HN_TILE_POINTS; i++)
      pass->kernels->multiply(&product, s.input + i * g.in_step, p.forward + i * g.weights_step,
                              s.output + i * g.out_step);
    take_output(&s, layer, pass);
  }
}

/* Rows first … end - 1 of all blocks. */
static void clear_rows(const hn_shape *shape, size_t first, size_t end, float *x) {
  const size_t row = hn_shape_row(shape);
  for (size_t b = 0; b < hn_shape_n_blocks(shape) && first < end; b++)
    memset(x + b * hn_shape_plane(shape) + first * row, 0, (end - first) * row * sizeof *x);
}

/* One row behind the last that a strip reaches. */
static size_t reached(const strip *s) {
  size_t row, column;
  tile_place(s, s->n - 1, &row, &column);
  const size_t end = row + HN_TILE_IN - 1;
  return end < s->g->in.height ? end : s->g->in.height;
}

static void backward(const hn_layer *layer, const hn_pass *pass, size_t sample, float *du) {
  const geometry g = geometry_of(layer);
  const prepared p = prepared_of(&g, pass);
  float *dx = pass->dx ? pass->dx + sample * hn_shape_size(&g.in) : NULL;
  size_t cleared = pass->adds_dx ? g.in.height : 0; /* rows of dx, just before they are added to */
  for (size_t first = 0; first < g.n_tiles; first += STRIP) {
    const strip s = strip_at(&g, pass, sample, first);
    const hn_product product = product_of(&s, &p);
    hn_product back = product;
    back.n_terms = g.out_blocks, back.n_blocks = g.in_blocks;
    transform_input(&s, pass->kernels, pass->x + sample * hn_shape_size(&g.in));
    transform_output_gradient(&s, layer, pass);
    for (size_t i = 0; i < HN_TILE_POINTS; i++) {
      pass->kernels->multiply_transposed(&product, s.input + i * g.in_step,
                                         s.output + i * g.out_step, du + i * g.weights_step);
      if (dx)
        pass->kernels->multiply(&back, s.output + i * g.out_step, p.backward + i * g.weights_step,
                                s.input + i * g.in_step);
    }
    if (!dx) continue;
    clear_rows(&g.in, cleared, reached(&s), dx);
    if (reached(&s) > cleared) cleared = reached(&s);
    add_input_gradient(&s, pass->kernels, dx);
  }
}

static void weights(const hn_layer *layer, const hn_pass *pass, const float *du, float *dw) {
  const geometry g = geometry_of(layer);
  const size_t n_in = layer->in.channels;
#pragma omp parallel for num_threads(pass->n_threads) schedule(static)
  for (size_t out = 0; out < g.out_blocks; out++) {
    for (size_t c = 0; c < n_in; c++) {
      float taps[9 * HN_BLOCK];
      pass->kernels->tile_weights_back(du + (out * g.in_blocks * HN_BLOCK + c) * HN_BLOCK,
                                       g.weights_step, taps);
      for (size_t k = 0; k < HN_BLOCK && out * HN_BLOCK + k < layer->spec.channels; k++) {
        for (size_t tap = 0; tap < 9; tap++)
          dw[((out * HN_BLOCK + k) * n_in + c) * 9 + tap] = taps[tap * HN_BLOCK + k];
      }
    }
  }
}

const hn_conv_way hn_conv_winograd = {
    plan, prepare, forward, hn_conv_norm_activate, hn_conv_norm_gradient_sums, backward, weights};
