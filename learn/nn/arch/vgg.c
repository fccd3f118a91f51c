#include "learn/nn/arch/vgg.h"

#include "base/memory.h"

enum { STAGES = 5, DENSE = 3 /* dense layers of the original */, HEAD = 3 };

static const size_t stages[][STAGES] = {
    {1, 1, 2, 2, 2}, /* convolutions of configuration A */
    {2, 2, 2, 2, 2}, /* B */
    {2, 2, 3, 3, 3}, /* D */
    {2, 2, 4, 4, 4}, /* E */
};
static const size_t widths[STAGES] = {1, 2, 4, 8, 8};

static size_t n_convolutions(const size_t counts[STAGES]) {
  size_t n = 0;
  for (size_t i = 0; i < STAGES; i++) n += counts[i];
  return n;
}

hn_status hn_vgg_architecture(size_t depth, size_t width, double dropout, size_t n_classes,
                              hn_layer_spec **specs_out, size_t *n_out, hn_error *err) {
  const size_t *counts = NULL;
  for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
    if (n_convolutions(stages[i]) + DENSE == depth) counts = stages[i];
  }
  if (!counts)
    return hn_fail(err, HN_INVALID, "vgg: depth %zu, allowed are 11, 13, 16 and 19", depth);
  hn_layer_spec *specs = hn_alloc(n_convolutions(counts) + HEAD, sizeof *specs);
  if (!specs) return hn_fail_memory(err);
  size_t n = 0;
  for (size_t stage = 0; stage < STAGES; stage++) {
    for (size_t i = 0; i < counts[stage]; i++) {
      const size_t pool = i + 1 == counts[stage] ? 2 : 1;
      specs[n++] = (hn_layer_spec){.kind = &hn_conv_layer,
                                   .channels = widths[stage] * width,
                                   .kernel = {3, 3},
                                   .pad = {1, 1},
                                   .norm = 1,
                                   .relu = 1,
                                   .pool = {pool, pool}};
    }
  }
  specs[n++] = (hn_layer_spec){.kind = &hn_global_average_layer};
  specs[n++] = (hn_layer_spec){.kind = &hn_dropout_layer, .rate = dropout};
  specs[n++] = (hn_layer_spec){.kind = &hn_dense_layer, .channels = n_classes};
  *specs_out = specs;
  *n_out = n;
  return HN_OK;
}
