#include "learn/nn/network.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

/* Set what a layer takes from those before it, and the defaults of its spec. */
static hn_status connect(hn_network *network, size_t i, const hn_shape *input, hn_error *err) {
  hn_layer *layer = &network->layers[i];
  if (layer->spec.from == 0) layer->spec.from = 1;
  const size_t from = layer->spec.from, side = layer->spec.side;
  assert(from <= i + 1 && side <= i + 1); /* an architecture is ours */
  layer->in = from == i + 1 ? *input : network->layers[i - from].out;
  if (side) layer->beside = side == i + 1 ? *input : network->layers[i - side].out;
  layer->number = 1;
  for (size_t before = 0; before < i; before++)
    layer->number += network->layers[before].spec.kind == layer->spec.kind;
  for (int axis = 0; axis < 2; axis++) {
    if (layer->spec.stride[axis] == 0) layer->spec.stride[axis] = 1;
  }
  if (layer->spec.groups == 0) layer->spec.groups = 1;
  return layer->spec.kind->plan(layer, err);
}

hn_status hn_network_create(const hn_layer_spec *specs, size_t n_specs, size_t channels,
                            size_t height, size_t width, hn_network **network_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_network *network = NULL;
  hn_shape shape;
  HN_TRY(hn_shape_planes(channels, height, width, &shape, err));
  HN_NEW(network, 1, err);
  HN_NEW(network->layers, n_specs, err);
  network->n_layers = n_specs;
  for (size_t i = 0; i < n_specs; i++) {
    hn_layer *layer = &network->layers[i];
    layer->spec = specs[i];
    HN_TRY(connect(network, i, &shape, err));
    layer->offset = network->n_parameters;
    network->n_parameters += layer->size;
  }
  network->parameters = hn_alloc_aligned(network->n_parameters, sizeof(float));
  if (!network->parameters) {
    status = hn_fail_memory(err);
    goto done;
  }
  *network_out = network;
  network = NULL;
done:
  hn_network_destroy(network);
  return status;
}

void hn_network_destroy(hn_network *network) {
  if (!network) return;
  hn_free(network->layers);
  hn_free(network->parameters);
  hn_free(network);
}

void hn_network_init(hn_network *network, uint64_t seed) {
  for (size_t i = 0; i < network->n_layers; i++) {
    const hn_layer *layer = &network->layers[i];
    hn_rng rng;
    hn_rng_init(&rng, seed, "network.layer", i);
    if (layer->spec.kind->init)
      layer->spec.kind->init(layer, &rng, network->parameters + layer->offset);
  }
}

enum { NAME_BYTES = 64 };

static void name_tensor(const hn_layer *layer, const hn_parameter *p, char name_out[NAME_BYTES]) {
  snprintf(name_out, NAME_BYTES, "%s%zu.%s", p->stem, layer->number, p->name);
}

hn_status hn_network_save(const hn_network *network, hn_tensors *tensors, hn_error *err) {
  hn_status status = HN_OK;
  char name[NAME_BYTES];
  for (size_t i = 0; i < network->n_layers; i++) {
    const hn_layer *layer = &network->layers[i];
    for (size_t j = 0; j < layer->n_parameters; j++) {
      const hn_parameter *p = &layer->parameters[j];
      name_tensor(layer, p, name);
      HN_TRY(hn_tensors_add(tensors, name, HN_TENSOR_F32, p->n_dims, p->shape,
                            network->parameters + layer->offset + p->offset, err));
    }
  }
done:
  return status;
}

hn_status hn_network_load(hn_network *network, const hn_tensors *tensors, hn_error *err) {
  hn_status status = HN_OK;
  char name[NAME_BYTES];
  for (size_t i = 0; i < network->n_layers; i++) {
    const hn_layer *layer = &network->layers[i];
    for (size_t j = 0; j < layer->n_parameters; j++) {
      const hn_parameter *p = &layer->parameters[j];
      const hn_tensor *tensor;
      name_tensor(layer, p, name);
      HN_TRY(hn_tensors_get(tensors, name, HN_TENSOR_F32, p->n_dims, &tensor, err));
      for (int axis = 0; axis < p->n_dims; axis++) {
        if (tensor->shape[axis] == p->shape[axis]) continue;
        status = hn_fail(err, HN_FORMAT,
                         "%s: axis %d has %zu elements, the options of this model "
                         "ask for %zu",
                         name, axis, tensor->shape[axis], p->shape[axis]);
        goto done;
      }
      memcpy(network->parameters + layer->offset + p->offset, tensor->data,
             p->size * sizeof(float));
    }
  }
done:
  return status;
}
