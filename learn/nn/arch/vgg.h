/* VGG with batch norm (Simonyan and Zisserman, 2015): five stages of 3×3 convolutions, each ending
 * in 2×2 maximum pooling (an axis of one pixel is no longer halved), of `width` × 1, 2, 4, 8, 8
 * channels. The three dense layers of the original became a global average, dropout and one dense
 * layer: they hold nine tenths of its weights, and fix the size of the pictures. */
#ifndef HN_LEARN_NN_ARCH_VGG_H
#define HN_LEARN_NN_ARCH_VGG_H

#include "learn/nn/layer.h"

/* depth: 11, 13, 16 or 19, the layers with weights in the original. specs_out (n_out) is to be
 * freed with hn_free. Errors: HN_INVALID for another depth, HN_NO_MEMORY. */
hn_status hn_vgg_architecture(size_t depth, size_t width, double dropout, size_t n_classes,
                              hn_layer_spec **specs_out, size_t *n_out, hn_error *err);

#endif
