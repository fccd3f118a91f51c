#include "learn/nn/workspace.h"

#include <assert.h>

#include "base/memory.h"
#include "learn/nn/lifetimes.h"

struct hn_workspace {
  const hn_network *network;
  const hn_kernels *kernels;
  size_t max_batch, bytes;
  int n_threads;
  hn_workspace_use use;
  char *arena;
  float **activations;    /* (n_layers + 1): the network's input, then each layer's output */
  float **gradients;      /* (n_layers + 1) of those; they share memory, see lifetime_of */
  hn_lifetime *lifetimes; /* (n_layers + 1) of the gradients, that of the logits first */
  int *is_set;            /* (n_layers + 1) has this pass begun that gradient's sum? */
  hn_pass *passes;        /* (n_layers) */
  float *gradient;        /* (n_parameters) */
};

/* The next piece of the arena; with base NULL it is only counted. */
static void *take(char *base, size_t *used, size_t n, size_t size) {
  void *piece = base ? base + *used : NULL;
  *used += (n * size + 63) / 64 * 64;
  return piece;
}

static int trains(const hn_workspace *w) {
  return w->use != HN_WORKSPACE_INFERENCE;
}

static const hn_shape *shape_at(const hn_workspace *w, size_t i) {
  return i == 0 ? hn_network_input(w->network) : &w->network->layers[i - 1].out;
}

/* Which activations layer i takes, see hn_layer_spec; SIZE_MAX: no side input. */
static size_t input_of(const hn_workspace *w, size_t i) {
  return i + 1 - w->network->layers[i].spec.from;
}
static size_t side_of(const hn_workspace *w, size_t i) {
  const size_t side = w->network->layers[i].spec.side;
  return side ? i + 1 - side : SIZE_MAX;
}

/* See hn_pass: layer i takes the output of a convolution just before it. */
static int has_lower(const hn_workspace *w, size_t i) {
  const hn_layer *layers = w->network->layers;
  return i > 0 && i < w->network->n_layers && layers[i].spec.from == 1 &&
         layers[i].spec.kind == &hn_conv_layer && layers[i - 1].spec.kind == &hn_conv_layer;
}

static void lay_out_pass(hn_workspace *w, size_t i, char *base, size_t *used) {
  const hn_layer *layer = &w->network->layers[i];
  const size_t side = side_of(w, i);
  hn_pass *pass = &w->passes[i];
  pass->kernels = w->kernels;
  pass->n_threads = w->n_threads;
  pass->parameters = w->network->parameters + layer->offset;
  pass->saved = take(base, used, layer->saved, 1);
  pass->saved_samples = take(base, used, trains(w) ? w->max_batch : 0, layer->saved_sample);
  pass->prepared = take(base, used, layer->prepared + (trains(w) ? layer->prepared_back : 0), 1);
  if (!base) return;
  pass->x = w->activations[input_of(w, i)];
  pass->side = side == SIZE_MAX ? NULL : w->activations[side];
  pass->y = w->activations[i + 1];
  if (has_lower(w, i)) pass->lower = layer - 1, pass->lower_pass = pass - 1;
  pass->has_upper = has_lower(w, i + 1);
  if (!trains(w)) return;
  pass->dy = w->gradients[i + 1];
  pass->gradient = w->gradient + layer->offset;
}

/* When the gradient of activations i is in use, counted in turns of the backward pass: layer l has
 * turn n_layers - l. From the first layer that leaves something there to the layer that they came
 * out of; logits from the caller's turn 0 on; all for good where they are asked for. */
static hn_lifetime lifetime_of(const hn_workspace *w, size_t i) {
  const size_t n_layers = w->network->n_layers;
  hn_lifetime life = {.size = w->max_batch * hn_shape_size(shape_at(w, i)),
                      .start = i == n_layers ? 0 : SIZE_MAX,
                      .end = i > 0 ? n_layers - (i - 1) : n_layers};
  if (w->use == HN_WORKSPACE_GRADIENTS) life.end = SIZE_MAX;
  for (size_t l = i; l < n_layers; l++) {
    const size_t turn = n_layers - l;
    /* a convolution's side input gets its part in the turn of the layer above, see hn_pass */
    const size_t first = side_of(w, l) == i ? turn - (size_t)has_lower(w, l + 1) : turn;
    if ((input_of(w, l) == i || side_of(w, l) == i) && first < life.start) life.start = first;
  }
  if (life.start == SIZE_MAX) life.start = 0, life.end = SIZE_MAX; /* nobody's: stays zero */
  if (i == 0 && w->use != HN_WORKSPACE_GRADIENTS) life.size = 0;
  return life;
}

/* Floats of all gradients. */
static size_t place_gradients(hn_workspace *w) {
  const size_t n = w->network->n_layers + 1;
  for (size_t i = 0; i < n; i++) w->lifetimes[i] = lifetime_of(w, n - 1 - i);
  return hn_lifetimes_place(w->lifetimes, n);
}

/* Cut the arena into pieces; called once to measure it and once more when it is there. */
static size_t lay_out(hn_workspace *w, char *base) {
  const hn_network *network = w->network;
  size_t used = 0, lanes = 0, scratch = 0, shared = 0;
  for (size_t i = 0; i < network->n_layers; i++) {
    const hn_layer *layer = &network->layers[i];
    if (layer->n_lanes * layer->lane_size > lanes) lanes = layer->n_lanes * layer->lane_size;
    const size_t n = w->max_batch < layer->shared_most ? w->max_batch : layer->shared_most;
    const size_t own = layer->shared + n * layer->shared_sample;
    if (layer->scratch > scratch) scratch = layer->scratch;
    if (own > shared) shared = own;
  }
  scratch = (scratch + 63) / 64 * 64;
  w->gradient = take(base, &used, trains(w) ? network->n_parameters : 0, sizeof(float));
  float *lane_memory = take(base, &used, trains(w) ? lanes : 0, sizeof(float));
  char *scratch_memory = take(base, &used, (size_t)w->n_threads, scratch);
  void *shared_memory = take(base, &used, shared, 1);
  float *gradients = take(base, &used, trains(w) ? place_gradients(w) : 0, sizeof(float));
  for (size_t i = 0; i <= network->n_layers; i++) {
    const size_t size = w->max_batch * hn_shape_size(shape_at(w, i));
    w->activations[i] = take(base, &used, size, sizeof(float));
    if (base && trains(w)) w->gradients[i] = gradients + w->lifetimes[network->n_layers - i].place;
  }
  for (size_t i = 0; i < network->n_layers; i++) {
    w->passes[i].lanes = lane_memory;
    w->passes[i].shared = shared_memory;
    w->passes[i].scratch = scratch_memory;
    w->passes[i].scratch_bytes = scratch;
    lay_out_pass(w, i, base, &used);
  }
  return used;
}

hn_status hn_workspace_create(const hn_network *network, size_t max_batch, hn_workspace_use use,
                              int n_threads, const hn_kernels *kernels,
                              hn_workspace **workspace_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_workspace *w = NULL;
  HN_NEW(w, 1, err);
  w->network = network;
  w->kernels = kernels ? kernels : hn_kernels_best();
  w->max_batch = max_batch;
  w->use = use;
  w->n_threads = n_threads;
  HN_NEW(w->activations, network->n_layers + 1, err);
  HN_NEW(w->gradients, network->n_layers + 1, err);
  HN_NEW(w->lifetimes, network->n_layers + 1, err);
  HN_NEW(w->is_set, network->n_layers + 1, err);
  HN_NEW(w->passes, network->n_layers, err);
  w->bytes = lay_out(w, NULL);
  w->arena = hn_alloc_aligned(w->bytes, 1);
  if (!w->arena) {
    status = hn_fail_memory(err);
    goto done;
  }
  lay_out(w, w->arena);
  hn_workspace_prepare(w);
  *workspace_out = w;
  w = NULL;
done:
  hn_workspace_destroy(w);
  return status;
}

void hn_workspace_destroy(hn_workspace *w) {
  if (!w) return;
  hn_free(w->arena);
  hn_free(w->activations);
  hn_free(w->gradients);
  hn_free(w->lifetimes);
  hn_free(w->is_set);
  hn_free(w->passes);
  hn_free(w);
}

float *hn_workspace_sample(hn_workspace *w, size_t i) {
  return w->activations[0] + i * hn_shape_size(hn_network_input(w->network));
}

void hn_workspace_prepare(hn_workspace *w) {
  for (size_t i = 0; i < w->network->n_layers; i++) {
    const hn_layer *layer = &w->network->layers[i];
    if (layer->spec.kind->prepare) layer->spec.kind->prepare(layer, &w->passes[i]);
  }
}

static float *forward(hn_workspace *w, size_t n, int training, uint64_t seed,
                      const uint64_t *streams) {
  const size_t n_layers = w->network->n_layers;
  assert(n > 0 && n <= w->max_batch && (!training || trains(w)));
  for (size_t i = 0; i < n_layers; i++) {
    const hn_layer *layer = &w->network->layers[i];
    hn_pass *pass = &w->passes[i];
    pass->n = n;
    pass->training = training;
    pass->seed = hn_seed_derive(seed, "network.pass", i);
    pass->streams = streams;
    layer->spec.kind->forward(layer, pass);
  }
  return w->activations[n_layers];
}

float *hn_workspace_forward(hn_workspace *w, size_t n) {
  return forward(w, n, 0, 0, NULL);
}

float *hn_workspace_forward_training(hn_workspace *w, size_t n, uint64_t seed,
                                     const uint64_t *streams) {
  return forward(w, n, 1, seed, streams);
}

/* Where layer i leaves the gradient of one of its inputs, and whether it adds to others' there. */
static float *gradient_for(hn_workspace *w, size_t activation, int *adds_out) {
  if (activation == SIZE_MAX || (activation == 0 && w->use != HN_WORKSPACE_GRADIENTS)) return NULL;
  *adds_out = w->is_set[activation];
  w->is_set[activation] = 1;
  return w->gradients[activation];
}

const float *hn_workspace_backward(hn_workspace *w) {
  const size_t n_layers = w->network->n_layers;
  for (size_t i = 0; i < n_layers; i++) w->is_set[i] = 0;
  for (size_t i = n_layers; i-- > 0;) {
    hn_pass *pass = &w->passes[i];
    pass->dside = gradient_for(w, side_of(w, i), &pass->adds_dside);
    pass->dx = gradient_for(w, input_of(w, i), &pass->adds_dx);
  }
  for (size_t i = n_layers; i-- > 0;) {
    const hn_layer *layer = &w->network->layers[i];
    layer->spec.kind->backward(layer, &w->passes[i]);
  }
  return w->gradient;
}

float *hn_workspace_logit_gradient(hn_workspace *w) {
  return w->gradients[w->network->n_layers];
}

const float *hn_workspace_gradient_at(const hn_workspace *w, size_t i) {
  return w->gradients[i];
}

float *hn_workspace_activations(hn_workspace *w, size_t i) {
  return w->activations[i];
}

size_t hn_workspace_bytes(const hn_workspace *w) {
  return w->bytes;
}
