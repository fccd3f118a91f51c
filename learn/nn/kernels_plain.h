#ifndef HN_LEARN_NN_KERNELS_PLAIN_H
#define HN_LEARN_NN_KERNELS_PLAIN_H

#include "learn/nn/kernels.h"

extern const hn_kernels hn_kernels_plain;

#endif
