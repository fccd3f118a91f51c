/* The tiles of a Winograd convolution: a picture of each sample is cut into tiles of 4×4 output
 * pixels; here they are transformed, and back. (conv_winograd.c multiplies them.) */
#ifndef HN_LEARN_NN_CONV_TILES_H
#define HN_LEARN_NN_CONV_TILES_H

#include "learn/nn/layer.h"

typedef struct {
  hn_shape in, out; /* out: before pooling */
  size_t in_blocks, out_blocks;
  size_t tiles_wide, n_tiles; /* of a sample */
} hn_tiling;

hn_tiling hn_tiling_of(const hn_layer *layer);

/* Where transformed tiles lie: (36, blocks, length, 16) of the input, and of the output or its
 * gradient. From one of the 36 points to the next it is `step` floats, an odd number of cache
 * lines, so that the points of a tile do not share a few sets of the cache. */
typedef struct {
  size_t length, in_step, out_step;
  const size_t *offsets; /* of the blocks in a point, see hn_product */
  float *input, *output;
} hn_tile_room;

/* What a room takes, and a room in so much memory, which is on a multiple of 64 bytes. */
size_t hn_tile_room_bytes(const hn_tiling *tiling, size_t length);
hn_tile_room hn_tile_room_in(void *memory, const hn_tiling *tiling, size_t length);

/* Tiles first … first + n - 1 of a sample, at `place` and behind it in a room. */
typedef struct {
  const hn_tiling *tiling;
  const hn_tile_room *room;
  size_t sample, first, n, place;
} hn_tile_strip;

/* pass->x to the room's input. */
void hn_tiles_transform_input(const hn_tile_strip *strip, const hn_pass *pass);
/* The room's output to the layer, see hn_conv_take. */
void hn_tiles_take_output(const hn_tile_strip *strip, const hn_layer *layer, const hn_pass *pass);
/* The gradient of the layer's output, see hn_conv_give, to the room's output. */
void hn_tiles_transform_gradient(const hn_tile_strip *strip, const hn_layer *layer,
                                 const hn_pass *pass);
/* The gradient in the room's input is added to pass->dx. Strips of a sample come in order; its rows
 * are cleared as they are reached, unless pass->adds_dx: *cleared counts them, from 0. */
void hn_tiles_add_input_gradient(const hn_tile_strip *strip, const hn_pass *pass, size_t *cleared);

#endif
