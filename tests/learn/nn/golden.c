#include "golden.h"

#include <string.h>

#include "learn/nn/loss.h"
#include "learn/nn/optimizer.h"

enum { STREAM_X = 1000, STREAM_DY = 2000, STREAM_PROJECTION = 3000 };

static hn_error error;
static const uint64_t streams[GOLDEN_SAMPLES] = {0};

/* Number i of a stream, uniform in [-1, 1): a counter through the finaliser of SplitMix64. */
static float drawn(uint64_t seed, uint64_t stream, uint64_t i) {
  uint64_t z = ((seed << 48 | stream << 32) + i) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return (float)(z >> 40) / (1 << 23) - 1;
}

hn_tensors *golden_read(const char *path) {
  hn_tensors *golden;
  assert_ok(hn_tensors_read(path, &golden, &error));
  return golden;
}

const void *golden_tensor(const golden_case *c, const char *name, size_t size) {
  char whole[96];
  snprintf(whole, sizeof whole, "%s.%s", c->name, name);
  const hn_tensor *tensor = hn_tensors_find(c->golden, whole);
  if (!tensor || tensor->n_bytes != size * sizeof(float))
    fail_msg("the golden file has no %s of %zu elements", whole, size);
  return tensor->data;
}

static uint64_t seed_of(const golden_case *c) {
  return (uint64_t) * (const int32_t *)golden_tensor(c, "seed", 1);
}

static float parameter_value(const hn_parameter *p, float number) {
  if (p->role == HN_PARAMETER_WEIGHT) {
    const double fan_in = (double)(p->size / p->shape[0]);
    return (float)sqrt(6 / fan_in) * number;
  }
  if (!strcmp(p->stem, "norm") && !strcmp(p->name, "weight")) return 0.5f + number;
  if (!strcmp(p->name, "running_var")) return 1.25f + number;
  return 0.5f * number;
}

static void draw_parameters(const golden_case *c) {
  const uint64_t seed = seed_of(c);
  uint64_t stream = 0;
  for (size_t i = 0; i < c->network->n_layers; i++) {
    const hn_layer *layer = &c->network->layers[i];
    for (size_t j = 0; j < layer->n_parameters; j++, stream++) {
      const hn_parameter *p = &layer->parameters[j];
      float *values = c->network->parameters + layer->offset + p->offset;
      for (size_t k = 0; k < p->size; k++) values[k] = parameter_value(p, drawn(seed, stream, k));
    }
  }
}

/* scale * drawn numbers into all samples of a shape, in the order (samples, C, H, W). */
static void draw_pictures(const golden_case *c, uint64_t stream, float scale, const hn_shape *s,
                          float *samples) {
  const uint64_t seed = seed_of(c);
  const size_t pixels = hn_shape_pixels(s);
  for (size_t i = 0; i < GOLDEN_SAMPLES * s->channels * pixels; i++) {
    float *sample = samples + i / (s->channels * pixels) * hn_shape_size(s);
    const size_t at = i % pixels;
    *pixel(s, sample, i / pixels % s->channels, at / s->width, at % s->width) =
        scale * drawn(seed, stream, i);
  }
}

/* Compare n products, each of a row of n_columns numbers with drawn ones, with the golden ones. */
typedef struct {
  const golden_case *c;
  const char *name;
  const float *expected;
  double largest;
} products;

static products products_of(const golden_case *c, const char *name, size_t n) {
  products p = {c, name, golden_tensor(c, name, n), 0.1};
  for (size_t i = 0; i < n; i++) p.largest = fmax(p.largest, fabsf(p.expected[i]));
  return p;
}

static void check_row(const products *p, size_t row, const float *values, size_t stride,
                      size_t n_columns) {
  char what[128];
  double sum = 0;
  for (size_t j = 0; j < n_columns; j++)
    sum += values[j * stride] * (n_columns > 1 ? (double)drawn(0, STREAM_PROJECTION, j) : 1);
  snprintf(what, sizeof what, "%s.%s, row %zu", p->c->name, p->name, row);
  assert_near(sum, p->expected[row], p->c->tolerance * p->largest, what);
}

static void check_pictures(const golden_case *c, const char *name, const hn_shape *s,
                           const float *samples) {
  const size_t n_rows = GOLDEN_SAMPLES * s->channels;
  const products p = products_of(c, name, n_rows);
  for (size_t row = 0; row < n_rows; row++) {
    const float *sample = samples + row / s->channels * hn_shape_size(s);
    check_row(&p, row, sample + hn_shape_channel(s, row % s->channels), s->block,
              hn_shape_pixels(s));
  }
}

static void check_gradients(const golden_case *c, const float *gradient) {
  for (size_t i = 0; i < c->network->n_layers; i++) {
    const hn_layer *layer = &c->network->layers[i];
    for (size_t j = 0; j < layer->n_parameters; j++) {
      const hn_parameter *parameter = &layer->parameters[j];
      const size_t n_columns = parameter->size / parameter->shape[0];
      char name[64];
      snprintf(name, sizeof name, "gradient.%s%zu.%s", parameter->stem, layer->number,
               parameter->name);
      const products p = products_of(c, name, parameter->shape[0]);
      for (size_t row = 0; row < parameter->shape[0]; row++)
        check_row(&p, row, gradient + layer->offset + parameter->offset + row * n_columns, 1,
                  n_columns);
    }
  }
}

static hn_workspace *workspace_of(const golden_case *c, hn_workspace_use use, int n_threads,
                                  const hn_kernels *kernels) {
  hn_workspace *w;
  assert_ok(hn_workspace_create(c->network, GOLDEN_SAMPLES, use, n_threads, kernels, &w, &error));
  return w;
}

static void check_evaluation(const golden_case *c, const hn_kernels *kernels) {
  hn_workspace *w = workspace_of(c, HN_WORKSPACE_INFERENCE, 1, kernels);
  draw_pictures(c, STREAM_X, 2, hn_network_input(c->network), hn_workspace_sample(w, 0));
  check_pictures(c, "evaluation", hn_network_output(c->network),
                 hn_workspace_forward(w, GOLDEN_SAMPLES));
  hn_workspace_destroy(w);
}

static void check_training(const golden_case *c, const hn_kernels *kernels) {
  const hn_shape *in = hn_network_input(c->network), *out = hn_network_output(c->network);
  hn_workspace *w = workspace_of(c, HN_WORKSPACE_GRADIENTS, 1, kernels);
  draw_pictures(c, STREAM_X, 2, in, hn_workspace_sample(w, 0));
  check_pictures(c, "training", out, hn_workspace_forward_training(w, GOLDEN_SAMPLES, 0, streams));
  draw_pictures(c, STREAM_DY, 1, out, hn_workspace_logit_gradient(w));
  check_gradients(c, hn_workspace_backward(w));
  check_pictures(c, "gradient.x", in, hn_workspace_gradient_at(w, 0));
  hn_workspace_destroy(w);
}

void golden_check_pass(const golden_case *c) {
  draw_parameters(c);
  for (size_t s = 0; hn_kernels_at(s); s++) {
    if (!hn_kernels_at(s)->supported()) continue;
    check_evaluation(c, hn_kernels_at(s));
    check_training(c, hn_kernels_at(s));
  }
}

void golden_check_steps(const golden_case *c) {
  const size_t n_classes = hn_network_output(c->network)->channels;
  const hn_optimizer_options sgd = {
      .method = HN_OPTIMIZER_SGD, .weight_decay = 0.05, .momentum = 0.9};
  const products losses = products_of(c, "losses", GOLDEN_STEPS);
  const products last = products_of(c, "last", GOLDEN_SAMPLES * n_classes);
  hn_workspace *w = workspace_of(c, HN_WORKSPACE_TRAINING, 2, NULL);
  hn_optimizer optimizer;
  draw_parameters(c);
  assert_ok(hn_optimizer_init(&optimizer, c->network, &sgd, &error));
  for (size_t step = 0; step < GOLDEN_STEPS; step++) {
    int32_t y[GOLDEN_SAMPLES];
    for (size_t i = 0; i < GOLDEN_SAMPLES; i++) y[i] = (int32_t)((i + step) % n_classes);
    const hn_targets targets = {.y = y, .smoothing = 0.1};
    draw_pictures(c, STREAM_X + step, 2, hn_network_input(c->network), hn_workspace_sample(w, 0));
    hn_workspace_prepare(w);
    const float *logits = hn_workspace_forward_training(w, GOLDEN_SAMPLES, 0, streams);
    const hn_loss loss = hn_cross_entropy(logits, &targets, GOLDEN_SAMPLES, n_classes,
                                          hn_workspace_logit_gradient(w));
    check_row(&losses, step, &(float){(float)loss.objective}, 1, 1);
    hn_optimizer_step(&optimizer, c->network, hn_workspace_backward(w), 0.01);
  }
  hn_workspace_prepare(w);
  const float *logits = hn_workspace_forward(w, GOLDEN_SAMPLES);
  for (size_t i = 0; i < GOLDEN_SAMPLES * n_classes; i++) check_row(&last, i, logits + i, 1, 1);
  hn_optimizer_free(&optimizer);
  hn_workspace_destroy(w);
}
