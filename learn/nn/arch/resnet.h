/* Residual networks of basic blocks (He et al., 2016), the layers of torchvision's resnet18 and
 * resnet34: a 7×7 convolution of stride 2, 3×3 maximum pooling of stride 2, four stages of `width`
 * × 1, 2, 4, 8 channels, of which all but the first halve the picture; global average, dropout (0
 * in the original), dense. Pictures have any number of channels: spectrograms have one.
 *
 * In the list a block is two 3×3 convolutions, the second with the block's input beside it; where
 * stride or channels change, a 1×1 convolution of that input comes first. So torchvision's
 * "layer2.0.downsample.0", "layer2.0.conv1" and "layer2.0.conv2" of resnet18 are the convolutions
 * 6, 7 and 8, and its batch norms are numbered alike. */
#ifndef HN_LEARN_NN_ARCH_RESNET_H
#define HN_LEARN_NN_ARCH_RESNET_H

#include "learn/nn/layer.h"

/* depth: 18 or 34. specs_out (n_out) is to be freed with hn_free. Errors: HN_INVALID for another
 * depth, HN_NO_MEMORY. */
hn_status hn_resnet_architecture(size_t depth, size_t width, double dropout, size_t n_classes,
                                 hn_layer_spec **specs_out, size_t *n_out, hn_error *err);

#endif
