/* Convolution of any odd kernel size as a matrix product (Chellapilla et al., 2006): each column
 * of the unfolded picture holds the pixels under the kernel at one position. One sample, stride 1,
 * zero padding of size / 2. The twin of the direct 3×3 kernels, and the way of all other sizes.
 * C input channels, K output channels, T = size * size taps. Products by OpenBLAS: call these
 * from parallel regions only (see base/threads.h). */
#ifndef HN_LEARN_NN_IM2COL_H
#define HN_LEARN_NN_IM2COL_H

#include "learn/nn/shape.h"

/* Rows of the picture that are unfolded at once, so that the columns stay in the L2 cache. */
size_t hn_im2col_tile(const hn_shape *in, size_t size);
/* Floats of scratch that the functions below need. */
size_t hn_im2col_scratch(const hn_shape *in, size_t size);

/* y (K, H, W) = x (C, H, W) convolved with weights (K, C, T); y's border columns are zeroed. */
void hn_im2col_forward(const hn_shape *in, const hn_shape *out, size_t size, const float *weights,
                       const float *x, float *y, float *scratch);
/* dw (K, C, T) += the gradient of the weights. */
void hn_im2col_weights(const hn_shape *in, const hn_shape *out, size_t size, const float *x,
                       const float *dy, float *dw, float *scratch);
/* dx (C, H, W) = the gradient of x, its border left as it is. */
void hn_im2col_input(const hn_shape *in, const hn_shape *out, size_t size, const float *weights,
                     const float *dy, float *dx, float *scratch);

#endif
