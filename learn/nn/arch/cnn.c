#include "learn/nn/arch/cnn.h"

#include "base/memory.h"

hn_status hn_cnn_architecture(const double *channels, size_t n_channels, size_t kernel_size,
                              double dropout, size_t n_classes, hn_layer_spec **specs_out,
                              size_t *n_out, hn_error *err) {
  if (kernel_size % 2 == 0)
    return hn_fail(err, HN_INVALID, "cnn: kernel_size %zu, allowed are odd numbers", kernel_size);
  const size_t pad = kernel_size / 2;
  const hn_layer_spec block = {.kind = &hn_conv_layer,
                               .kernel = {kernel_size, kernel_size},
                               .pad = {pad, pad},
                               .norm = 1,
                               .relu = 1,
                               .pool = {2, 2}};
  const hn_layer_spec head[] = {
      {.kind = &hn_global_average_layer},
      {.kind = &hn_dropout_layer, .rate = dropout},
      {.kind = &hn_dense_layer, .channels = n_classes},
  };
  hn_layer_spec *specs = hn_alloc(n_channels + 3, sizeof *specs);
  if (!specs) return hn_fail_memory(err);
  size_t n = 0;
  for (size_t i = 0; i < n_channels; i++) {
    specs[n] = block;
    specs[n++].channels = (size_t)channels[i];
  }
  for (size_t i = 0; i < 3; i++) specs[n++] = head[i];
  *specs_out = specs;
  *n_out = n;
  return HN_OK;
}
