/* What surrounds a convolution: statistics of the batch, normalisation or bias, the side input,
 * ReLU and pooling, and their gradients. Ways that compute the output hand it over in pieces while
 * they are in cache (statistics are taken, pools, what the backward pass needs is kept), and ask
 * for its gradient in pieces on the way back. */
#ifndef HN_LEARN_NN_CONV_NORM_H
#define HN_LEARN_NN_CONV_NORM_H

#include "learn/nn/layer.h"

/* A piece of the output of a convolution, before pooling: `patch` pixels from (row, column) on, of
 * one block of channels. */
typedef struct {
  size_t sample, block, row, column;
  hn_patch patch;
} hn_conv_piece;

/* Does maximum pooling follow? */
int hn_conv_pools(const hn_layer *layer);
/* Is layer->picture kept from forward to backward? Where the convolution is cheap (a first layer of
 * few taps), it is computed again. */
int hn_conv_keeps_output(const hn_layer *layer);
/* Where a block of a kept picture lies; NULL where it is not kept, or in a pass without training.
 */
float *hn_conv_kept(const hn_layer *layer, const hn_pass *pass, size_t sample, size_t block);

/* The output of a piece: `values`, its rows piece->patch.row floats apart; either the piece's place
 * in hn_conv_kept, or elsewhere. What comes out of pooling is kept here; without pooling that is
 * the picture, otherwise keeping the picture too is up to the way. */
void hn_conv_take(const hn_layer *layer, const hn_pass *pass, const hn_conv_piece *piece,
                  const float *values);
/* The gradient of a piece's output (`values`, as above) into out. */
void hn_conv_give(const hn_layer *layer, const hn_pass *pass, const hn_conv_piece *piece,
                  const float *values, float *out, size_t out_row);

/* Winograd's whole tiles with 2×2 pools, in training with batch norm: what hn_kernels.tile_take and
 * tile_give want, so that a tile need not go through memory in between. */
typedef struct {
  double *sums;
  const float *sign, *scale_shift, *back;
  float *pooled;
  const float *dy; /* of the pooled pixels; rows like theirs */
  size_t pooled_row;
} hn_conv_tile;

/* Do whole tiles of this layer go that way? */
int hn_conv_takes_tiles(const hn_layer *layer);
hn_conv_tile hn_conv_tile_of(const hn_layer *layer, const hn_pass *pass,
                             const hn_conv_piece *piece);

/* Of each sample, two sums (2, 16) a block of channels: first those of the output and of its
 * squares; on the way back those of the gradient that comes through to the output, and of its
 * products with the output. */
double *hn_conv_sums(const hn_layer *layer, const hn_pass *pass, size_t sample, size_t block);
/* What the batch decided for a block, see hn_kernels: activate's scale_shift, gradient's back. */
const float *hn_conv_scale_shift(const hn_pass *pass, size_t block);
const float *hn_conv_back(const hn_pass *pass, size_t block);
/* The memory of a sample that a way asked for in its plan instead of pictures. */
void *hn_conv_own(const hn_layer *layer, const hn_pass *pass, size_t sample);

/* Parameters and memory that every way needs, before its own plan. */
void hn_conv_norm_plan(hn_layer *layer);
/* Memory for pictures that are kept, of ways that use hn_conv_take and give. */
void hn_conv_plan_pictures(hn_layer *layer);
void hn_conv_norm_init(const hn_layer *layer, float *parameters);
/* Before a forward pass: sums of zero, or scale and shift from the running statistics. */
void hn_conv_norm_begin(const hn_layer *layer, const hn_pass *pass);
/* From the sums of all samples: scale and shift, what the running statistics move towards. */
void hn_conv_norm_measure(const hn_layer *layer, const hn_pass *pass);
/* hn_conv_way's, of ways that use hn_conv_take and give. */
void hn_conv_norm_activate(const hn_layer *layer, const hn_pass *pass, size_t sample);
void hn_conv_norm_gradient_sums(const hn_layer *layer, const hn_pass *pass, size_t sample);
/* From the sums of all samples: back, the gradients of scale and shift or bias. */
void hn_conv_norm_gradient(const hn_layer *layer, const hn_pass *pass);
/* A sample's part of pass->dside. */
void hn_conv_side_gradient(const hn_layer *layer, const hn_pass *pass, size_t sample);

#endif
