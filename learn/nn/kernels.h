/* The inner loops of the network, once for each instruction set: one sample at a time, no
 * allocation, no threads. The sets agree within rounding; a machine always uses the same one.
 * Letters: C input channels, K output channels, (H, W) pixels, span = H * row (see shape.h). */
#ifndef HN_LEARN_NN_KERNELS_H
#define HN_LEARN_NN_KERNELS_H

#include <stdint.h>

#include "learn/nn/shape.h"

/* 2×2 maximum pooling of one plane; an axis of one pixel is left as it is (its pool is 1). An odd
 * last row or column is dropped, as in PyTorch. */
typedef struct {
  size_t height, width, row;             /* of the plane that is pooled */
  size_t pool_height, pool_width;        /* 1 or 2 */
  size_t out_height, out_width, out_row; /* of the pooled plane */
} hn_pooling;

/* Where a maximum came from: 0 … 3 as (y, x) = (0,0), (0,1), (1,0), (1,1), the first on ties; or
 * HN_POOLED_NOWHERE where ReLU stopped it. */
#define HN_POOLED_NOWHERE 4
/* Bytes that must be there behind an array of positions: vectors read past its end. */
#define HN_POOLED_SLACK 16

typedef struct {
  const char *name;
  int (*supported)(void);

  /* y = x convolved with 3×3 weights (correlated, as networks do), zero padding, stride 1.
   *   x       (C, H, W), shape `in`                                     in
   *   packed  (⌈K / 4⌉, C, 9, 4): see hn_conv3x3_pack                   in
   *   y       (K, H, W), shape `out`, of the same H and W; overwritten   */
  void (*conv3x3)(const hn_shape *in, const hn_shape *out, const float *x, const float *packed,
                  float *y);
  /* dw += the gradient of the weights.
   *   x       (C, H, W), dy (K, H, W)   in
   *   dw      (K, C, 3, 3)              added to */
  void (*conv3x3_weights)(const hn_shape *in, const hn_shape *out, const float *x, const float *dy,
                          float *dw);
  /* sums_out: Σ x and Σ x² of n floats (borders are zeros and do not count); x may be read up to
   * the next multiple of 16, where zeros must lie. */
  void (*moments)(const float *x, size_t n, double sums_out[2]);
  /* out = maximum over each 2×2 of max(0, scale * y + shift); where (out_height, out_width)
   * receives the positions, or is NULL. y and out point at pixel (0, 0) of their planes, which lie
   * as shape.h says: what is behind a row is read, and left as it is. */
  void (*pool)(const hn_pooling *g, const float *y, float scale, float shift, float *out,
               uint8_t *where);
  /* sums_out: Σ d and Σ d * y over the positions that pooling chose, d the gradient of `out`. */
  void (*pool_sums)(const hn_pooling *g, const float *y, const float *d, const uint8_t *where,
                    double sums_out[2]);
  /* In place: y = slope * y + offset, plus scale * d where pooling chose that pixel. */
  void (*pool_back)(const hn_pooling *g, float *y, const float *d, const uint8_t *where,
                    const float slope_offset_scale[3]);
} hn_kernels;

/* The fastest set that this machine has. */
const hn_kernels *hn_kernels_best(void);
/* All sets of this build, the plain C twin first; NULL behind the last. Ask `supported`. */
const hn_kernels *hn_kernels_at(size_t i);

#define HN_CONV3X3_BLOCK 4
/* Floats of packed weights. */
size_t hn_conv3x3_packed_size(size_t n_in, size_t n_out);
/* Reorder (K, C, 3, 3) weights for conv3x3; backwards: for the gradient of the input, which is a
 * convolution of dy (K channels) giving C channels with weights turned by 180°. */
void hn_conv3x3_pack(const float *weights, size_t n_in, size_t n_out, int backwards,
                     float *packed_out);

#endif
