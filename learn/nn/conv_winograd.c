/* 3×3 convolution, stride 1 and padding 1, by Winograd's F(4×4, 3×3) (Lavin and Gray, 2016): 36
 * products instead of 144 for each 4×4 pixels of output. Transform the tiles, multiply point by
 * point, transform back.
 *
 * Large pictures of few channels are taken in strips of tiles, so that all that belongs to a strip
 * stays in cache, weights included. Where the weights are too many for that, or the tiles too few,
 * those of a group of samples are transformed, and the 36 points multiplied one after the other, so
 * that each weight is read once a group.
 *
 * The gradients use the transposed transforms: with D = A d Aᵀ of a tile of the output's gradient,
 * that of the transformed weights is the product of the transformed input with D, summed over tiles
 * and samples before it is transformed back once; that of the input is B (U D) Bᵀ, overlapping
 * tiles added. */
#include <stdatomic.h>
#include <string.h>

#include "learn/nn/conv.h"
#include "learn/nn/conv_norm.h"
#include "learn/nn/conv_tiles.h"

enum {
  STRIP = 48,             /* tiles, about */
  FEW_TILES = 64,         /* of a sample */
  MANY_WEIGHTS = 1 << 13, /* pairs of channels; each has 36 weights */
  GROUP = 1 << 23,        /* floats of a group's transformed tiles, about */
  LEAST_GROUP = 4,        /* samples: the work of transforming them is shared by threads */
  CHUNK = 192             /* tiles whose products are summed while they are in cache */
};

static int by_group(const hn_tiling *t) {
  return t->n_tiles < FEW_TILES ||
         t->in_blocks * t->out_blocks * HN_BLOCK * HN_BLOCK > MANY_WEIGHTS;
}

/* Floats of a sample's transformed tiles. */
static size_t tiles_size(const hn_tiling *t) {
  return HN_TILE_POINTS * t->n_tiles * (t->in_blocks + t->out_blocks) * HN_BLOCK;
}

/* Samples of a group at most. */
static size_t most_in_group(const hn_tiling *t) {
  const size_t n = GROUP / tiles_size(t);
  return n > LEAST_GROUP ? n : LEAST_GROUP;
}

/* Floats of the transformed weights from one point to the next: an odd number of cache lines, as in
 * hn_tile_room. */
static size_t weights_step(const hn_tiling *t) {
  return (t->in_blocks * t->out_blocks * HN_BLOCK + 1) * HN_BLOCK;
}

/* Weights as kernels want them, [point][output block][input channel][16 outputs], and for the
 * gradient of the input [point][input block][output channel][16 inputs]. */
typedef struct {
  float *forward, *backward;
} prepared;

static prepared prepared_of(const hn_tiling *t, const hn_pass *pass) {
  float *weights = pass->prepared;
  return (prepared){weights, weights + HN_TILE_POINTS * weights_step(t)};
}

/* The tiles of a strip: about STRIP, so that the strips of a sample are alike, and a multiple of 4,
 * as kernels like it. */
static size_t strip_length(const hn_tiling *t) {
  const size_t n_strips = t->n_tiles < STRIP ? 1 : (t->n_tiles + STRIP / 2) / STRIP;
  return ((t->n_tiles + n_strips - 1) / n_strips + 3) / 4 * 4;
}

static void plan(hn_layer *layer) {
  const hn_tiling t = hn_tiling_of(layer);
  hn_conv_plan_pictures(layer);
  layer->prepared = HN_TILE_POINTS * weights_step(&t) * sizeof(float);
  layer->prepared_back = layer->prepared;
  layer->lane_size = HN_TILE_POINTS * weights_step(&t);
  if (!by_group(&t)) {
    layer->scratch = hn_tile_room_bytes(&t, strip_length(&t));
    return;
  }
  layer->n_lanes = 1;
  layer->shared = hn_tile_room_bytes(&t, 0);
  layer->shared_sample = tiles_size(&t) * sizeof(float);
  layer->shared_most = most_in_group(&t);
}

/* The 9 taps of 16 pairs of channels, [tap][16]: of input c with the outputs k, k + 1, …, or, going
 * back, of output k with the inputs c, c + 1, …; 0 for channels that only fill a block. */
static void gather_taps(const hn_layer *layer, const float *weights, size_t k, size_t c,
                        int is_back, float taps[9 * HN_BLOCK]) {
  for (size_t i = 0; i < HN_BLOCK; i++) {
    const size_t output = k + (is_back ? 0 : i), input = c + (is_back ? i : 0);
    const int is_there = output < layer->spec.channels && input < layer->in.channels;
    const float *from = weights + (output * layer->in.channels + input) * 9;
    for (size_t tap = 0; tap < 9; tap++) taps[tap * HN_BLOCK + i] = is_there ? from[tap] : 0;
  }
}

static void prepare(const hn_layer *layer, const hn_pass *pass) {
  const hn_tiling t = hn_tiling_of(layer);
  const prepared p = prepared_of(&t, pass);
  const size_t square = HN_BLOCK * HN_BLOCK, step = weights_step(&t);
  const int streams = step > MANY_WEIGHTS;
#pragma omp parallel for num_threads(pass->n_threads) schedule(static)
  for (size_t pair = 0; pair < t.out_blocks * t.in_blocks; pair++) {
    const size_t out = pair / t.in_blocks, in = pair % t.in_blocks;
    float *forward = p.forward + pair * square;
    float *backward = p.backward + (in * t.out_blocks + out) * square;
    float taps[9 * HN_BLOCK];
    for (size_t i = 0; i < HN_BLOCK; i++) {
      gather_taps(layer, pass->parameters, out * HN_BLOCK, in * HN_BLOCK + i, 0, taps);
      pass->kernels->tile_weights(taps, forward + i * HN_BLOCK, step, streams);
      if (!hn_pass_trains(pass)) continue;
      gather_taps(layer, pass->parameters, out * HN_BLOCK + i, in * HN_BLOCK, 1, taps);
      pass->kernels->tile_weights(taps, backward + i * HN_BLOCK, step, streams);
    }
    atomic_thread_fence(memory_order_seq_cst); /* see hn_kernels.keep */
  }
}

/* The products of n tiles: of the input with the weights, or of the output's gradient with them. */
static hn_product product_of(const hn_tiling *t, const hn_tile_room *room, size_t n, int is_back) {
  return (hn_product){.n_rows = n,
                      .pitch = HN_BLOCK,
                      .n_terms = is_back ? t->out_blocks : t->in_blocks,
                      .depth = HN_BLOCK,
                      .offsets = room->offsets,
                      .n_blocks = is_back ? t->in_blocks : t->out_blocks,
                      .y_block = room->length * HN_BLOCK};
}

/* One point of n tiles: output = input · weights. */
static void multiply(const hn_tiling *t, const hn_tile_room *room, size_t n, const hn_pass *pass,
                     size_t point) {
  const hn_product p = product_of(t, room, n, 0);
  pass->kernels->multiply(&p, room->input + point * room->in_step,
                          prepared_of(t, pass).forward + point * weights_step(t),
                          room->output + point * room->out_step);
}

/* One point of n tiles: du += inputᵀ · output; then, if wanted, input = output · weightsᵀ. */
static void multiply_back(const hn_tiling *t, const hn_tile_room *room, size_t n,
                          const hn_pass *pass, size_t point, float *du) {
  float *input = room->input + point * room->in_step;
  float *output = room->output + point * room->out_step;
  for (size_t first = 0; first < n; first += CHUNK) {
    const hn_product p = product_of(t, room, n - first < CHUNK ? n - first : CHUNK, 0);
    pass->kernels->multiply_transposed(&p, input + first * HN_BLOCK, output + first * HN_BLOCK, du);
  }
  if (!pass->dx) return;
  const hn_product back = product_of(t, room, n, 1);
  pass->kernels->multiply(&back, output, prepared_of(t, pass).backward + point * weights_step(t),
                          input);
}

static hn_tile_strip strip_at(const hn_tiling *t, const hn_tile_room *room, size_t sample,
                              size_t first) {
  const size_t left = t->n_tiles - first;
  return (hn_tile_strip){t, room, sample, first, left < room->length ? left : room->length, 0};
}

static void forward_sample(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  const hn_tiling t = hn_tiling_of(layer);
  const hn_tile_room room = hn_tile_room_in(hn_pass_scratch(pass), &t, strip_length(&t));
  for (size_t first = 0; first < t.n_tiles; first += room.length) {
    const hn_tile_strip s = strip_at(&t, &room, sample, first);
    hn_tiles_transform_input(&s, pass);
    for (size_t i = 0; i < HN_TILE_POINTS; i++) multiply(&t, &room, s.n, pass, i);
    hn_tiles_take_output(&s, layer, pass);
  }
}

static void backward_sample(const hn_layer *layer, const hn_pass *pass, size_t sample, float *du) {
  const hn_tiling t = hn_tiling_of(layer);
  const hn_tile_room room = hn_tile_room_in(hn_pass_scratch(pass), &t, strip_length(&t));
  size_t cleared = 0;
  for (size_t first = 0; first < t.n_tiles; first += room.length) {
    const hn_tile_strip s = strip_at(&t, &room, sample, first);
    hn_tiles_transform_input(&s, pass);
    hn_tiles_transform_gradient(&s, layer, pass);
    for (size_t i = 0; i < HN_TILE_POINTS; i++)
      multiply_back(&t, &room, s.n, pass, i, du + i * weights_step(&t));
    if (pass->dx) hn_tiles_add_input_gradient(&s, pass, &cleared);
  }
}

/* Samples first … end - 1, and room for their tiles. */
typedef struct {
  size_t first, end;
  hn_tile_room room;
} group;

/* The group that begins with a sample; the groups of a batch are of about one size. */
static group group_at(const hn_tiling *t, const hn_pass *pass, size_t first) {
  const size_t most = most_in_group(t), n_groups = (pass->n + most - 1) / most;
  const size_t size = (pass->n + n_groups - 1) / n_groups;
  group g = {.first = first, .end = pass->n - first < size ? pass->n : first + size};
  g.room = hn_tile_room_in(pass->shared, t, (g.end - first) * t->n_tiles);
  return g;
}

static hn_tile_strip whole_sample(const hn_tiling *t, const group *g, size_t sample) {
  return (hn_tile_strip){t, &g->room, sample, 0, t->n_tiles, (sample - g->first) * t->n_tiles};
}

static void forward_group(const hn_layer *layer, const hn_pass *pass, const hn_tiling *t,
                          const group *g) {
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t i = g->first; i < g->end; i++) {
    const hn_tile_strip s = whole_sample(t, g, i);
    hn_conv_begin_sample(pass, i);
    hn_tiles_transform_input(&s, pass);
  }
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t i = 0; i < HN_TILE_POINTS; i++) multiply(t, &g->room, g->room.length, pass, i);
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t i = g->first; i < g->end; i++) {
    const hn_tile_strip s = whole_sample(t, g, i);
    hn_tiles_take_output(&s, layer, pass);
    atomic_thread_fence(memory_order_seq_cst); /* see hn_kernels.keep */
  }
}

static void backward_group(const hn_layer *layer, const hn_pass *pass, const hn_tiling *t,
                           const group *g) {
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t i = g->first; i < g->end; i++) {
    const hn_tile_strip s = whole_sample(t, g, i);
    hn_tiles_transform_input(&s, pass);
    hn_tiles_transform_gradient(&s, layer, pass);
  }
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t i = 0; i < HN_TILE_POINTS; i++) {
    float *du = pass->lanes + i * weights_step(t);
    if (g->first == 0) memset(du, 0, weights_step(t) * sizeof *du);
    multiply_back(t, &g->room, g->room.length, pass, i, du);
  }
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t i = g->first; i < g->end; i++) {
    const hn_tile_strip s = whole_sample(t, g, i);
    size_t cleared = 0;
    if (pass->dx) hn_tiles_add_input_gradient(&s, pass, &cleared);
    hn_conv_end_sample(pass, i);
  }
}

/* All groups, one after the other: each point adds to its one sum of gradients. */
static void each_group(const hn_layer *layer, const hn_pass *pass, const hn_tiling *t,
                       void (*work)(const hn_layer *, const hn_pass *, const hn_tiling *,
                                    const group *)) {
  for (size_t first = 0; first < pass->n;) {
    const group g = group_at(t, pass, first);
    work(layer, pass, t, &g);
    first = g.end;
  }
}

/* pass->gradient, of the weights, from the sums in lane 0. */
static void weights(const hn_layer *layer, const hn_pass *pass) {
  const hn_tiling t = hn_tiling_of(layer);
  const size_t n_in = layer->in.channels;
#pragma omp parallel for num_threads(pass->n_threads) schedule(static)
  for (size_t out = 0; out < t.out_blocks; out++) {
    for (size_t c = 0; c < n_in; c++) {
      float taps[9 * HN_BLOCK];
      pass->kernels->tile_weights_back(pass->lanes + (out * t.in_blocks * HN_BLOCK + c) * HN_BLOCK,
                                       weights_step(&t), taps);
      for (size_t k = 0; k < HN_BLOCK && out * HN_BLOCK + k < layer->spec.channels; k++) {
        for (size_t tap = 0; tap < 9; tap++)
          pass->gradient[((out * HN_BLOCK + k) * n_in + c) * 9 + tap] = taps[tap * HN_BLOCK + k];
      }
    }
  }
}

static void forward(const hn_layer *layer, const hn_pass *pass) {
  const hn_tiling t = hn_tiling_of(layer);
  if (by_group(&t))
    each_group(layer, pass, &t, forward_group);
  else
    hn_conv_forward_samples(layer, pass, forward_sample);
}

static void backward(const hn_layer *layer, const hn_pass *pass) {
  const hn_tiling t = hn_tiling_of(layer);
  if (by_group(&t))
    each_group(layer, pass, &t, backward_group);
  else
    hn_conv_backward_samples(layer, pass, backward_sample);
  weights(layer, pass);
}

const hn_conv_way hn_conv_winograd = {
    plan, prepare, forward, hn_conv_norm_activate, hn_conv_norm_gradient_sums, backward};
