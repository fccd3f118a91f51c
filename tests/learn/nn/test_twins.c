/* Every set of kernels against the plain one, on random networks. */
#include "testing.h"

#include <string.h>

#include "learn/nn/workspace.h"

enum { SAMPLES = 3, MOST_LAYERS = 12, NETWORKS = 100 };

static hn_error error;
static const uint64_t streams[SAMPLES] = {1, 2, 3};

typedef struct {
  hn_layer_spec specs[MOST_LAYERS];
  size_t n, shape[3];
  hn_network *network;
  uint64_t number; /* of its random numbers */
} twin_case;

/* What a pass gave. */
typedef struct {
  hn_workspace *workspace;
  float *evaluation; /* a copy of the output */
  const float *gradient;
} result;

static size_t between(hn_rng *rng, size_t first, size_t last) {
  return first + (size_t)hn_rng_below(rng, last - first + 1);
}

static void propose_conv(hn_rng *rng, size_t n, hn_layer_spec *spec) {
  spec->kind = &hn_conv_layer;
  spec->channels = between(rng, 1, 36);
  spec->groups = between(rng, 0, 7) ? 1 : 2;
  spec->norm = (int)between(rng, 0, 1);
  spec->relu = (int)between(rng, 0, 1);
  if (between(rng, 0, 1)) /* Winograd's */
    for (int axis = 0; axis < 2; axis++)
      spec->kernel[axis] = 3, spec->stride[axis] = spec->pad[axis] = spec->groups = 1;
  if (between(rng, 0, 2) == 0)
    for (int axis = 0; axis < 2; axis++) spec->pool[axis] = between(rng, 1, 2);
  else if (between(rng, 0, 1))
    spec->side = between(rng, 1, n + 1);
}

/* Layer n of a network, which may not fit. */
static hn_layer_spec propose(hn_rng *rng, size_t n) {
  hn_layer_spec spec = {.from = between(rng, 0, 3) ? 1 : between(rng, 1, n + 1)};
  for (int axis = 0; axis < 2; axis++) {
    spec.kernel[axis] = between(rng, 1, 5);
    spec.stride[axis] = between(rng, 1, 2);
    spec.pad[axis] = between(rng, 0, 2);
  }
  switch (between(rng, 0, 9)) {
  case 0:
    spec.kind = &hn_max_pool_layer;
    break;
  case 1:
    spec.kind = &hn_average_pool_layer;
    break;
  case 2:
    spec = (hn_layer_spec){
        .kind = &hn_concat_layer, .from = spec.from, .side = between(rng, 1, n + 1)};
    break;
  default:
    propose_conv(rng, n, &spec);
  }
  return spec;
}

static hn_network *network_of(const twin_case *t, const hn_layer_spec *specs, size_t n) {
  hn_network *network = NULL;
  if (hn_network_create(specs, n, t->shape[0], t->shape[1], t->shape[2], &network, &error) != HN_OK)
    return NULL;
  return network;
}

static void append(twin_case *t, hn_layer_spec spec) {
  t->specs[t->n] = spec;
  hn_network *network = network_of(t, t->specs, t->n + 1);
  if (!network) return;
  hn_network_destroy(t->network);
  t->network = network;
  t->n++;
}

static void draw_parameters(hn_rng *rng, hn_network *network) {
  hn_network_init(network, 1);
  for (size_t i = 0; i < network->n_layers; i++) {
    const hn_layer *layer = &network->layers[i];
    for (size_t j = 0; j < layer->n_parameters; j++) {
      const hn_parameter *p = &layer->parameters[j];
      float *values = network->parameters + layer->offset + p->offset;
      for (size_t k = 0; k < p->size && p->role == HN_PARAMETER_PLAIN; k++)
        values[k] = 0.7f * (float)hn_rng_normal(rng);
      for (size_t k = 0; k < p->size && p->role == HN_PARAMETER_AVERAGE; k++)
        values[k] = 0.5f + (float)hn_rng_uniform(rng);
    }
  }
}

static void twin_case_init(twin_case *t, uint64_t number) {
  hn_rng rng;
  hn_rng_init(&rng, 1, "test.network", number);
  *t = (twin_case){.number = number};
  t->shape[0] = between(&rng, 1, 3);
  t->shape[1] = between(&rng, 1, 12);
  t->shape[2] = between(&rng, 1, number % 8 ? 12 : 120);
  for (size_t n = between(&rng, 1, MOST_LAYERS - 4); t->n < n;) append(t, propose(&rng, t->n));
  if (number % 2) {
    append(t, (hn_layer_spec){.kind = &hn_global_average_layer});
    append(t, (hn_layer_spec){.kind = &hn_dropout_layer, .rate = 0.25});
    append(t, (hn_layer_spec){.kind = &hn_dense_layer, .channels = 7, .relu = 1});
    append(t, (hn_layer_spec){.kind = &hn_dense_layer, .channels = 3});
  }
  draw_parameters(&rng, t->network);
}

static hn_workspace *fed_workspace(const twin_case *t, const hn_network *network,
                                   const hn_kernels *kernels, hn_workspace_use use, int n_threads) {
  hn_workspace *w;
  hn_rng rng;
  assert_ok(hn_workspace_create(network, SAMPLES, use, n_threads, kernels, &w, &error));
  hn_rng_init(&rng, 1, "test.pictures", t->number);
  for (size_t i = 0; i < SAMPLES; i++)
    fill_normal(&rng, hn_network_input(network), hn_workspace_sample(w, i));
  return w;
}

static result pass_as(const twin_case *t, const hn_kernels *kernels, hn_workspace_use use,
                      int n_threads) {
  const hn_shape *out = hn_network_output(t->network);
  const size_t size = hn_shape_size(out);
  hn_workspace *w = fed_workspace(t, t->network, kernels, use, n_threads);
  result r = {.workspace = w, .evaluation = hn_calloc(SAMPLES * size, sizeof(float))};
  hn_rng rng;
  hn_rng_init(&rng, 1, "test.gradient", t->number);
  memcpy(r.evaluation, hn_workspace_forward(w, SAMPLES), SAMPLES * size * sizeof(float));
  hn_workspace_forward_training(w, SAMPLES, 1, streams);
  for (size_t i = 0; i < SAMPLES; i++)
    fill_normal(&rng, out, hn_workspace_logit_gradient(w) + i * size);
  r.gradient = hn_workspace_backward(w);
  return r;
}

static result pass(const twin_case *t, const hn_kernels *kernels) {
  return pass_as(t, kernels, HN_WORKSPACE_GRADIENTS, 1);
}

static void result_free(result *r) {
  hn_workspace_destroy(r->workspace);
  hn_free(r->evaluation);
}

/* The least distance of two values that one window may hold, if that is less; equal ones are no
 * danger: the first is taken. */
static double pooling_margin(const hn_shape *s, float *sample, const hn_layer_spec *spec,
                             double margin) {
  for (size_t at = 0; at < s->channels * hn_shape_pixels(s); at++) {
    const size_t row = at / s->width % s->height, column = at % s->width;
    const float here = *pixel(s, sample, at / hn_shape_pixels(s), row, column);
    for (size_t i = row; i < s->height && i < row + spec->kernel[0]; i++) {
      for (size_t j = column < spec->kernel[1] ? 0 : column - spec->kernel[1] + 1;
           j < s->width && j < column + spec->kernel[1]; j++) {
        const double gap = fabsf(*pixel(s, sample, at / hn_shape_pixels(s), i, j) - here);
        if (gap > 0) margin = fmin(margin, gap);
      }
    }
  }
  return margin;
}

/* How near layer l comes to a kink, where rounding may change a gradient: a ReLU at 0, two values
 * that might both be a maximum. */
static double layer_margin(const twin_case *t, size_t l) {
  hn_layer_spec specs[MOST_LAYERS], kinks = t->specs[l];
  double margin = 1;
  memcpy(specs, t->specs, sizeof specs);
  specs[l].relu = 0, specs[l].pool[0] = specs[l].pool[1] = 1;
  const int is_pool = kinks.kind == &hn_max_pool_layer;
  const int pools = is_pool || kinks.pool[0] == 2 || kinks.pool[1] == 2;
  if (!pools && !kinks.relu) return margin;
  if (!is_pool) memcpy(kinks.kernel, kinks.pool, sizeof kinks.kernel);
  hn_network *network = network_of(t, specs, l + 1);
  memcpy(network->parameters, t->network->parameters, network->n_parameters * sizeof(float));
  hn_workspace *w = fed_workspace(t, network, hn_kernels_at(0), HN_WORKSPACE_GRADIENTS, 1);
  hn_workspace_forward_training(w, SAMPLES, 1, streams);
  const hn_shape *s = is_pool ? &network->layers[l].in : hn_network_output(network);
  float *z = hn_workspace_activations(w, is_pool ? l + 1 - network->layers[l].spec.from : l + 1);
  for (size_t i = 0; i < SAMPLES; i++, z += hn_shape_size(s)) {
    if (pools) margin = pooling_margin(s, z, &kinks, margin);
    for (size_t p = 0; kinks.relu && p < s->channels * hn_shape_pixels(s); p++) {
      const size_t at = p % hn_shape_pixels(s);
      margin =
          fmin(margin, fabsf(*pixel(s, z, p / hn_shape_pixels(s), at / s->width, at % s->width)));
    }
  }
  hn_workspace_destroy(w);
  hn_network_destroy(network);
  return margin;
}

static int is_far_from_kinks(const twin_case *t) {
  for (size_t l = 0; l < t->n; l++) {
    if (layer_margin(t, l) < 1e-4) return 0;
  }
  return 1;
}

/* Is the variance of each batch norm large enough that dividing by it does not blow up rounding? Of
 * three samples of one pixel it often is not. */
static int varies_enough(const twin_case *t, const result *plain) {
  for (size_t i = 0; i < t->n; i++) {
    const hn_layer *layer = &t->network->layers[i];
    if (layer->spec.kind != &hn_conv_layer || !layer->spec.norm) continue;
    const float *mean = plain->gradient + layer->offset + layer->parameters[3].offset;
    const float *variance = plain->gradient + layer->offset + layer->parameters[4].offset;
    for (size_t c = 0; c < layer->spec.channels; c++) {
      if (variance[c] < 1e-3f || variance[c] < 1e-2f * mean[c] * mean[c]) return 0;
    }
  }
  return 1;
}

/* Tolerance, in units of the largest element: float32 sums in another order, divided by the
 * deviation of a batch of few pixels. */
static void assert_alike(const float *found, const float *expected, size_t n, const twin_case *t,
                         const char *what) {
  double largest = 0.1;
  char message[96];
  for (size_t i = 0; i < n; i++) largest = fmax(largest, fabsf(expected[i]));
  snprintf(message, sizeof message, "network %d, %s", (int)t->number, what);
  for (size_t i = 0; i < n; i++) assert_near(found[i], expected[i], 3e-4 * largest, message);
}

static void compare(const twin_case *t, const result *found, const result *plain,
                    const hn_kernels *kernels) {
  const size_t size = SAMPLES * hn_shape_size(hn_network_output(t->network));
  char what[64];
  snprintf(what, sizeof what, "%s, output", kernels->name);
  assert_alike(found->evaluation, plain->evaluation, size, t, "evaluation");
  assert_alike(hn_workspace_activations(found->workspace, t->n),
               hn_workspace_activations(plain->workspace, t->n), size, t, what);
  assert_alike(hn_workspace_gradient_at(found->workspace, 0),
               hn_workspace_gradient_at(plain->workspace, 0),
               SAMPLES * hn_shape_size(hn_network_input(t->network)), t, "gradient of the input");
  for (size_t i = 0; i < t->n; i++) {
    const hn_layer *layer = &t->network->layers[i];
    for (size_t j = 0; j < layer->n_parameters; j++) {
      const hn_parameter *p = &layer->parameters[j];
      snprintf(what, sizeof what, "%s, %s%zu.%s", kernels->name, p->stem, layer->number, p->name);
      assert_alike(found->gradient + layer->offset + p->offset,
                   plain->gradient + layer->offset + p->offset, p->size, t, what);
    }
  }
}

static void compare_all(const twin_case *t, const result *plain) {
  for (size_t s = 1; hn_kernels_at(s); s++) {
    if (!hn_kernels_at(s)->supported()) continue;
    result found = pass(t, hn_kernels_at(s));
    compare(t, &found, plain, hn_kernels_at(s));
    result_free(&found);
  }
}

static void random_networks(void **state) {
  (void)state;
  size_t n_compared = 0;
  for (uint64_t number = 0; number < NETWORKS; number++) {
    twin_case t;
    twin_case_init(&t, number);
    result plain = pass(&t, hn_kernels_at(0));
    if (varies_enough(&t, &plain) && is_far_from_kinks(&t)) {
      compare_all(&t, &plain);
      n_compared++;
    }
    result_free(&plain);
    hn_network_destroy(t.network);
  }
  assert_true(n_compared > NETWORKS / 4);
}

/* A layer as residual networks have it: pictures keep their size, and a side input comes from near.
 */
static hn_layer_spec propose_residual(hn_rng *rng, size_t n) {
  hn_layer_spec spec = {.kind = &hn_conv_layer, .channels = 16 * between(rng, 1, 2)};
  const size_t reach = between(rng, 0, 2), stride = between(rng, 0, 5) ? 1 : 2;
  for (int axis = 0; axis < 2; axis++) {
    spec.kernel[axis] = 2 * reach + 1;
    spec.pad[axis] = reach;
    spec.stride[axis] = stride;
  }
  spec.norm = (int)between(rng, 0, 1);
  spec.relu = (int)between(rng, 0, 1);
  spec.from = between(rng, 0, 4) ? 1 : between(rng, 1, n + 1);
  if (between(rng, 0, 3)) spec.side = between(rng, 1, n < 3 ? n + 1 : 3);
  return spec;
}

/* In training gradients of different layers share memory, and layers work hand in hand: the same
 * bytes as when each has its own, for every number of threads. */
static void shared_memory_changes_nothing(void **state) {
  (void)state;
  for (uint64_t number = 0; number < 4 * NETWORKS; number++) {
    twin_case t = {.number = number};
    hn_rng rng;
    hn_rng_init(&rng, 1, "test.residual", number);
    if (number % 4 == 0) {
      twin_case_init(&t, number);
    } else {
      t.shape[0] = 16, t.shape[1] = between(&rng, 1, 12), t.shape[2] = between(&rng, 1, 12);
      while (t.n < MOST_LAYERS / 2) append(&t, propose_residual(&rng, t.n));
      draw_parameters(&rng, t.network);
    }
    result own = pass(&t, NULL);
    for (int n_threads = 1; n_threads < 4; n_threads += 2) {
      result shared = pass_as(&t, NULL, HN_WORKSPACE_TRAINING, n_threads);
      if (memcmp(own.gradient, shared.gradient, t.network->n_parameters * sizeof(float)))
        fail_msg("network %d: other gradients with %d threads", (int)number, n_threads);
      result_free(&shared);
    }
    result_free(&own);
    hn_network_destroy(t.network);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(random_networks),
                                     cmocka_unit_test(shared_memory_changes_nothing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
