/* The small network: a block for each of `channels` (convolution, batch norm, ReLU, 2×2 maximum
 * pooling), global average, dropout, dense. */
#ifndef HN_LEARN_NN_ARCH_CNN_H
#define HN_LEARN_NN_ARCH_CNN_H

#include "learn/nn/layer.h"

/* Blocks with channels[i] outputs and kernels of kernel_size pixels. specs_out (n_out) is to be
 * freed with hn_free. Errors: HN_NO_MEMORY. */
hn_status hn_cnn_architecture(const double *channels, size_t n_channels, size_t kernel_size,
                              double dropout, size_t n_classes, hn_layer_spec **specs_out,
                              size_t *n_out, hn_error *err);

#endif
