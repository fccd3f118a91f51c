/* The inner loop of hn_filterbank_apply_frames, once for each instruction set. Only filterbank.c
 * and its tests need this. */
#ifndef HN_VISION_FILTERBANK_KERNELS_H
#define HN_VISION_FILTERBANK_KERNELS_H

#include "vision/filterbank.h"

typedef struct {
  const char *name;
  int (*supported)(void);
  void (*apply)(const hn_filterbank *bank, const float *power, float *bands_out);
} hn_filterbank_kernel;

/* All kernels of this build, the best last; NULL behind it. The first runs anywhere. */
const hn_filterbank_kernel *hn_filterbank_kernel_at(size_t i);

#endif
