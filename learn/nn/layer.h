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

/* One line of an architecture; fields that a kind has no use for are 0. A pair of sizes is height
 * and width. Every layer takes the output of the layer before it, or of the one `from` layers
 * before it. A second output, of the layer `side` layers before it, is added by a convolution ahead
 * of its ReLU, and joined by a concatenation. */
typedef struct {
  const hn_layer_kind *kind;
  size_t channels;  /* convolution and dense: outputs */
  size_t kernel[2]; /* convolution and pooling: pixels */
  size_t stride[2]; /* convolution and pooling; 0: 1 */
  size_t pad[2];    /* convolution and pooling: pixels of zeros (pooling: of nothing) around */
  size_t groups;    /* convolution: input and output channels fall into so many parts; 0: 1 */
  int norm, relu;   /* convolution: batch norm instead of a bias; ReLU */
  size_t pool[2];   /* convolution: maximum pooling behind all, 1 or 2, without `side`; 0: 1 */
  double rate;      /* dropout: the share that is dropped */
  size_t from;      /* 0: 1 */
  size_t side;      /* 0: none */
} hn_layer_spec;

typedef enum {
  HN_PARAMETER_WEIGHT,  /* trained, with weight decay */
  HN_PARAMETER_PLAIN,   /* trained, without */
  HN_PARAMETER_AVERAGE, /* follows its "gradient", a statistic of the batch, by momentum */
} hn_parameter_role;

/* Its tensor is named <stem><number of the layer among its kind>.<name>: "norm1.running_mean". */
typedef struct {
  const char *stem, *name;
  hn_parameter_role role;
  int n_dims;
  size_t shape[4];
  size_t offset, size; /* floats within the layer's parameters; filled by the network */
} hn_parameter;

#define HN_LAYER_MAX_PARAMETERS 5

typedef struct {
  hn_layer_spec spec;
  size_t number; /* among the layers of its kind, from 1 */
  hn_shape in, out;
  hn_shape beside;  /* of the side input */
  hn_shape picture; /* convolution: its output before pooling */
  size_t n_parameters;
  hn_parameter parameters[HN_LAYER_MAX_PARAMETERS];
  size_t offset, size; /* floats of all parameters of this layer within the network's */
  /* Memory that the layer asks for, in bytes: kept from forward to backward for a batch of n
   * (`saved` + n * `saved_sample`), prepared from the parameters (and behind it `prepared_back`,
   * for training only, see hn_pass_trains), scratch of one thread, and scratch that all threads
   * share: `shared` + `shared_sample` * min(n, `shared_most`). saved_sample is a multiple of 64
   * where the layer streams into it, see hn_kernels.keep. */
  size_t saved, saved_sample, prepared, prepared_back, scratch, shared, shared_sample, shared_most;
  /* Gradients that are summed over samples: n_lanes sums of lane_size floats, see hn_lane_first. */
  size_t n_lanes, lane_size;
} hn_layer;

/* One pass over a batch, as a layer sees it. Everything is borrowed. */
typedef struct hn_pass {
  size_t n;
  int training;            /* batch statistics and dropout; else running statistics and none */
  int n_threads;           /* of the layer's loops */
  uint64_t seed;           /* of the layer's random streams */
  const uint64_t *streams; /* (n) the random stream of each sample; NULL unless training */
  const hn_kernels *kernels;
  const float *parameters; /* of this layer */
  const float *x, *side;   /* (n, in), and (n, beside) or NULL */
  float *y;                /* (n, out) */
  const float *dy;         /* backward: the gradient of y */
  float *dx, *dside;       /* backward: the gradients wanted, or NULL */
  int adds_dx, adds_dside; /* add to what is there instead of overwriting it */
  float *gradient;         /* of the parameters, overwritten by backward */
  float *lanes;            /* (n_lanes, lane_size) */
  void *saved, *saved_samples, *prepared;
  void *shared;
  char *scratch; /* (n_threads, scratch_bytes) */
  size_t scratch_bytes;
  /* Two convolutions in a row work hand in hand, sample by sample, while the sample is in cache:
   * the upper one lets the lower activate a sample before it takes it, and sum up its gradient as
   * soon as it is there. NULL: there is none. */
  const hn_layer *lower;
  const struct hn_pass *lower_pass;
  int has_upper;
} hn_pass;

struct hn_layer_kind {
  const char *name; /* the stem of its tensors: "conv" */
  /* layer->spec, in and beside are set: check them, set out, the parameters and the memory. */
  hn_status (*plan)(hn_layer *layer, hn_error *err);
  /* First values of all parameters; or NULL. */
  void (*init)(const hn_layer *layer, hn_rng *rng, float *parameters);
  /* Bring the parameters into the order that the kernels want: after each change; or NULL. */
  void (*prepare)(const hn_layer *layer, const hn_pass *pass);
  void (*forward)(const hn_layer *layer, const hn_pass *pass);
  /* Sets pass->gradient, and dx and dside where they are wanted. */
  void (*backward)(const hn_layer *layer, const hn_pass *pass);
};

/* 2-D convolution, then batch norm or bias, the side input, ReLU and 2×2 maximum pooling as far as
 * they are wanted. */
extern const hn_layer_kind hn_conv_layer;
extern const hn_layer_kind hn_max_pool_layer, hn_average_pool_layer;
extern const hn_layer_kind hn_global_average_layer; /* mean over the pixels of each channel */
/* The channels of the input, then those of the side input, pictures of one size. */
extern const hn_layer_kind hn_concat_layer;
extern const hn_layer_kind hn_dropout_layer; /* of a vector */
extern const hn_layer_kind hn_dense_layer;   /* of a vector, with bias; ReLU if wanted */

/* Samples are spread over a fixed number of lanes, whatever the thread count: lane l sums the
 * gradients of its samples in ascending order, and the lanes are summed in ascending order. */
static inline size_t hn_lane_first(const hn_layer *layer, size_t n, size_t lane) {
  return n * lane / layer->n_lanes;
}
/* How many lanes for sums of so many floats: 8, fewer where they would take too much memory. */
size_t hn_lanes_for(size_t lane_size);
/* Lane 0 = the sum of all lanes, each element in ascending lane order. */
void hn_lanes_sum(const hn_layer *layer, const hn_pass *pass);

/* Is this a workspace for training, whatever the pass? */
static inline int hn_pass_trains(const hn_pass *pass) {
  return pass->gradient != NULL;
}
/* This thread's scratch. */
void *hn_pass_scratch(const hn_pass *pass);
/* Declare the next parameter of a layer being planned; sizes and offsets follow from the shape. */
void hn_layer_add_parameter(hn_layer *layer, const char *stem, const char *name,
                            hn_parameter_role role, int n_dims, const size_t *shape);
/* Fill values with uniform numbers in ±limit. */
void hn_fill_uniform(hn_rng *rng, float *values, size_t n, double limit);

#endif
