#include "learn/nn/arch/resnet.h"

#include "base/memory.h"

enum { STAGES = 4, MOST_IN_BLOCK = 3, STEM = 2, HEAD = 3 };

static const struct {
  size_t depth, blocks[STAGES];
} variants[] = {
    {18, {2, 2, 2, 2}},
    {34, {3, 4, 6, 3}},
};

static const hn_layer_spec stem[STEM] = {
    {.kind = &hn_conv_layer,
     .kernel = {7, 7},
     .stride = {2, 2},
     .pad = {3, 3},
     .norm = 1,
     .relu = 1},
    {.kind = &hn_max_pool_layer, .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}},
};

/* Append a block; returns the number of layers then. */
static size_t add_block(hn_layer_spec *specs, size_t n, size_t channels, size_t stride) {
  const hn_layer_spec conv = {.kind = &hn_conv_layer,
                              .channels = channels,
                              .kernel = {3, 3},
                              .stride = {1, 1},
                              .pad = {1, 1},
                              .norm = 1,
                              .relu = 1};
  hn_layer_spec first = conv, second = conv;
  first.stride[0] = first.stride[1] = stride;
  second.side = 2; /* the block's input, or what comes next */
  if (stride > 1) {
    first.from = 2;
    specs[n++] = (hn_layer_spec){.kind = &hn_conv_layer,
                                 .channels = channels,
                                 .kernel = {1, 1},
                                 .stride = {stride, stride},
                                 .norm = 1};
  }
  specs[n++] = first;
  specs[n++] = second;
  return n;
}

hn_status hn_resnet_architecture(size_t depth, size_t width, double dropout, size_t n_classes,
                                 hn_layer_spec **specs_out, size_t *n_out, hn_error *err) {
  const size_t *blocks = NULL;
  size_t n = 0, most = STEM + HEAD;
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
    if (variants[i].depth == depth) blocks = variants[i].blocks;
  }
  if (!blocks) return hn_fail(err, HN_INVALID, "resnet: depth %zu, allowed are 18 and 34", depth);
  for (size_t stage = 0; stage < STAGES; stage++) most += blocks[stage] * MOST_IN_BLOCK;
  hn_layer_spec *specs = hn_alloc(most, sizeof *specs);
  if (!specs) return hn_fail_memory(err);
  for (size_t i = 0; i < STEM; i++) specs[n++] = stem[i];
  specs[0].channels = width;
  for (size_t stage = 0; stage < STAGES; stage++) {
    for (size_t i = 0; i < blocks[stage]; i++)
      n = add_block(specs, n, width << stage, stage > 0 && i == 0 ? 2 : 1);
  }
  specs[n++] = (hn_layer_spec){.kind = &hn_global_average_layer};
  specs[n++] = (hn_layer_spec){.kind = &hn_dropout_layer, .rate = dropout};
  specs[n++] = (hn_layer_spec){.kind = &hn_dense_layer, .channels = n_classes};
  *specs_out = specs;
  *n_out = n;
  return HN_OK;
}
