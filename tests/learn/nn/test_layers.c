/* Gradients of each layer by central differences. The loss is a sum of outputs with random
 * weights, taken in double. */
#include "testing.h"

#include <string.h>

#include "learn/nn/workspace.h"

enum { SAMPLES = 3 };

static hn_error error;
static const uint64_t streams[SAMPLES] = {4, 5, 6};

typedef struct {
  hn_network *network;
  hn_workspace *workspace;
  hn_shape in, out;
  float *x, *weights; /* (SAMPLES, in), (SAMPLES, out) */
} layer_case;

/* Values on a grid of steps of 0.05 in random order: no two pixels of a channel are so close that
 * a small push changes which of them is the maximum. */
static void fill_grid(const hn_shape *s, hn_rng *rng, float *samples) {
  const size_t n = SAMPLES * s->height * s->width;
  size_t *order = hn_calloc(n, sizeof *order);
  for (size_t c = 0; c < s->channels; c++) {
    for (size_t p = 0; p < n; p++) order[p] = p;
    hn_rng_shuffle(rng, order, n);
    for (size_t p = 0; p < n; p++) {
      size_t i = p / (s->height * s->width), rest = p % (s->height * s->width);
      *pixel(s, samples + i * hn_shape_size(s), c, rest / s->width, rest % s->width) =
          0.05f * ((float)order[p] - 0.5f * (float)n) + 0.4f;
    }
  }
  hn_free(order);
}

static void layer_case_init(layer_case *t, const hn_layer_spec *specs, size_t n_specs,
                            size_t channels, size_t height, size_t width) {
  hn_rng rng;
  hn_rng_init(&rng, 3, "test", channels);
  assert_ok(hn_network_create(specs, n_specs, channels, height, width, &t->network, &error));
  hn_network_init(t->network, 11);
  for (size_t i = 0; i < t->network->n_parameters; i++)
    t->network->parameters[i] += 0.3f * (float)hn_rng_normal(&rng);
  assert_ok(hn_workspace_create(t->network, SAMPLES, HN_WORKSPACE_GRADIENTS, 2, NULL, &t->workspace,
                                &error));
  t->in = *hn_network_input(t->network);
  t->out = *hn_network_output(t->network);
  t->x = hn_calloc(SAMPLES * hn_shape_size(&t->in), sizeof(float));
  t->weights = hn_calloc(SAMPLES * hn_shape_size(&t->out), sizeof(float));
  fill_grid(&t->in, &rng, t->x);
  for (size_t i = 0; i < SAMPLES; i++)
    fill_normal(&rng, &t->out, t->weights + i * hn_shape_size(&t->out));
}

static void layer_case_free(layer_case *t) {
  hn_workspace_destroy(t->workspace);
  hn_network_destroy(t->network);
  hn_free(t->x);
  hn_free(t->weights);
}

static double loss_of(layer_case *t) {
  const size_t n = SAMPLES * hn_shape_size(&t->out);
  memcpy(hn_workspace_sample(t->workspace, 0), t->x,
         SAMPLES * hn_shape_size(&t->in) * sizeof(float));
  hn_workspace_prepare(t->workspace);
  const float *y = hn_workspace_forward_training(t->workspace, SAMPLES, 1, streams);
  double loss = 0;
  for (size_t i = 0; i < n; i++) loss += (double)t->weights[i] * y[i];
  return loss;
}

static double difference(layer_case *t, float *value, float push) {
  const float kept = *value;
  *value = kept + push;
  double above = loss_of(t);
  *value = kept - push;
  double below = loss_of(t);
  *value = kept;
  return (above - below) / (2 * (double)push);
}

/* Compare the gradient of parameters (of many: some sixty of each array) and pixels, relative to 1
 * + its size. Outputs are floats of order 1, so their rounding (6e-8 each, some hundred of them)
 * over 2 * push bounds the tolerance; push is as large as the curvature of the layer allows. */
static void check(layer_case *t, float push, double tolerance) {
  const size_t size_in = SAMPLES * hn_shape_size(&t->in);
  const size_t n_parameters = t->network->n_parameters;
  float *dx = hn_calloc(size_in, sizeof(float)), *dw = hn_calloc(n_parameters, sizeof(float));
  loss_of(t);
  memcpy(hn_workspace_logit_gradient(t->workspace), t->weights,
         SAMPLES * hn_shape_size(&t->out) * sizeof(float));
  memcpy(dw, hn_workspace_backward(t->workspace), n_parameters * sizeof(float));
  memcpy(dx, hn_workspace_gradient_at(t->workspace, 0), size_in * sizeof(float));
  for (size_t l = 0; l < t->network->n_layers; l++) {
    const hn_layer *layer = &t->network->layers[l];
    for (size_t j = 0; j < layer->n_parameters; j++) {
      const hn_parameter *p = &layer->parameters[j];
      for (size_t k = 0; p->role != HN_PARAMETER_AVERAGE && k < p->size; k += 1 + p->size / 60) {
        size_t at = layer->offset + p->offset + k;
        double expected = difference(t, &t->network->parameters[at], push);
        assert_near(dw[at], expected, tolerance * (1 + fabs(expected)), p->name);
      }
    }
  }
  for (size_t i = 0; i < SAMPLES; i++) {
    for (size_t c = 0; c < t->in.channels; c++) {
      for (size_t p = 0; p < t->in.height * t->in.width; p++) {
        float *value =
            pixel(&t->in, t->x + i * hn_shape_size(&t->in), c, p / t->in.width, p % t->in.width);
        double expected = difference(t, value, push);
        assert_near(dx[value - t->x], expected, tolerance * (1 + fabs(expected)), "input");
      }
    }
  }
  hn_free(dx);
  hn_free(dw);
}

/* Check the gradients of a chain of layers. */
static void check_layers(const hn_layer_spec *specs, size_t n_specs, const size_t shape[3],
                         float push, double tolerance) {
  layer_case t;
  layer_case_init(&t, specs, n_specs, shape[0], shape[1], shape[2]);
  check(&t, push, tolerance);
  layer_case_free(&t);
}

/* Linear layers: a large push, little rounding. */
static const float far = 0.5f;

static void conv_gradient(void **state) {
  (void)state;
  static const struct {
    size_t in[3];
    hn_layer_spec spec;
  } cases[] = {
      {{2, 5, 6}, {.channels = 5, .kernel = {3, 3}, .pad = {1, 1}}},
      {{2, 5, 6}, {.channels = 5, .kernel = {5, 5}, .pad = {2, 2}}},
      {{2, 5, 6}, {.channels = 5, .kernel = {1, 1}}},
      {{1, 9, 7}, {.channels = 3, .kernel = {7, 7}, .pad = {3, 3}, .stride = {2, 2}}},
      {{3, 8, 9}, {.channels = 4, .kernel = {3, 2}, .pad = {0, 1}, .stride = {3, 1}}},
      {{2, 7, 5}, {.channels = 2, .kernel = {2, 4}, .pad = {3, 2}, .stride = {1, 2}}},
      {{4, 5, 5}, {.channels = 6, .kernel = {3, 3}, .pad = {1, 1}, .groups = 2}},
      {{3, 4, 5}, {.channels = 3, .kernel = {1, 1}, .stride = {2, 3}}},
      {{3, 4, 1}, {.channels = 3, .kernel = {1, 1}, .stride = {2, 2}}},
      {{3, 4, 5}, {.channels = 6, .kernel = {2, 2}, .stride = {2, 2}, .groups = 3}},
      {{2, 1, 1}, {.channels = 3, .kernel = {4, 3}, .pad = {2, 1}}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hn_layer_spec spec = cases[i].spec;
    spec.kind = &hn_conv_layer;
    check_layers(&spec, 1, cases[i].in, far, 2e-3);
  }
}

/* From blocks of channels: Winograd's way, tiles over the edges, more than one block, and the
 * direct way behind it. */
static void conv_of_blocks_gradient(void **state) {
  (void)state;
  static const size_t shapes[][3] = {{2, 4, 4}, {2, 5, 7}, {2, 1, 9}, {1, 9, 1}, {1, 1, 1}};
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    const hn_layer_spec first = {.kind = &hn_conv_layer, .channels = 3, .kernel = {1, 1}};
    const hn_layer_spec chain[3] = {
        first,
        {.kind = &hn_conv_layer, .channels = 18, .kernel = {3, 3}, .pad = {1, 1}},
        {.kind = &hn_conv_layer, .channels = 2, .kernel = {3, 3}, .pad = {1, 1}, .stride = {2, 1}}};
    check_layers(chain, 3, shapes[i], 0.1f, 4e-3);
    const hn_layer_spec grouped[2] = {chain[1],
                                      {.kind = &hn_conv_layer,
                                       .channels = 36,
                                       .kernel = {2, 4},
                                       .pad = {1, 3},
                                       .stride = {1, 2},
                                       .groups = 18}};
    check_layers(grouped, 2, shapes[i], 0.1f, 4e-3);
  }
}

/* Batch norm, ReLU and pooling, with a negative scale. */
static void norm_and_pool_gradient(void **state) {
  (void)state;
  static const size_t shapes[][3] = {{1, 6, 8}, {1, 5, 7}, {1, 1, 9}, {1, 1, 1}};
  for (size_t i = 0; i < 8; i++) {
    layer_case t;
    const hn_layer_spec spec = {.kind = &hn_conv_layer,
                                .channels = 3,
                                .kernel = {1, 1},
                                .norm = i < 4,
                                .relu = i != 2,
                                .pool = {2, 2}};
    layer_case_init(&t, &spec, 1, shapes[i % 4][0], shapes[i % 4][1], shapes[i % 4][2]);
    t.network->parameters[t.network->layers[0].parameters[1].offset + 1] = -0.7f;
    check(&t, 5e-4f, 8e-3);
    layer_case_free(&t);
  }
}

/* Take over a layer of one input channel, its input and the weights of its loss; the weights and
 * the pixels of further input channels are zero. */
static void copy_first_channel(const layer_case *from, layer_case *to) {
  const hn_layer *source = &from->network->layers[0], *target = &to->network->layers[0];
  const size_t n_in = to->in.channels, size = source->parameters[0].size;
  for (size_t i = 0; i < size * n_in; i++)
    to->network->parameters[i] =
        i / 9 % n_in == 0 ? from->network->parameters[i / 9 / n_in * 9 + i % 9] : 0;
  memcpy(to->network->parameters + target->parameters[1].offset,
         from->network->parameters + source->parameters[1].offset,
         (source->size - size) * sizeof(float));
  for (size_t s = 0; s < SAMPLES; s++) {
    float *x = to->x + s * hn_shape_size(&to->in);
    const size_t pixels = hn_shape_pixels(&to->in);
    memset(x, 0, hn_shape_size(&to->in) * sizeof *x);
    memcpy(x, from->x + s * pixels, pixels * sizeof *x);
  }
  memcpy(to->weights, from->weights, SAMPLES * hn_shape_size(&to->out) * sizeof(float));
}

static const float *gradients_of(layer_case *t) {
  loss_of(t);
  memcpy(hn_workspace_logit_gradient(t->workspace), t->weights,
         SAMPLES * hn_shape_size(&t->out) * sizeof(float));
  return hn_workspace_backward(t->workspace);
}

/* A first layer's own way against the direct one, which takes over as soon as there is a second
 * input channel, here of zeros. (Central differences would meet pools that choose another pixel.)
 * Pictures of odd and even sizes, more than one block of channels, negative and zero scales. */
static void first_layer_as_direct(void **state) {
  (void)state;
  static const size_t shapes[][2] = {{6, 8}, {5, 7}, {2, 2}, {3, 19}, {18, 2}, {37, 41}};
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    layer_case first, twin;
    const hn_layer_spec spec = {.kind = &hn_conv_layer,
                                .channels = i % 2 ? 3 : 18,
                                .kernel = {3, 3},
                                .pad = {1, 1},
                                .norm = 1,
                                .relu = 1,
                                .pool = {2, 2}};
    layer_case_init(&first, &spec, 1, 1, shapes[i][0], shapes[i][1]);
    layer_case_init(&twin, &spec, 1, 2, shapes[i][0], shapes[i][1]);
    const hn_layer *layer = &first.network->layers[0];
    float *scales = first.network->parameters + layer->parameters[1].offset;
    scales[1] = -0.7f, scales[2] = 0;
    copy_first_channel(&first, &twin);
    const float *found = gradients_of(&first), *expected = gradients_of(&twin);
    const float *y = hn_workspace_activations(first.workspace, 1);
    const float *twin_y = hn_workspace_activations(twin.workspace, 1);
    for (size_t k = 0; k < SAMPLES * hn_shape_size(&first.out); k++)
      assert_near(y[k], twin_y[k], 2e-5, "activation");
    for (size_t k = 0; k < layer->size; k++) {
      const size_t at =
          k < layer->parameters[0].size ? k / 9 * 18 + k % 9 : k + layer->parameters[0].size;
      assert_near(found[k], expected[at], 1e-4 * (1 + fabsf(expected[at])), "parameter");
    }
    for (size_t k = 0; k < SAMPLES * hn_shape_pixels(&first.in); k++) {
      const size_t pixels = hn_shape_pixels(&first.in), at = k / pixels * 2 * pixels + k % pixels;
      const float dx = hn_workspace_gradient_at(twin.workspace, 0)[at];
      assert_near(hn_workspace_gradient_at(first.workspace, 0)[k], dx, 1e-4 * (1 + fabsf(dx)),
                  "input");
    }
    layer_case_free(&first);
    layer_case_free(&twin);
  }
}

/* A block as in a residual network: two ways from one output, one with a stride, and their sum.
 * Linear, so that one push fits all; with norms and ReLU: test_network.c. */
static void residual_gradient(void **state) {
  (void)state;
  const hn_layer_spec same = {
      .kind = &hn_conv_layer, .channels = 3, .kernel = {3, 3}, .pad = {1, 1}};
  hn_layer_spec specs[6] = {same, same, same, same, same, same};
  specs[2].side = 2; /* the input of layer 1 */
  specs[3].kernel[0] = specs[3].kernel[1] = 1, specs[3].pad[0] = specs[3].pad[1] = 0;
  specs[3].stride[0] = specs[3].stride[1] = 2;
  specs[4].stride[0] = specs[4].stride[1] = 2, specs[4].from = 2;
  specs[5].side = 2;
  check_layers(specs, 6, (const size_t[]){1, 6, 5}, 0.1f, 2e-3);
}

/* Pieces that neither begin nor end with a block; the first layer's output is wanted twice. */
static void concat_gradient(void **state) {
  (void)state;
  const hn_layer_spec conv = {.kind = &hn_conv_layer, .channels = 18, .kernel = {1, 1}};
  hn_layer_spec specs[4] = {conv, conv, {.kind = &hn_concat_layer, .side = 2}, conv};
  specs[1].channels = 3;
  check_layers(specs, 3, (const size_t[]){2, 3, 4}, far, 2e-3);
  check_layers(specs, 4, (const size_t[]){2, 3, 4}, far, 2e-3);
  const hn_layer_spec vectors[3] = {{.kind = &hn_global_average_layer},
                                    {.kind = &hn_dense_layer, .channels = 3},
                                    {.kind = &hn_concat_layer, .side = 2}};
  check_layers(vectors, 3, (const size_t[]){2, 3, 4}, far, 2e-3);
}

static void pooling_gradient(void **state) {
  (void)state;
  const hn_layer_spec max = {
      .kind = &hn_max_pool_layer, .kernel = {3, 2}, .stride = {2, 2}, .pad = {1, 0}};
  hn_layer_spec average = max;
  average.kind = &hn_average_pool_layer;
  check_layers(&max, 1, (const size_t[]){2, 7, 6}, 0.01f, 1e-3);
  check_layers(&average, 1, (const size_t[]){2, 7, 6}, far, 1e-5);
  check_layers(&max, 1, (const size_t[]){2, 1, 2}, 0.01f, 1e-3);
  const hn_layer_spec even = {
      .kind = &hn_average_pool_layer, .kernel = {4, 2}, .stride = {1, 3}, .pad = {2, 1}};
  check_layers(&even, 1, (const size_t[]){2, 5, 6}, far, 1e-5);
  const hn_layer_spec blocks[2] = {{.kind = &hn_conv_layer, .channels = 17, .kernel = {1, 1}}, max};
  check_layers(blocks, 2, (const size_t[]){1, 5, 4}, 1e-3f, 1e-2);
}

/* As in PyTorch: a network that has gone astray must not look well. */
static void pooling_keeps_nan(void **state) {
  (void)state;
  const hn_layer_spec max = {.kind = &hn_max_pool_layer, .kernel = {1, 2}, .stride = {1, 2}};
  layer_case t;
  layer_case_init(&t, &max, 1, 1, 1, 6);
  const float x[6] = {1, NAN, NAN, 1, 3, 2};
  memcpy(hn_workspace_sample(t.workspace, 0), x, sizeof x);
  const float *y = hn_workspace_forward(t.workspace, 1);
  assert_true(isnan(y[0]) && isnan(y[1]) && y[2] == 3);
  layer_case_free(&t);
}

static void global_average_gradient(void **state) {
  (void)state;
  const hn_layer_spec average = {.kind = &hn_global_average_layer};
  check_layers(&average, 1, (const size_t[]){3, 4, 5}, far, 1e-5);
  const hn_layer_spec blocks[2] = {{.kind = &hn_conv_layer, .channels = 17, .kernel = {1, 1}},
                                   average};
  check_layers(blocks, 2, (const size_t[]){1, 5, 4}, far, 1e-3);
}

static void dense_gradient(void **state) {
  (void)state;
  const hn_layer_spec average = {.kind = &hn_global_average_layer};
  const hn_layer_spec specs[2] = {average, {.kind = &hn_dense_layer, .channels = 4}};
  check_layers(specs, 2, (const size_t[]){6, 1, 2}, far, 1e-5);
  const hn_layer_spec relu[2] = {average, {.kind = &hn_dense_layer, .channels = 4, .relu = 1}};
  check_layers(relu, 2, (const size_t[]){6, 1, 2}, 2e-4f, 4e-3);
}

static void dropout_gradient_and_share(void **state) {
  (void)state;
  layer_case t;
  const hn_layer_spec specs[2] = {{.kind = &hn_global_average_layer},
                                  {.kind = &hn_dropout_layer, .rate = 0.25}};
  layer_case_init(&t, specs, 2, 400, 1, 1);
  check(&t, far, 1e-5);
  /* what is not 0 was divided by 1 - rate; evaluation leaves everything as it is */
  loss_of(&t);
  const float *y = hn_workspace_activations(t.workspace, 2);
  const float *x = hn_workspace_activations(t.workspace, 1);
  size_t dropped = 0;
  for (size_t i = 0; i < SAMPLES * 400; i++) {
    dropped += y[i] == 0;
    if (y[i] != 0) assert_near(y[i], x[i] / 0.75, 1e-5, "kept");
  }
  assert_near((double)dropped, 300, 60, "dropped of 1200"); /* ± 4 standard deviations */
  assert_memory_not_equal(y, y + 400, 400);
  y = hn_workspace_forward(t.workspace, SAMPLES);
  assert_memory_equal(y, x, SAMPLES * 400 * sizeof(float));
  layer_case_free(&t);
}

static void what_layers_refuse(void **state) {
  (void)state;
  hn_network *network = NULL;
  hn_layer_spec wide = {.kind = &hn_conv_layer, .channels = 2, .kernel = {3, 11}, .pad = {0, 1}};
  assert_int_equal(hn_network_create(&wide, 1, 1, 8, 8, &network, &error), HN_INVALID);
  assert_non_null(strstr(error.message, "a kernel of 11 pixels on a picture of 8"));
  hn_layer_spec groups = {.kind = &hn_conv_layer, .channels = 3, .kernel = {1, 1}, .groups = 2};
  assert_int_equal(hn_network_create(&groups, 1, 4, 8, 8, &network, &error), HN_INVALID);
  assert_non_null(strstr(error.message, "2 groups of 4 input and 3 output channels"));
  hn_layer_spec pool = {.kind = &hn_max_pool_layer, .kernel = {2, 9}};
  assert_int_equal(hn_network_create(&pool, 1, 4, 8, 8, &network, &error), HN_INVALID);
  hn_layer_spec sum[2] = {{.kind = &hn_conv_layer, .channels = 3, .kernel = {1, 1}},
                          {.kind = &hn_conv_layer, .channels = 4, .kernel = {1, 1}, .side = 1}};
  assert_int_equal(hn_network_create(sum, 2, 1, 8, 8, &network, &error), HN_INVALID);
  assert_non_null(strstr(error.message, "gives (4, 8, 8), the layer to add to it (3, 8, 8)"));
  hn_layer_spec join[2] = {{.kind = &hn_conv_layer, .channels = 3, .kernel = {3, 1}},
                           {.kind = &hn_concat_layer, .side = 2}};
  assert_int_equal(hn_network_create(join, 2, 1, 8, 8, &network, &error), HN_INVALID);
  assert_non_null(strstr(error.message, "pictures of"));
  hn_layer_spec dense = {.kind = &hn_dense_layer, .channels = 2};
  assert_int_equal(hn_network_create(&dense, 1, 1, 8, 8, &network, &error), HN_INVALID);
  hn_layer_spec dropout = {.kind = &hn_dropout_layer, .rate = 1};
  assert_int_equal(hn_network_create(&dropout, 1, 1, 8, 8, &network, &error), HN_INVALID);
  assert_null(network);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(conv_gradient),
      cmocka_unit_test(conv_of_blocks_gradient),
      cmocka_unit_test(norm_and_pool_gradient),
      cmocka_unit_test(first_layer_as_direct),
      cmocka_unit_test(residual_gradient),
      cmocka_unit_test(concat_gradient),
      cmocka_unit_test(pooling_gradient),
      cmocka_unit_test(global_average_gradient),
      cmocka_unit_test(pooling_keeps_nan),
      cmocka_unit_test(dense_gradient),
      cmocka_unit_test(dropout_gradient_and_share),
      cmocka_unit_test(what_layers_refuse),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
