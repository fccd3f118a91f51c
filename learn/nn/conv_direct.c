/* Convolution of any kernel, stride and padding: the products of each output pixel with all taps,
 * straight from a padded copy of the sample. Groups are computed as one convolution whose weights
 * between groups are zero: right, not fast.
 *
 * The gradient of the input with stride s falls into s × s phases: input pixels whose row and
 * column leave the same rest (p) when divided by s are reached by the same taps, so that each phase
 * is a convolution of the padded gradient of the output. */
#include <string.h>

#include "learn/nn/conv.h"
#include "learn/nn/conv_norm.h"

enum {
  CHUNK = 96,     /* output pixels of a row that are computed at once */
  SHORT_LINE = 24 /* fewer, in a row of the output: several rows are gathered into one product, so
                     that weights are read once for all of them */
};

typedef struct {
  hn_shape in, out;             /* out: before pooling */
  size_t n_taps, n_terms;       /* terms: taps of each block (or plane) of the input */
  size_t in_blocks, out_blocks; /* in_blocks: of 16 channels, whatever the input's own block */
  size_t padded[2];             /* rows and columns of the padded sample */
  size_t margin[2], around[2];  /* of the output's gradient: rows before it, and in all */
} geometry;

static geometry geometry_of(const hn_layer *layer) {
  const hn_layer_spec *s = &layer->spec;
  geometry g = {.in = layer->in, .out = layer->picture};
  g.n_taps = s->kernel[0] * s->kernel[1];
  g.n_terms = hn_shape_n_blocks(&g.in) * g.n_taps;
  g.in_blocks = (g.in.channels + HN_BLOCK - 1) / HN_BLOCK;
  g.out_blocks = hn_shape_n_blocks(&g.out);
  for (int axis = 0; axis < 2; axis++) {
    const size_t in = axis ? g.in.width : g.in.height, out = axis ? g.out.width : g.out.height;
    const size_t reach = (in + s->stride[axis] - 1) / s->stride[axis] +
                         (s->stride[axis] - 1 + s->pad[axis]) / s->stride[axis];
    g.padded[axis] = in + 2 * s->pad[axis];
    g.margin[axis] = (s->kernel[axis] - 1) / s->stride[axis] + 1;
    g.around[axis] = g.margin[axis] + (reach > out ? reach : out);
  }
  return g;
}

static size_t weights_size(const geometry *g) {
  return g->n_terms * g->in.block * g->out_blocks * HN_BLOCK;
}
static size_t backward_size(const geometry *g) {
  return g->in_blocks * g->out_blocks * g->n_taps * HN_BLOCK * HN_BLOCK;
}

/* Weights [output block][term][channel][16 outputs]; for the gradient of the input phase by phase
 * [input block][term][output channel][16 inputs]. Places of the terms, likewise. */
typedef struct {
  float *forward, *backward;
  size_t *offsets, *back_offsets;
} prepared;

/* Bytes of n places, up to a whole cache line. */
static size_t places_bytes(size_t n) {
  const size_t line = HN_BLOCK * sizeof(float);
  return (n * sizeof(size_t) + line - 1) / line * line;
}

/* Forward weights and places, then, in training only, those for the way back. */
static size_t forward_bytes(const geometry *g) {
  return weights_size(g) * sizeof(float) + places_bytes(g->n_terms);
}
static size_t backward_bytes(const geometry *g) {
  return backward_size(g) * sizeof(float) + places_bytes(g->out_blocks * g->n_taps);
}

static prepared prepared_of(const geometry *g, const hn_pass *pass) {
  float *forward = pass->prepared;
  float *backward = (float *)(void *)((char *)pass->prepared + forward_bytes(g));
  return (prepared){.forward = forward,
                    .backward = backward,
                    .offsets = (size_t *)(void *)(forward + weights_size(g)),
                    .back_offsets = (size_t *)(void *)(backward + backward_size(g))};
}

/* Scratch of one thread. */
typedef struct {
  float *x;                 /* the padded sample */
  float *rows;              /* (blocks, 2, CHUNK, 16): a piece of output or its gradient */
  float *again;             /* the same, where the output is computed again */
  float *dy;                /* (output blocks, around, 16): the output's gradient amid zeros */
  size_t *gathered_offsets; /* (terms); these two only where lines are short */
  float *gathered;          /* (terms, 2 * CHUNK, depth) */
} work;

/* Are the lines of a product short? One product takes lines_at_once of them. */
static int is_short(size_t width) {
  return width < SHORT_LINE;
}
static size_t lines_at_once(size_t width) {
  return 2 * CHUNK / width;
}
static size_t most_terms(const geometry *g) {
  const size_t back = g->out_blocks * g->n_taps;
  return g->n_terms > back ? g->n_terms : back;
}
/* Floats from row to row of work.rows. */
static size_t rows_pitch(const geometry *g) {
  return (is_short(g->out.width) ? g->out.width : CHUNK) * HN_BLOCK;
}

static size_t rows_size(const geometry *g) {
  const size_t largest = g->in_blocks > g->out_blocks ? g->in_blocks : g->out_blocks;
  return largest * 2 * CHUNK * HN_BLOCK;
}
static size_t padded_size(const geometry *g) {
  return hn_shape_n_blocks(&g->in) * g->in.block * g->padded[0] * g->padded[1];
}

static size_t around_size(const geometry *g) {
  return g->out_blocks * g->around[0] * g->around[1] * HN_BLOCK;
}
static size_t gathered_size(const geometry *g) {
  return is_short(g->out.width) ? most_terms(g) * 2 * CHUNK * HN_BLOCK : 0;
}

/* Floats of work.gathered_offsets. */
static size_t offsets_size(const geometry *g) {
  return places_bytes(most_terms(g)) / sizeof(float);
}

static work work_of(const geometry *g, const hn_pass *pass) {
  void *scratch = hn_pass_scratch(pass);
  work w = {.gathered_offsets = scratch, .rows = (float *)scratch + offsets_size(g)};
  w.again = w.rows + rows_size(g);
  w.x = w.again + rows_size(g);
  w.dy = w.x + padded_size(g);
  w.gathered = w.dy + around_size(g);
  return w;
}

static void plan(hn_layer *layer) {
  const geometry g = geometry_of(layer);
  hn_conv_plan_pictures(layer);
  layer->prepared = forward_bytes(&g);
  layer->prepared_back = backward_bytes(&g);
  layer->scratch = (offsets_size(&g) + 2 * rows_size(&g) + padded_size(&g) + around_size(&g) +
                    gathered_size(&g)) *
                   sizeof(float);
  layer->lane_size = weights_size(&g);
}

/* A phase of the input's gradient: input pixels (i * stride + row, j * stride + column). Its taps
 * are those that leave the same rest; tap (y, x) takes the output's pixel (i + up(y), j + up(x)).
 */
typedef struct {
  size_t row, column;
  size_t first[2]; /* smallest tap on each axis */
  size_t n[2];     /* taps on each axis, `stride` apart */
} phase;

static phase phase_of(const hn_layer *layer, size_t index) {
  const hn_layer_spec *s = &layer->spec;
  phase p = {.row = index / s->stride[1], .column = index % s->stride[1]};
  const size_t at[2] = {p.row, p.column};
  for (int axis = 0; axis < 2; axis++) {
    p.first[axis] = (at[axis] + s->pad[axis]) % s->stride[axis];
    p.n[axis] = p.first[axis] < s->kernel[axis]
                    ? (s->kernel[axis] - 1 - p.first[axis]) / s->stride[axis] + 1
                    : 0;
  }
  return p;
}

static void prepare_forward(const hn_layer *layer, const hn_pass *pass, const geometry *g,
                            const prepared *p) {
  const size_t depth = g->in.block, n_taps = g->n_taps;
#pragma omp parallel for num_threads(pass->n_threads) schedule(static)
  for (size_t b = 0; b < g->out_blocks; b++) {
    float *to = p->forward + b * g->n_terms * depth * HN_BLOCK;
    for (size_t i = 0; i < g->n_terms * depth; i++) {
      const size_t term = i / depth, c = term / n_taps * depth + i % depth;
      for (size_t k = b * HN_BLOCK; k < (b + 1) * HN_BLOCK; k++)
        *to++ = k < layer->spec.channels && c < g->in.channels
                    ? hn_conv_weight(layer, pass->parameters, k, c, term % n_taps)
                    : 0;
    }
  }
  for (size_t i = 0; i < g->n_terms; i++) {
    const size_t block = i / n_taps, tap = i % n_taps, wide = layer->spec.kernel[1];
    p->offsets[i] = ((block * g->padded[0] + tap / wide) * g->padded[1] + tap % wide) * g->in.block;
  }
}

/* Tap number t of a phase, as a tap of the kernel, and how many pixels it looks ahead. */
static size_t phase_tap(const hn_layer *layer, const phase *p, size_t t, size_t ahead_out[2]) {
  const hn_layer_spec *s = &layer->spec;
  const size_t tap[2] = {p->first[0] + t / p->n[1] * s->stride[0],
                         p->first[1] + t % p->n[1] * s->stride[1]};
  const size_t at[2] = {p->row, p->column};
  for (int axis = 0; axis < 2; axis++) /* (at + pad - tap) / stride, which may be negative */
    ahead_out[axis] = (at[axis] + s->pad[axis] + s->kernel[axis] * s->stride[axis] - tap[axis]) /
                          s->stride[axis] -
                      s->kernel[axis];
  return tap[0] * s->kernel[1] + tap[1];
}

/* The weights of a phase for input block b. */
static void prepare_phase(const hn_layer *layer, const hn_pass *pass, const geometry *g,
                          const phase *here, size_t b, float *to) {
  const size_t n_taps = here->n[0] * here->n[1];
  size_t ahead[2];
  for (size_t i = 0; i < n_taps * g->out_blocks * HN_BLOCK; i++) {
    const size_t term = i / HN_BLOCK, k = term / n_taps * HN_BLOCK + i % HN_BLOCK;
    const size_t tap = phase_tap(layer, here, term % n_taps, ahead);
    for (size_t c = b * HN_BLOCK; c < (b + 1) * HN_BLOCK; c++)
      *to++ = k < layer->spec.channels && c < g->in.channels
                  ? hn_conv_weight(layer, pass->parameters, k, c, tap)
                  : 0;
  }
}

static void prepare_backward(const hn_layer *layer, const hn_pass *pass, const geometry *g,
                             const prepared *p) {
  float *first = p->backward;
  size_t *offset = p->back_offsets;
  for (size_t index = 0; index < layer->spec.stride[0] * layer->spec.stride[1]; index++) {
    const phase here = phase_of(layer, index);
    const size_t n_taps = here.n[0] * here.n[1];
    const size_t size = n_taps * g->out_blocks * HN_BLOCK * HN_BLOCK; /* of an input block */
    size_t ahead[2];
#pragma omp parallel for num_threads(pass->n_threads) schedule(static)
    for (size_t b = 0; b < g->in_blocks; b++)
      prepare_phase(layer, pass, g, &here, b, first + b * size);
    first += g->in_blocks * size;
    for (size_t term = 0; term < n_taps * g->out_blocks; term++) {
      phase_tap(layer, &here, term % n_taps, ahead);
      *offset++ = ((term / n_taps * g->around[0] + g->margin[0] + ahead[0]) * g->around[1] +
                   g->margin[1] + ahead[1]) *
                  HN_BLOCK;
    }
  }
}

static void prepare(const hn_layer *layer, const hn_pass *pass) {
  const geometry g = geometry_of(layer);
  const prepared p = prepared_of(&g, pass);
  prepare_forward(layer, pass, &g, &p);
  if (hn_pass_trains(pass)) prepare_backward(layer, pass, &g, &p);
}

static void pad_sample(const hn_layer *layer, const geometry *g, const float *x, float *padded) {
  const size_t row = g->padded[1] * g->in.block, plane = g->padded[0] * row;
  const size_t n_planes = hn_shape_n_blocks(&g->in);
  memset(padded, 0, n_planes * plane * sizeof *padded);
  for (size_t b = 0; b < n_planes; b++) {
    float *to = padded + b * plane + layer->spec.pad[0] * row + layer->spec.pad[1] * g->in.block;
    for (size_t i = 0; i < g->in.height; i++, x += hn_shape_row(&g->in))
      memcpy(to + i * row, x, hn_shape_row(&g->in) * sizeof *x);
  }
}

/* Rows row … row + height - 1 of the output, columns column … column + width - 1; block b begins at
 * y + b * y_block, its rows are y_row floats apart. */
typedef struct {
  size_t row, column, height, width, y_row, y_block;
} window;

static hn_product product_of(const hn_layer *layer, const geometry *g, const prepared *p,
                             const window *w) {
  return (hn_product){.n_rows = w->width,
                      .pitch = layer->spec.stride[1] * g->in.block,
                      .n_terms = g->n_terms,
                      .depth = g->in.block,
                      .offsets = p->offsets,
                      .n_blocks = g->out_blocks,
                      .y_block = w->y_block};
}

/* Where the taps of the first pixel of row i of a window begin in the padded sample. */
static const float *taps_at(const hn_layer *layer, const geometry *g, const float *x,
                            const window *w, size_t i) {
  const size_t *stride = layer->spec.stride;
  return x + ((w->row + i) * stride[0] * g->padded[1] + w->column * stride[1]) * g->in.block;
}

/* One product for n lines, `line` floats apart, from a copy of what their terms read. */
static hn_product gather(const hn_product *p, const float *a, size_t line, size_t n,
                         const work *here) {
  hn_product all = *p;
  float *to = here->gathered;
  for (size_t t = 0; t < p->n_terms; t++) {
    here->gathered_offsets[t] = (size_t)(to - here->gathered);
    for (size_t i = 0; i < n * p->n_rows; i++, to += p->depth)
      memcpy(to, a + p->offsets[t] + i / p->n_rows * line + i % p->n_rows * p->pitch,
             p->depth * sizeof *to);
  }
  all.n_rows = n * p->n_rows;
  all.pitch = p->depth;
  all.offsets = here->gathered_offsets;
  return all;
}

/* The product of a window's short lines, from work.gathered. */
static hn_product gather_window(const hn_layer *layer, const geometry *g, const hn_product *product,
                                const work *here, const window *w) {
  const size_t line = layer->spec.stride[0] * g->padded[1] * g->in.block;
  return gather(product, taps_at(layer, g, here->x, w, 0), line, w->height, here);
}

static void compute(const hn_layer *layer, const hn_pass *pass, const geometry *g, const work *here,
                    const window *w, float *y) {
  const prepared p = prepared_of(g, pass);
  const hn_product product = product_of(layer, g, &p, w);
  if (is_short(g->out.width)) {
    const hn_product all = gather_window(layer, g, &product, here, w);
    pass->kernels->multiply(&all, here->gathered, p.forward, y);
    return;
  }
  for (size_t i = 0; i < w->height; i++)
    pass->kernels->multiply(&product, taps_at(layer, g, here->x, w, i), p.forward,
                            y + i * w->y_row);
}

/* The next window after w, some rows of the output at a time; 0 behind the last. */
static int next_window(const hn_layer *layer, const geometry *g, window *w) {
  const size_t pool = layer->spec.pool[0];
  const size_t rows = is_short(g->out.width) ? lines_at_once(g->out.width) / pool * pool : pool;
  if (w->width) w->column += w->width;
  if (w->column == g->out.width || w->width == 0) {
    if (w->width) w->row += w->height;
    w->column = 0;
  }
  if (w->row == g->out.height) return 0;
  w->height = g->out.height - w->row < rows ? g->out.height - w->row : rows;
  w->width = g->out.width - w->column < CHUNK ? g->out.width - w->column : (size_t)CHUNK;
  return 1;
}

static hn_conv_piece piece_of(const window *w, size_t sample, size_t block) {
  return (hn_conv_piece){.sample = sample,
                         .block = block,
                         .row = w->row,
                         .column = w->column,
                         .patch = {.height = w->height, .width = w->width, .row = w->y_row}};
}

/* Floats of a plane of the output before a window. */
static size_t place_of(const geometry *g, const window *w) {
  return w->row * hn_shape_row(&g->out) + w->column * HN_BLOCK;
}

static void forward_sample(const hn_layer *layer, const hn_pass *pass, size_t sample) {
  const geometry g = geometry_of(layer);
  const work here = work_of(&g, pass);
  float *kept = hn_conv_kept(layer, pass, sample, 0);
  window w = {.y_row = kept ? hn_shape_row(&g.out) : rows_pitch(&g),
              .y_block = kept ? hn_shape_plane(&g.out) : 2 * CHUNK * HN_BLOCK};
  pad_sample(layer, &g, pass->x + sample * hn_shape_size(&g.in), here.x);
  while (next_window(layer, &g, &w)) {
    float *y = kept ? kept + place_of(&g, &w) : here.rows;
    compute(layer, pass, &g, &here, &w, y);
    for (size_t b = 0; b < g.out_blocks; b++) {
      const hn_conv_piece piece = piece_of(&w, sample, b);
      hn_conv_take(layer, pass, &piece, y + b * w.y_block);
    }
  }
}

/* The gradient of a window of the output to work.rows. */
static void give(const hn_layer *layer, const hn_pass *pass, const geometry *g, const work *here,
                 size_t sample, const window *w) {
  const float *kept = hn_conv_kept(layer, pass, sample, 0);
  if (!kept) compute(layer, pass, g, here, w, here->again);
  for (size_t b = 0; b < g->out_blocks; b++) {
    hn_conv_piece piece = piece_of(w, sample, b);
    if (kept) piece.patch.row = hn_shape_row(&g->out);
    const float *values =
        kept ? kept + b * hn_shape_plane(&g->out) + place_of(g, w) : here->again + b * w->y_block;
    hn_conv_give(layer, pass, &piece, values, here->rows + b * w->y_block, w->y_row);
  }
}

/* Put (or add) a row of a phase, (input blocks, n, 16) CHUNK pixels a block, into the input's
 * gradient. */
static void put_row(const hn_layer *layer, const hn_pass *pass, const geometry *g,
                    const float *from, size_t row, size_t column, size_t n, float *dx) {
  for (size_t c = 0; c < hn_shape_n_blocks(&g->in) * g->in.block; c++) {
    const float *value = from + c / HN_BLOCK * 2 * CHUNK * HN_BLOCK + c % HN_BLOCK;
    float *to =
        dx + hn_shape_channel(&g->in, c) + row * hn_shape_row(&g->in) + column * g->in.block;
    for (size_t j = 0; j < n; j++, to += layer->spec.stride[1] * g->in.block)
      *to = value[j * HN_BLOCK] + (pass->adds_dx ? *to : 0);
  }
}

/* One phase of the input's gradient: short lines are gathered. */
static void phase_gradient(const hn_layer *layer, const hn_pass *pass, const geometry *g,
                           const work *here, const phase *at, hn_product *product, const float *u,
                           float *dx) {
  const size_t *stride = layer->spec.stride, line = g->around[1] * HN_BLOCK;
  const size_t height = (g->in.height - at->row + stride[0] - 1) / stride[0];
  const size_t width = (g->in.width - at->column + stride[1] - 1) / stride[1];
  if (width == 0) return;
  const int gathers = is_short(g->out.width) && is_short(width);
  const size_t rows = gathers ? lines_at_once(width) : 1;
  for (size_t i = 0; i < height; i += rows) {
    const size_t n = height - i < rows ? height - i : rows;
    for (size_t j = 0; j < width; j += CHUNK) {
      const float *d = here->dy + i * line + j * HN_BLOCK;
      product->n_rows = width - j < CHUNK ? width - j : (size_t)CHUNK;
      if (gathers) {
        const hn_product all = gather(product, d, line, n, here);
        pass->kernels->multiply(&all, here->gathered, u, here->rows);
      } else {
        pass->kernels->multiply(product, d, u, here->rows);
      }
      for (size_t k = 0; k < n; k++)
        put_row(layer, pass, g, here->rows + k * width * HN_BLOCK, at->row + (i + k) * stride[0],
                at->column + j * stride[1], product->n_rows, dx);
    }
  }
}

static void input_gradient(const hn_layer *layer, const hn_pass *pass, const geometry *g,
                           const work *here, float *dx) {
  const prepared p = prepared_of(g, pass);
  const size_t *stride = layer->spec.stride;
  const float *u = p.backward;
  const size_t *offsets = p.back_offsets;
  for (size_t index = 0; index < stride[0] * stride[1]; index++) {
    const phase at = phase_of(layer, index);
    hn_product product = {.pitch = HN_BLOCK,
                          .n_terms = at.n[0] * at.n[1] * g->out_blocks,
                          .depth = HN_BLOCK,
                          .offsets = offsets,
                          .n_blocks = g->in_blocks,
                          .y_block = 2 * CHUNK * HN_BLOCK};
    phase_gradient(layer, pass, g, here, &at, &product, u, dx);
    offsets += product.n_terms;
    u += product.n_terms * HN_BLOCK * g->in_blocks * HN_BLOCK;
  }
}

/* A window of the output's gradient from work.rows to its place in work.dy. */
static void surround(const geometry *g, const work *here, const window *w) {
  const size_t row = g->around[1] * HN_BLOCK, plane = g->around[0] * row;
  float *to = here->dy + (g->margin[0] + w->row) * row + (g->margin[1] + w->column) * HN_BLOCK;
  for (size_t b = 0; b < g->out_blocks; b++) {
    for (size_t i = 0; i < w->height; i++)
      memcpy(to + b * plane + i * row, here->rows + b * w->y_block + i * w->y_row,
             w->width * HN_BLOCK * sizeof *to);
  }
}

static void backward_sample(const hn_layer *layer, const hn_pass *pass, size_t sample, float *du) {
  const geometry g = geometry_of(layer);
  const prepared p = prepared_of(&g, pass);
  const work here = work_of(&g, pass);
  window w = {.y_row = rows_pitch(&g), .y_block = 2 * CHUNK * HN_BLOCK};
  pad_sample(layer, &g, pass->x + sample * hn_shape_size(&g.in), here.x);
  if (pass->dx) memset(here.dy, 0, around_size(&g) * sizeof *here.dy);
  while (next_window(layer, &g, &w)) {
    const hn_product product = product_of(layer, &g, &p, &w);
    give(layer, pass, &g, &here, sample, &w);
    if (is_short(g.out.width)) {
      const hn_product all = gather_window(layer, &g, &product, &here, &w);
      pass->kernels->multiply_transposed(&all, here.gathered, here.rows, du);
    } else {
      for (size_t i = 0; i < w.height; i++)
        pass->kernels->multiply_transposed(&product, taps_at(layer, &g, here.x, &w, i),
                                           here.rows + i * w.y_row, du);
    }
    if (pass->dx) surround(&g, &here, &w);
  }
  if (pass->dx) input_gradient(layer, pass, &g, &here, pass->dx + sample * hn_shape_size(&g.in));
}

/* pass->gradient, of the weights, from the sums in lane 0. */
static void weights(const hn_layer *layer, const hn_pass *pass) {
  const geometry g = geometry_of(layer);
  const size_t n_in = g.in.channels / layer->spec.groups;
  const size_t n_out = layer->spec.channels / layer->spec.groups;
#pragma omp parallel for num_threads(pass->n_threads) schedule(static)
  for (size_t k = 0; k < layer->spec.channels; k++) {
    for (size_t own = 0; own < n_in; own++) {
      const size_t c = k / n_out * n_in + own, block = c / g.in.block;
      for (size_t tap = 0; tap < g.n_taps; tap++) {
        const size_t term = block * g.n_taps + tap;
        const size_t row = (k / HN_BLOCK * g.n_terms + term) * g.in.block + c % g.in.block;
        pass->gradient[(k * n_in + own) * g.n_taps + tap] =
            pass->lanes[row * HN_BLOCK + k % HN_BLOCK];
      }
    }
  }
}

static void forward(const hn_layer *layer, const hn_pass *pass) {
  hn_conv_forward_samples(layer, pass, forward_sample);
}

static void backward(const hn_layer *layer, const hn_pass *pass) {
  hn_conv_backward_samples(layer, pass, backward_sample);
  weights(layer, pass);
}

const hn_conv_way hn_conv_direct = {
    plan, prepare, forward, hn_conv_norm_activate, hn_conv_norm_gradient_sums, backward};
