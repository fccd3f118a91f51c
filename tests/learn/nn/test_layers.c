/* Gradients of each layer by central differences. The loss is a sum of outputs with random
 * weights, taken in double. */
#include "testing.h"

#include <string.h>

#include "learn/nn/loss.h"
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

static void layer_case_init(layer_case *t, hn_layer_spec spec, size_t channels, size_t height,
                            size_t width, int vector) {
  hn_rng rng;
  hn_rng_init(&rng, 3, "test", channels);
  /* a vector is what the global average makes of a picture */
  const hn_layer_spec both[2] = {{.kind = &hn_global_average_layer}, spec};
  assert_ok(hn_network_create(vector ? both : &spec, vector ? 2 : 1, channels, height, width,
                              &t->network, &error));
  hn_network_init(t->network, 11);
  for (size_t i = 0; i < t->network->n_parameters; i++)
    t->network->parameters[i] += 0.3f * (float)hn_rng_normal(&rng);
  assert_ok(hn_workspace_create(t->network, SAMPLES, 1, 2, NULL, &t->workspace, &error));
  hn_workspace_want_input_gradient(t->workspace, 1);
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

/* Compare every parameter's and every pixel's gradient, relative to 1 + its size. Outputs are
 * floats of order 1, so their rounding (6e-8 each, some hundred of them) over 2 * push bounds the
 * tolerance; push is as large as the curvature of the layer allows. */
static void check(layer_case *t, float push, double tolerance) {
  const size_t size_in = SAMPLES * hn_shape_size(&t->in);
  const size_t n_parameters = t->network->n_parameters;
  float *dx = hn_calloc(size_in, sizeof(float)), *dw = hn_calloc(n_parameters, sizeof(float));
  loss_of(t);
  memcpy(hn_workspace_activations(t->workspace, t->network->n_layers), t->weights,
         SAMPLES * hn_shape_size(&t->out) * sizeof(float));
  memcpy(dw, hn_workspace_backward(t->workspace), n_parameters * sizeof(float));
  memcpy(dx, hn_workspace_activations(t->workspace, 0), size_in * sizeof(float));
  for (size_t i = 0; i < SAMPLES; i++)
    assert_int_equal(dirty_border(&t->in, dx + i * hn_shape_size(&t->in)), 0);
  for (size_t l = 0; l < t->network->n_layers; l++) {
    const hn_layer *layer = &t->network->layers[l];
    for (size_t j = 0; j < layer->n_parameters; j++) {
      const hn_parameter *p = &layer->parameters[j];
      for (size_t k = 0; p->role != HN_PARAMETER_AVERAGE && k < p->size; k++) {
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

static void conv_gradient(void **state) {
  (void)state;
  static const size_t sizes[] = {3, 5, 1}; /* linear: a large push, little rounding */
  for (size_t i = 0; i < 3; i++) {
    layer_case t;
    layer_case_init(&t,
                    (hn_layer_spec){.kind = &hn_conv_layer, .channels = 5, .kernel_size = sizes[i]},
                    2, 5, 6, 0);
    check(&t, 0.5f, 2e-3);
    layer_case_free(&t);
  }
}

static void norm_pool_gradient(void **state) {
  (void)state;
  static const size_t sizes[][2] = {{6, 8}, {5, 7}, {1, 9}, {1, 1}};
  for (size_t i = 0; i < 4; i++) {
    layer_case t;
    layer_case_init(&t, (hn_layer_spec){.kind = &hn_norm_pool_layer}, 3, sizes[i][0], sizes[i][1],
                    0);
    t.network->parameters[1] = -0.7f; /* a negative scale */
    check(&t, 2e-3f, 4e-3);
    layer_case_free(&t);
  }
}

static void global_average_gradient(void **state) {
  (void)state;
  layer_case t;
  layer_case_init(&t, (hn_layer_spec){.kind = &hn_global_average_layer}, 3, 4, 5, 0);
  check(&t, 0.5f, 1e-5);
  layer_case_free(&t);
}

static void dense_gradient(void **state) {
  (void)state;
  layer_case t;
  layer_case_init(&t, (hn_layer_spec){.kind = &hn_dense_layer, .channels = 4}, 6, 1, 2, 1);
  check(&t, 0.5f, 1e-5);
  layer_case_free(&t);
}

static void dropout_gradient_and_share(void **state) {
  (void)state;
  layer_case t;
  layer_case_init(&t, (hn_layer_spec){.kind = &hn_dropout_layer, .rate = 0.25}, 400, 1, 1, 1);
  check(&t, 0.5f, 1e-5);
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

static double objective_of(const float logits[6], const int32_t y[2], size_t i, float push) {
  float pushed[6];
  memcpy(pushed, logits, sizeof pushed);
  pushed[i] += push;
  return hn_cross_entropy(pushed, y, 2, 3, 0.1).objective / 2;
}

static void cross_entropy_gradient(void **state) {
  (void)state;
  const float logits[6] = {0.5f, -1.25f, 2, -3, 0.25f, 0}, push = 0.0078125f;
  const int32_t y[2] = {1, 2};
  float gradient[6];
  memcpy(gradient, logits, sizeof gradient);
  assert_int_equal(hn_cross_entropy(gradient, y, 2, 3, 0.1).n_correct, 0);
  for (size_t i = 0; i < 6; i++) {
    double slope = objective_of(logits, y, i, push) - objective_of(logits, y, i, -push);
    assert_near(gradient[i], slope / (2 * (double)push), 1e-5, "logit");
  }
}

static void softmax_survives_large_logits(void **state) {
  (void)state;
  const float logits[3] = {1e4f, 1e4f, -1e4f};
  const int32_t y = 0;
  float p[3];
  hn_softmax(logits, 1, 3, p);
  assert_near(p[0], 0.5, 1e-7, "p");
  assert_true(p[2] == 0);
  hn_loss sum = hn_cross_entropy_of(p, &y, 1, 3);
  assert_near(sum.loss, log(2), 1e-6, "loss");
  assert_int_equal(sum.n_correct, 1); /* the first on ties */
}

static void what_layers_refuse(void **state) {
  (void)state;
  hn_network *network = NULL;
  hn_layer_spec even = {.kind = &hn_conv_layer, .channels = 2, .kernel_size = 4};
  assert_int_equal(hn_network_create(&even, 1, 1, 8, 8, &network, &error), HN_INVALID);
  assert_non_null(strstr(error.message, "kernel_size 4"));
  hn_layer_spec dense = {.kind = &hn_dense_layer, .channels = 2};
  assert_int_equal(hn_network_create(&dense, 1, 1, 8, 8, &network, &error), HN_INVALID);
  hn_layer_spec dropout = {.kind = &hn_dropout_layer, .rate = 1};
  assert_int_equal(hn_network_create(&dropout, 1, 1, 8, 8, &network, &error), HN_INVALID);
  assert_null(network);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(conv_gradient),
      cmocka_unit_test(norm_pool_gradient),
      cmocka_unit_test(global_average_gradient),
      cmocka_unit_test(dense_gradient),
      cmocka_unit_test(dropout_gradient_and_share),
      cmocka_unit_test(cross_entropy_gradient),
      cmocka_unit_test(softmax_survives_large_logits),
      cmocka_unit_test(what_layers_refuse),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
