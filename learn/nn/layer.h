/* A layer: what it is (hn_layer_spec, data of an architecture file), what it became in a network
 * (hn_layer: shapes and parameters), and how it computes (hn_layer_kind: forward and backward side
 * by side in one file a layer).
 * Letters: n samples in the batch; a sample's shapes are layer->in and layer->out. */
#ifndef HN_LEARN_NN_LAYER_H
#define HN_LEARN_NN_LAYER_H

#include <stdint.h>

#include "base/error.h"
#include "base/random.h"
#include "learn/nn/kernels.h"
#include "learn/nn/shape.h"

typedef struct hn_layer_kind hn_layer_kind;

/* One line of an architecture; fields that a kind has no use for are 0. */
typedef struct {
  const hn_layer_kind *kind;
  size_t channels;    /* convolution: output channels; dense: outputs */
  size_t kernel_size; /* convolution: 1, 3, 5, … pixels square */
  double rate;        /* dropout: the share that is dropped */
} hn_layer_spec;

typedef enum {
  HN_PARAMETER_WEIGHT,  /* trained, with weight decay */
  HN_PARAMETER_PLAIN,   /* trained, without */
  HN_PARAMETER_AVERAGE, /* follows its "gradient", a statistic of the batch, by momentum */
} hn_parameter_role;

typedef struct {
  const char *name; /* "weight" */
  hn_parameter_role role;
  int n_dims;
  size_t shape[4];
  size_t offset, size; /* floats within the layer's parameters; filled by the network */
} hn_parameter;

#define HN_LAYER_MAX_PARAMETERS 4

typedef struct {
  hn_layer_spec spec;
  char name[24]; /* "conv2": the second of its kind */
  hn_shape in, out;
  size_t n_parameters;
  hn_parameter parameters[HN_LAYER_MAX_PARAMETERS];
  size_t offset, size; /* floats of all parameters of this layer within the network's */
  /* Memory that the layer asks for, in bytes: kept from forward to backward for a batch of n
   * (`saved` + n * `saved_sample`), prepared from the parameters, and scratch of one thread. */
  size_t saved, saved_sample, prepared, scratch;
} hn_layer;

/* One pass over a batch, as a layer sees it. Everything is borrowed. */
typedef struct {
  size_t n;
  int training;            /* batch statistics and dropout; else running statistics and none */
  int n_threads;           /* of the layer's loops over samples */
  uint64_t seed;           /* of the layer's random streams */
  const uint64_t *streams; /* (n) the random stream of each sample; NULL unless training */
  const hn_kernels *kernels;
  const float *parameters; /* of this layer */
  float *gradient;         /* of this layer, overwritten by backward */
  float *lanes;            /* (HN_LANES, size) for gradients by lane, see hn_lane_first */
  void *saved, *saved_samples, *prepared;
  char *scratch; /* (n_threads, scratch_bytes) */
  size_t scratch_bytes;
} hn_pass;

struct hn_layer_kind {
  const char *name; /* the stem of its tensors: "conv" */
  /* layer->spec and layer->in are set: check them, set out, the parameters and the memory. */
  hn_status (*plan)(hn_layer *layer, hn_error *err);
  /* First values of all parameters. */
  void (*init)(const hn_layer *layer, hn_rng *rng, float *parameters);
  /* Bring the parameters into the order that the kernels want: after each change; or NULL. */
  void (*prepare)(const hn_layer *layer, const hn_pass *pass);
  /* x (n, in) → y (n, out); y's borders are zero and stay so. */
  void (*forward)(const hn_layer *layer, const hn_pass *pass, const float *x, float *y);
  /* dy (n, out) is the gradient of y, its borders zero. Sets pass->gradient; where wants_dx, x
   * (n, in) is replaced by its own gradient: a network needs no second set of activations. */
  void (*backward)(const hn_layer *layer, const hn_pass *pass, float *x, const float *dy,
                   int wants_dx);
};

extern const hn_layer_kind hn_conv_layer;           /* 2-D convolution, no bias, same size */
extern const hn_layer_kind hn_norm_pool_layer;      /* batch norm, ReLU, 2×2 max pooling */
extern const hn_layer_kind hn_global_average_layer; /* mean over the pixels of each channel */
extern const hn_layer_kind hn_dropout_layer;
extern const hn_layer_kind hn_dense_layer; /* of a vector, with bias */

/* Samples are spread over a fixed number of lanes, whatever the thread count: lane l sums the
 * gradients of its samples in ascending order, and the lanes are summed in ascending order. */
#define HN_LANES 16
static inline size_t hn_lane_first(size_t n, size_t lane) {
  return n * lane / HN_LANES;
}
/* gradient (size) = sum of the lanes (HN_LANES, size), each element in ascending lane order. Lanes
 * without samples are left out. */
void hn_lanes_sum(const hn_pass *pass, size_t size);

/* Declare the next parameter of a layer being planned; sizes and offsets follow from the shape. */
void hn_layer_add_parameter(hn_layer *layer, const char *name, hn_parameter_role role, int n_dims,
                            const size_t *shape);
/* Fill values with uniform numbers in ±limit. */
void hn_fill_uniform(hn_rng *rng, float *values, size_t n, double limit);

#endif
