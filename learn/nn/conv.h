/* Inside a convolution layer: three ways compute it (hn_conv_way); what surrounds the convolution
 * itself is in conv_norm.h.
 * Letters: C input and K output channels, (H, W) input pixels, T taps. */
#ifndef HN_LEARN_NN_CONV_H
#define HN_LEARN_NN_CONV_H

#include "learn/nn/layer.h"

typedef struct {
  /* Add the way's memory to the layer's, see hn_layer. */
  void (*plan)(hn_layer *layer);
  void (*prepare)(const hn_layer *layer, const hn_pass *pass); /* or NULL */
  /* The batch. In training, leave the sums for its statistics (hn_conv_sums); else pass->y. */
  void (*forward)(const hn_layer *layer, const hn_pass *pass);
  /* In training, with the statistics known: a sample's pass->y. */
  void (*activate)(const hn_layer *layer, const hn_pass *pass, size_t sample);
  /* Leave the sums that the gradient of the normalisation needs in hn_conv_sums. */
  void (*gradient_sums)(const hn_layer *layer, const hn_pass *pass, size_t sample);
  /* The batch, with these known: pass->dx if wanted, and the weights' part of pass->gradient,
   * (K, C / groups, T). */
  void (*backward)(const hn_layer *layer, const hn_pass *pass);
} hn_conv_way;

extern const hn_conv_way hn_conv_first;    /* where hn_conv_is_first says so */
extern const hn_conv_way hn_conv_winograd; /* 3×3, stride 1, padding 1, of blocks */
extern const hn_conv_way hn_conv_direct;   /* everything else */
const hn_conv_way *hn_conv_way_of(const hn_layer *layer);
int hn_conv_is_first(const hn_layer *layer);

/* What every forward pass does before it takes a sample of pass->x, and every backward pass behind
 * a sample of pass->dx: the lower layer's turn, see hn_pass. */
void hn_conv_begin_sample(const hn_pass *pass, size_t sample);
void hn_conv_end_sample(const hn_pass *pass, size_t sample);
/* All samples in parallel, those two included. Backward, du (lane_size) of a lane is added to; lane
 * 0 then holds the sum of all. */
void hn_conv_forward_samples(const hn_layer *layer, const hn_pass *pass,
                             void (*forward)(const hn_layer *, const hn_pass *, size_t sample));
void hn_conv_backward_samples(const hn_layer *layer, const hn_pass *pass,
                              void (*backward)(const hn_layer *, const hn_pass *, size_t sample,
                                               float *du));

/* A weight of the whole (K, C, T) array; 0 between groups. */
float hn_conv_weight(const hn_layer *layer, const float *weights, size_t k, size_t c, size_t tap);

#endif
