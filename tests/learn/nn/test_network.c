/* A whole network against PyTorch (make_golden.py), and its parameters as tensors. */
#include "testing.h"

#include <string.h>

#include "learn/nn/arch/cnn.h"
#include "learn/nn/loss.h"
#include "learn/nn/optimizer.h"
#include "learn/nn/workspace.h"

enum { STEPS = 10, BATCH = 6, HEIGHT = 13, WIDTH = 21, CLASSES = 3 };

static hn_error error;
static const double channels[2] = {4, 8};

static hn_network *small_network(size_t kernel_size, size_t n_classes) {
  hn_layer_spec *specs;
  size_t n;
  hn_network *network;
  assert_ok(hn_cnn_architecture(channels, 2, kernel_size, 0, n_classes, &specs, &n, &error));
  assert_ok(hn_network_create(specs, n, 1, HEIGHT, WIDTH, &network, &error));
  hn_free(specs);
  return network;
}

static const void *golden_data(const hn_tensors *golden, const char *name) {
  const hn_tensor *tensor = hn_tensors_find(golden, name);
  if (!tensor) fail_msg("cnn_golden.safetensors: no %s", name);
  return tensor->data;
}

static void load_batch(hn_workspace *workspace, const hn_network *network, const float *x) {
  const hn_shape *in = hn_network_input(network);
  for (size_t i = 0; i < BATCH; i++) {
    for (size_t h = 0; h < HEIGHT; h++)
      memcpy(pixel(in, hn_workspace_sample(workspace, i), 0, h, 0), x + (i * HEIGHT + h) * WIDTH,
             WIDTH * sizeof *x);
  }
}

/* Compare each trained parameter, or its gradient, with the tensor "<prefix><name>". */
static void compare(const hn_network *network, const float *values, const hn_tensors *golden,
                    const char *prefix, int averages_too, double tolerance) {
  for (size_t i = 0; i < network->n_layers; i++) {
    const hn_layer *layer = &network->layers[i];
    for (size_t j = 0; j < layer->n_parameters; j++) {
      const hn_parameter *p = &layer->parameters[j];
      if (p->role == HN_PARAMETER_AVERAGE && !averages_too) continue;
      char name[96];
      snprintf(name, sizeof name, "%s%s%zu.%s", prefix, p->stem, layer->number, p->name);
      const float *expected = golden_data(golden, name);
      for (size_t k = 0; k < p->size; k++)
        assert_near(values[layer->offset + p->offset + k], expected[k], tolerance, name);
    }
  }
}

/* A training of make_golden.py, whose results bear a prefix. */
typedef struct {
  const char *prefix;
  hn_optimizer_options optimizer;
  double learning_rate;
  const double *weights; /* of the classes */
} training_case;

static const double class_weights[CLASSES] = {0.5, 2, 1};
static const training_case trainings[] = {
    {"", {.method = HN_OPTIMIZER_ADAMW, .weight_decay = 0.05}, 2e-3, NULL},
    {"sgd.",
     {.method = HN_OPTIMIZER_SGD, .weight_decay = 0.05, .momentum = 0.9, .max_norm = 0.5},
     2e-2,
     class_weights},
    {"nesterov.",
     {.method = HN_OPTIMIZER_SGD, .weight_decay = 0.05, .momentum = 0.8, .nesterov = 1},
     1e-2,
     NULL},
};

static const void *result(const hn_tensors *golden, const training_case *t, const char *name) {
  char whole[96];
  snprintf(whole, sizeof whole, "%s%s", t->prefix, name);
  return golden_data(golden, whole);
}

static void ten_steps(const hn_tensors *golden, const training_case *t, hn_network *network,
                      hn_workspace *workspace) {
  hn_optimizer optimizer;
  const uint64_t streams[BATCH] = {0};
  const float *x = golden_data(golden, "x"), *losses = result(golden, t, "losses");
  const int32_t *y = golden_data(golden, "y");
  assert_ok(hn_optimizer_init(&optimizer, network, &t->optimizer, &error));
  for (size_t step = 0; step < STEPS; step++) {
    const hn_targets targets = {y + step * BATCH, .smoothing = 0.1, .weights = t->weights};
    load_batch(workspace, network, x + step * BATCH * HEIGHT * WIDTH);
    hn_workspace_prepare(workspace);
    const float *logits = hn_workspace_forward_training(workspace, BATCH, 0, streams);
    hn_loss sums =
        hn_cross_entropy(logits, &targets, BATCH, CLASSES, hn_workspace_logit_gradient(workspace));
    assert_near(sums.objective, losses[step], 2e-5, "loss");
    const float *gradient = hn_workspace_backward(workspace);
    if (step == 0 && !*t->prefix) compare(network, gradient, golden, "gradient.", 0, 2e-6);
    hn_optimizer_step(&optimizer, network, gradient, t->learning_rate);
  }
  hn_optimizer_free(&optimizer);
}

/* Tolerances: PyTorch computed in float64, we in float32 (1e-7 a rounding, sums of some hundred
 * terms); ten steps of Adam, whose first steps divide gradients by their own size, multiply that
 * by about a hundred. */
static void ten_steps_as_pytorch(void **state) {
  (void)state;
  hn_tensors *golden;
  hn_workspace *workspace;
  hn_network *network = small_network(3, CLASSES);
  assert_ok(hn_tensors_read(HN_TEST_DIR "/cnn_golden.safetensors", &golden, &error));
  assert_ok(
      hn_workspace_create(network, BATCH, HN_WORKSPACE_TRAINING, 2, NULL, &workspace, &error));
  for (size_t t = 0; t < sizeof trainings / sizeof *trainings; t++) {
    char last[32];
    snprintf(last, sizeof last, "%slast.", trainings[t].prefix);
    assert_ok(hn_network_load(network, golden, &error));
    ten_steps(golden, &trainings[t], network, workspace);
    compare(network, network->parameters, golden, last, 1, 1e-4);
    load_batch(workspace, network, golden_data(golden, "x"));
    hn_workspace_prepare(workspace);
    const float *logits = hn_workspace_forward(workspace, BATCH);
    const float *expected = result(golden, &trainings[t], "logits");
    for (size_t i = 0; i < BATCH * CLASSES; i++) assert_near(logits[i], expected[i], 1e-4, "logit");
  }
  hn_workspace_destroy(workspace);
  hn_network_destroy(network);
  hn_tensors_destroy(golden);
}

/* One pass through every kind of layer, see make_golden.py. */
static const hn_layer_spec block_specs[] = {
    {.kind = &hn_conv_layer,
     .channels = 18,
     .kernel = {5, 3},
     .stride = {2, 1},
     .pad = {2, 1},
     .norm = 1,
     .relu = 1},
    {.kind = &hn_max_pool_layer, .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}},
    {.kind = &hn_conv_layer, .channels = 20, .kernel = {1, 1}, .stride = {2, 2}, .norm = 1},
    {.kind = &hn_conv_layer,
     .channels = 20,
     .kernel = {3, 3},
     .stride = {2, 2},
     .pad = {1, 1},
     .norm = 1,
     .relu = 1,
     .from = 2},
    {.kind = &hn_conv_layer,
     .channels = 20,
     .kernel = {3, 3},
     .pad = {1, 1},
     .norm = 1,
     .relu = 1,
     .side = 2},
    {.kind = &hn_conv_layer,
     .channels = 6,
     .kernel = {3, 3},
     .pad = {1, 1},
     .groups = 2,
     .relu = 1},
    {.kind = &hn_average_pool_layer, .kernel = {3, 2}, .stride = {2, 1}, .pad = {1, 0}},
};
enum { BLOCK_LAYERS = sizeof block_specs / sizeof *block_specs, BLOCK_BATCH = 3 };

/* Compare n samples of a shape with the tensor (n, C, H, W), or copy the tensor into them. */
static void compare_pictures(const hn_shape *s, const float *found, const float *expected,
                             double tolerance, const char *what) {
  for (size_t i = 0; i < BLOCK_BATCH * s->channels * hn_shape_pixels(s); i++) {
    const size_t pixels = hn_shape_pixels(s), plane = i / pixels;
    const float *sample = found + plane / s->channels * hn_shape_size(s);
    assert_near(sample[hn_shape_channel(s, plane % s->channels) + i % pixels * s->block],
                expected[i], tolerance, what);
  }
}

static void copy_pictures(const hn_shape *s, const float *from, float *to) {
  for (size_t i = 0; i < BLOCK_BATCH * s->channels * hn_shape_pixels(s); i++) {
    const size_t pixels = hn_shape_pixels(s), plane = i / pixels;
    to[plane / s->channels * hn_shape_size(s) + hn_shape_channel(s, plane % s->channels) +
       i % pixels * s->block] = from[i];
  }
}

/* Tolerances: PyTorch computed in float64, we in float32; gradients are sums of some thousand
 * products of numbers about 1. */
static void every_layer_as_pytorch(void **state) {
  (void)state;
  hn_tensors *golden;
  hn_network *network;
  const uint64_t streams[BLOCK_BATCH] = {0};
  assert_ok(hn_tensors_read(HN_TEST_DIR "/block_golden.safetensors", &golden, &error));
  assert_ok(hn_network_create(block_specs, BLOCK_LAYERS, 2, 21, 19, &network, &error));
  assert_ok(hn_network_load(network, golden, &error));
  const hn_shape *in = hn_network_input(network), *out = hn_network_output(network);
  for (size_t s = 0; hn_kernels_at(s); s++) {
    hn_workspace *w;
    if (!hn_kernels_at(s)->supported()) continue;
    assert_ok(hn_workspace_create(network, BLOCK_BATCH, HN_WORKSPACE_GRADIENTS, 2, hn_kernels_at(s),
                                  &w, &error));
    copy_pictures(in, golden_data(golden, "x"), hn_workspace_sample(w, 0));
    const float *y = hn_workspace_forward_training(w, BLOCK_BATCH, 0, streams);
    compare_pictures(out, y, golden_data(golden, "y"), 2e-5, "y");
    copy_pictures(out, golden_data(golden, "weights"), hn_workspace_logit_gradient(w));
    compare(network, hn_workspace_backward(w), golden, "gradient.", 0, 1e-3);
    compare_pictures(in, hn_workspace_gradient_at(w, 0), golden_data(golden, "gradient.x"), 1e-4,
                     "gradient of x");
    hn_workspace_destroy(w);
  }
  hn_network_destroy(network);
  hn_tensors_destroy(golden);
}

/* The gradient of every parameter for a batch of n, in a new array. */
static float *gradient_of(const hn_network *network, size_t n, int n_threads,
                          const hn_kernels *kernels) {
  hn_workspace *workspace;
  hn_rng rng;
  uint64_t streams[40];
  int32_t y[40];
  float *copy = hn_calloc(network->n_parameters, sizeof *copy);
  hn_rng_init(&rng, 2, "test", 0);
  assert_ok(hn_workspace_create(network, n, HN_WORKSPACE_TRAINING, n_threads, kernels, &workspace,
                                &error));
  for (size_t i = 0; i < n; i++) {
    streams[i] = i;
    y[i] = (int32_t)(i % CLASSES);
    fill_normal(&rng, hn_network_input(network), hn_workspace_sample(workspace, i));
  }
  const float *logits = hn_workspace_forward_training(workspace, n, 1, streams);
  hn_cross_entropy(logits, &(hn_targets){.y = y}, n, CLASSES,
                   hn_workspace_logit_gradient(workspace));
  memcpy(copy, hn_workspace_backward(workspace), network->n_parameters * sizeof *copy);
  hn_workspace_destroy(workspace);
  return copy;
}

static void gradients_do_not_depend_on_threads(void **state) {
  (void)state;
  static const size_t batches[] = {1, 3, 16, 37}, sizes[] = {3, 5};
  for (size_t s = 0; s < 2; s++) {
    hn_network *network = small_network(sizes[s], CLASSES);
    hn_network_init(network, 4);
    for (size_t b = 0; b < 4; b++) {
      float *one = gradient_of(network, batches[b], 1, NULL);
      float *four = gradient_of(network, batches[b], 4, NULL);
      assert_memory_equal(one, four, network->n_parameters * sizeof *one);
      hn_free(one);
      hn_free(four);
    }
    hn_network_destroy(network);
  }
}

/* Every set of kernels gives the gradient of the plain one, but for rounding. */
static void gradients_of_all_kernels(void **state) {
  (void)state;
  hn_network *network = small_network(3, CLASSES);
  hn_network_init(network, 4);
  float *plain = gradient_of(network, 16, 2, hn_kernels_at(0));
  for (size_t s = 1; hn_kernels_at(s); s++) {
    if (!hn_kernels_at(s)->supported()) continue;
    float *vectors = gradient_of(network, 16, 2, hn_kernels_at(s));
    for (size_t i = 0; i < network->n_parameters; i++)
      assert_near(vectors[i], plain[i], 2e-5, hn_kernels_at(s)->name);
    hn_free(vectors);
  }
  hn_free(plain);
  hn_network_destroy(network);
}

static void saved_and_loaded(void **state) {
  (void)state;
  hn_tensors *tensors;
  hn_network *network = small_network(5, 2), *same = small_network(5, 2);
  hn_network *wider = small_network(5, 3);
  hn_network_init(network, 4);
  assert_ok(hn_tensors_create(&tensors, &error));
  assert_int_equal(hn_network_load(same, tensors, &error), HN_FORMAT); /* no tensor at all */
  assert_ok(hn_network_save(network, tensors, &error));
  assert_non_null(hn_tensors_find(tensors, "conv2.weight"));
  assert_non_null(hn_tensors_find(tensors, "norm1.running_var"));
  assert_ok(hn_network_load(same, tensors, &error));
  assert_memory_equal(same->parameters, network->parameters, network->n_parameters * sizeof(float));
  assert_int_equal(hn_network_load(wider, tensors, &error), HN_FORMAT);
  assert_non_null(strstr(error.message, "dense1.weight: axis 0 has 2 elements"));
  hn_tensors_destroy(tensors);
  hn_network_destroy(network);
  hn_network_destroy(same);
  hn_network_destroy(wider);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ten_steps_as_pytorch),
      cmocka_unit_test(every_layer_as_pytorch),
      cmocka_unit_test(gradients_do_not_depend_on_threads),
      cmocka_unit_test(gradients_of_all_kernels),
      cmocka_unit_test(saved_and_loaded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
