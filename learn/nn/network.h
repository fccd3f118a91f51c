/* A network: a list of layers with their parameters. It holds no activations, so a trained one is
 * const and serves many threads, each with a workspace of its own (workspace.h). */
#ifndef HN_LEARN_NN_NETWORK_H
#define HN_LEARN_NN_NETWORK_H

#include "base/tensors.h"
#include "learn/nn/layer.h"

typedef struct {
  size_t n_layers, n_parameters;
  hn_layer *layers;  /* (n_layers), in the order of the forward pass */
  float *parameters; /* (n_parameters), layer by layer, see hn_layer.offset */
} hn_network;

/* Build from an architecture for samples of (channels, height, width); parameters are zero until
 * init or load. Errors: what a layer cannot take (HN_INVALID), HN_NO_MEMORY. */
hn_status hn_network_create(const hn_layer_spec *specs, size_t n_specs, size_t channels,
                            size_t height, size_t width, hn_network **network_out, hn_error *err);
void hn_network_destroy(hn_network *network);
/* First parameters; layer i draws from its own stream. */
void hn_network_init(hn_network *network, uint64_t seed);

/* Shapes of a sample that goes in, and of what comes out (a vector of logits). */
static inline const hn_shape *hn_network_input(const hn_network *network) {
  return &network->layers[0].in;
}
static inline const hn_shape *hn_network_output(const hn_network *network) {
  return &network->layers[network->n_layers - 1].out;
}

/* One tensor a parameter, named "<layer>.<parameter>": "conv1.weight", "norm1.running_mean".
 * Loading errors: HN_FORMAT for a missing tensor or another shape. Both: HN_NO_MEMORY. */
hn_status hn_network_save(const hn_network *network, hn_tensors *tensors, hn_error *err);
hn_status hn_network_load(hn_network *network, const hn_tensors *tensors, hn_error *err);

#endif
