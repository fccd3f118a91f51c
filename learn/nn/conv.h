/* Inside a convolution layer. Two ways compute the convolution itself (hn_conv_way); both hand
 * over its output in patches while they are in cache (conv_norm.h takes statistics, pools, keeps
 * what the backward pass needs), and ask for its gradient in patches on the way back.
 * Letters: C input and K output channels, (H, W) input pixels, T taps. */
#ifndef HN_LEARN_NN_CONV_H
#define HN_LEARN_NN_CONV_H

#include "learn/nn/layer.h"

/* A piece of the output of a convolution, before pooling: `patch` pixels from (row, column) on, of
 * one block of channels. */
typedef struct {
  size_t sample, block, row, column;
  hn_patch patch;
} hn_conv_piece;

typedef struct {
  /* Add the way's memory to the layer's, see hn_layer. */
  void (*plan)(hn_layer *layer);
  void (*prepare)(const hn_layer *layer, const hn_pass *pass);
  /* One sample; calls hn_conv_take for every piece of its output. */
  void (*forward)(const hn_layer *layer, const hn_pass *pass, size_t sample);
  /* One sample; calls hn_conv_give for every piece. du (lane_size): added to. */
  void (*backward)(const hn_layer *layer, const hn_pass *pass, size_t sample, float *du);
  /* dw (K, C / groups, T) = from the du of all samples. */
  void (*weights)(const hn_layer *layer, const hn_pass *pass, const float *du, float *dw);
} hn_conv_way;

extern const hn_conv_way hn_conv_winograd; /* 3×3, stride 1, padding 1, of blocks */
extern const hn_conv_way hn_conv_direct;   /* everything else */
const hn_conv_way *hn_conv_way_of(const hn_layer *layer);

/* Is layer->picture kept from forward to backward? Where the convolution is cheap (a first layer of
 * few taps), it is computed again. */
int hn_conv_keeps_output(const hn_layer *layer);
/* Where a kept picture lies; NULL where it is not kept, or in a pass without training. */
float *hn_conv_kept(const hn_layer *layer, const hn_pass *pass, size_t sample, size_t block);

/* A weight of the whole (K, C, T) array; 0 between groups. */
float hn_conv_weight(const hn_layer *layer, const float *weights, size_t k, size_t c, size_t tap);

/* The output of a piece: `values`, its rows piece->patch.row floats apart; either the piece's place
 * in hn_conv_kept, or elsewhere. */
void hn_conv_take(const hn_layer *layer, const hn_pass *pass, const hn_conv_piece *piece,
                  const float *values);
/* The gradient of a piece's output (`values`, as above) into out. */
void hn_conv_give(const hn_layer *layer, const hn_pass *pass, const hn_conv_piece *piece,
                  const float *values, float *out, size_t out_row);

/* What surrounds both: statistics of the batch and the activation, the sums of the gradients. */
void hn_conv_norm_plan(hn_layer *layer);
void hn_conv_norm_init(const hn_layer *layer, float *parameters);
void hn_conv_norm_begin(const hn_layer *layer, const hn_pass *pass);
void hn_conv_norm_end(const hn_layer *layer, const hn_pass *pass);
void hn_conv_norm_backward(const hn_layer *layer, const hn_pass *pass);

#endif
