#include "learn/nn/conv_tiles.h"

#include <string.h>

#include "learn/nn/conv_norm.h"

enum {
  TILE_FLOATS = HN_TILE_IN * HN_TILE_IN * HN_BLOCK,
  TILE_ROW = HN_TILE_OUT * HN_BLOCK,
  TILE_OUT_FLOATS = HN_TILE_OUT * TILE_ROW,
  BEYOND_CACHE = 1 << 22 /* floats of a batch that no cache keeps until the backward pass */
};

hn_tiling hn_tiling_of(const hn_layer *layer) {
  hn_tiling t = {.in = layer->in, .out = layer->picture};
  t.in_blocks = hn_shape_n_blocks(&t.in);
  t.out_blocks = hn_shape_n_blocks(&t.out);
  t.tiles_wide = (t.out.width + HN_TILE_OUT - 1) / HN_TILE_OUT;
  t.n_tiles = t.tiles_wide * ((t.out.height + HN_TILE_OUT - 1) / HN_TILE_OUT);
  return t;
}

static size_t most_blocks(const hn_tiling *t) {
  return t->in_blocks > t->out_blocks ? t->in_blocks : t->out_blocks;
}

/* Bytes of a room's offsets, up to a whole cache line. */
static size_t offsets_bytes(const hn_tiling *tiling) {
  const size_t line = HN_BLOCK * sizeof(float);
  return (most_blocks(tiling) * sizeof(size_t) + line - 1) / line * line;
}

static size_t step_of(size_t n_blocks, size_t length) {
  return ((n_blocks * length) | 1) * HN_BLOCK;
}

hn_tile_room hn_tile_room_in(void *memory, const hn_tiling *tiling, size_t length) {
  size_t *offsets = memory;
  hn_tile_room room = {.length = length,
                       .in_step = step_of(tiling->in_blocks, length),
                       .out_step = step_of(tiling->out_blocks, length),
                       .offsets = offsets};
  for (size_t b = 0; b < most_blocks(tiling); b++) offsets[b] = b * length * HN_BLOCK;
  room.input = (float *)(void *)((char *)memory + offsets_bytes(tiling));
  room.output = room.input + HN_TILE_POINTS * room.in_step;
  return room;
}

size_t hn_tile_room_bytes(const hn_tiling *tiling, size_t length) {
  const size_t steps = step_of(tiling->in_blocks, length) + step_of(tiling->out_blocks, length);
  return offsets_bytes(tiling) + HN_TILE_POINTS * steps * sizeof(float);
}

/* Where tile t of a strip lies in block b of the room's input, or output. */
static float *input_at(const hn_tile_strip *s, size_t b, size_t t) {
  return s->room->input + (b * s->room->length + s->place + t) * HN_BLOCK;
}
static float *output_at(const hn_tile_strip *s, size_t b, size_t t) {
  return s->room->output + (b * s->room->length + s->place + t) * HN_BLOCK;
}

/* The top left pixel of tile t of a strip in the output. */
static void tile_place(const hn_tile_strip *s, size_t t, size_t *row_out, size_t *column_out) {
  *row_out = (s->first + t) / s->tiling->tiles_wide * HN_TILE_OUT;
  *column_out = (s->first + t) % s->tiling->tiles_wide * HN_TILE_OUT;
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

void hn_tiles_transform_input(const hn_tile_strip *s, const hn_pass *pass) {
  static const float zeros[HN_TILE_IN * HN_BLOCK];
  const hn_tiling *g = s->tiling;
  const float *x = pass->x + s->sample * hn_shape_size(&g->in);
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
      pass->kernels->tile_input(rows, input_at(s, b, t), s->room->in_step);
    }
  }
}

/* Rows first … end - 1 of all blocks. */
static void clear_rows(const hn_shape *shape, size_t first, size_t end, float *x) {
  const size_t row = hn_shape_row(shape);
  for (size_t b = 0; b < hn_shape_n_blocks(shape) && first < end; b++)
    memset(x + b * hn_shape_plane(shape) + first * row, 0, (end - first) * row * sizeof *x);
}

/* What falls outside the picture goes into `tile`. */
static void add_tiles(const hn_tile_strip *s, const hn_pass *pass, float *dx) {
  const hn_tiling *g = s->tiling;
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
      pass->kernels->tile_input_back(input_at(s, b, t), s->room->in_step, rows);
      for (size_t i = part.first[0]; i < part.end[0] && !is_direct; i++) {
        float *to = dx + input_place(&g->in, row, column, i, part.first[1]);
        const float *pixels = rows[i] + part.first[1] * HN_BLOCK;
        for (size_t j = 0; j < (part.end[1] - part.first[1]) * HN_BLOCK; j++) to[j] += pixels[j];
      }
    }
  }
}

void hn_tiles_add_input_gradient(const hn_tile_strip *s, const hn_pass *pass, size_t *cleared) {
  const hn_shape *in = &s->tiling->in;
  float *dx = pass->dx + s->sample * hn_shape_size(in);
  size_t row, column;
  tile_place(s, s->n - 1, &row, &column);
  const size_t end = row + HN_TILE_IN - 1, reached = end < in->height ? end : in->height;
  if (!pass->adds_dx) clear_rows(in, *cleared, reached, dx);
  if (reached > *cleared) *cleared = reached;
  add_tiles(s, pass, dx);
}

/* The piece of the output that tile t of a strip gives; its rows as a tile lies. */
static hn_conv_piece piece_of(const hn_tile_strip *s, size_t block, size_t t) {
  hn_conv_piece piece = {.sample = s->sample, .block = block};
  tile_place(s, t, &piece.row, &piece.column);
  const size_t height = s->tiling->out.height - piece.row,
               width = s->tiling->out.width - piece.column;
  piece.patch.height = height < HN_TILE_OUT ? height : (size_t)HN_TILE_OUT;
  piece.patch.width = width < HN_TILE_OUT ? width : (size_t)HN_TILE_OUT;
  piece.patch.row = TILE_ROW;
  return piece;
}

/* Where a piece of a kept block begins. */
static size_t kept_place(const hn_tile_strip *s, const hn_conv_piece *piece) {
  return piece->row * hn_shape_row(&s->tiling->out) + piece->column * HN_BLOCK;
}

static int is_whole(const hn_conv_piece *piece) {
  return piece->patch.height == HN_TILE_OUT && piece->patch.width == HN_TILE_OUT;
}

void hn_tiles_take_output(const hn_tile_strip *s, const hn_layer *layer, const hn_pass *pass) {
  const size_t row = hn_shape_row(&s->tiling->out);
  const int streams = pass->n * hn_shape_size(&s->tiling->out) > BEYOND_CACHE;
  for (size_t b = 0; b < s->tiling->out_blocks; b++) {
    float *kept = hn_conv_pools(layer) ? hn_conv_kept(layer, pass, s->sample, b) : NULL;
    const int at_once = kept && hn_conv_takes_tiles(layer);
    for (size_t t = 0; t < s->n; t++) {
      float tile[TILE_OUT_FLOATS];
      const float *from = output_at(s, b, t);
      hn_conv_piece piece = piece_of(s, b, t);
      if (at_once && is_whole(&piece)) {
        const hn_conv_tile to = hn_conv_tile_of(layer, pass, &piece);
        pass->kernels->tile_take(from, s->room->out_step, to.sign, to.sums,
                                 kept + kept_place(s, &piece), row, streams, to.pooled,
                                 to.pooled_row);
        continue;
      }
      pass->kernels->tile_output(from, s->room->out_step, tile, TILE_ROW);
      hn_conv_take(layer, pass, &piece, tile);
      for (size_t i = 0; kept && i < piece.patch.height; i++)
        pass->kernels->keep(piece.patch.width, tile + i * TILE_ROW,
                            kept + kept_place(s, &piece) + i * row, streams);
    }
  }
}

void hn_tiles_transform_gradient(const hn_tile_strip *s, const hn_layer *layer,
                                 const hn_pass *pass) {
  const size_t row = hn_shape_row(&s->tiling->out);
  for (size_t b = 0; b < s->tiling->out_blocks; b++) {
    const float *kept = hn_conv_kept(layer, pass, s->sample, b);
    for (size_t t = 0; t < s->n; t++) {
      float tile[TILE_OUT_FLOATS], *to = output_at(s, b, t);
      hn_conv_piece piece = piece_of(s, b, t);
      if (is_whole(&piece) && hn_conv_takes_tiles(layer)) {
        const hn_conv_tile from = hn_conv_tile_of(layer, pass, &piece);
        pass->kernels->tile_give(kept + kept_place(s, &piece), row, from.pooled, from.dy,
                                 from.pooled_row, from.scale_shift, from.back, to,
                                 s->room->out_step);
        continue;
      }
      piece.patch.row = row;
      if (!is_whole(&piece)) memset(tile, 0, sizeof tile);
      hn_conv_give(layer, pass, &piece, kept + kept_place(s, &piece), tile, TILE_ROW);
      pass->kernels->tile_output_back(tile, to, s->room->out_step);
    }
  }
}
