/* The convolution layer, linear, against naive loops in double: random kernels, strides, paddings
 * and groups. */
#include "testing.h"

#include <string.h>

#include "learn/nn/workspace.h"

enum { SAMPLES = 2, CASES = 1000 };

static hn_error error;
static const uint64_t streams[SAMPLES] = {0};

typedef struct {
  hn_network *network;
  hn_workspace *workspace;
  const hn_layer *conv;
  size_t index; /* of that layer, whose input is x */
} conv_case;

static size_t between(hn_rng *rng, size_t first, size_t last) {
  return first + (size_t)hn_rng_below(rng, last - first + 1);
}

/* A convolution that fits a picture of `size` pixels; half of them 3×3 with padding 1, a third of
 * those of stride 1. */
static hn_layer_spec random_conv(hn_rng *rng, size_t n_in, const size_t size[2]) {
  hn_layer_spec spec = {.kind = &hn_conv_layer, .groups = between(rng, 1, 3)};
  while (n_in % spec.groups) spec.groups--;
  if (hn_rng_below(rng, 8) == 0) spec.groups = n_in; /* depthwise */
  spec.channels = spec.groups * between(rng, 1, spec.groups > 3 ? 2 : 20);
  const int is_usual = hn_rng_below(rng, 2) == 0;
  for (int axis = 0; axis < 2; axis++) {
    spec.pad[axis] = is_usual ? 1 : between(rng, 0, 4);
    const size_t largest = size[axis] + 2 * spec.pad[axis];
    spec.kernel[axis] = is_usual ? 3 : between(rng, 1, largest < 7 ? largest : 7);
    spec.stride[axis] = between(rng, 1, 3);
  }
  if (is_usual && spec.stride[0] == 1) spec.stride[1] = spec.groups = 1;
  return spec;
}

/* In every second case from blocks: behind a 1×1 convolution. */
static void conv_case_init(conv_case *t, uint64_t number) {
  hn_rng rng;
  hn_rng_init(&rng, 1, "test", number);
  const size_t size[2] = {between(&rng, 1, 9), between(&rng, 1, number % 16 ? 9 : 230)};
  const size_t n_in = between(&rng, 1, number % 2 ? 4 : 34);
  hn_layer_spec specs[2] = {
      {.kind = &hn_conv_layer, .channels = n_in, .kernel = {1, 1}},
  };
  t->index = number % 2 == 0;
  specs[t->index] = random_conv(&rng, n_in, size);
  assert_ok(hn_network_create(specs, t->index + 1, t->index ? 2 : n_in, size[0], size[1],
                              &t->network, &error));
  t->conv = &t->network->layers[t->index];
  const double fan_in = (double)(t->conv->parameters[0].size / t->conv->spec.channels);
  for (size_t i = 0; i < t->network->n_parameters; i++) /* outputs about 1 */
    t->network->parameters[i] = (float)(hn_rng_normal(&rng) / sqrt(fan_in));
  assert_ok(hn_workspace_create(t->network, SAMPLES, HN_WORKSPACE_GRADIENTS, 1, NULL, &t->workspace,
                                &error));
  const hn_shape *in = hn_network_input(t->network), *out = &t->conv->out;
  for (size_t i = 0; i < SAMPLES; i++) fill_normal(&rng, in, hn_workspace_sample(t->workspace, i));
  hn_workspace_forward_training(t->workspace, SAMPLES, 0, streams);
  for (size_t i = 0; i < SAMPLES; i++)
    fill_normal(&rng, out, hn_workspace_logit_gradient(t->workspace) + i * hn_shape_size(out));
}

static void conv_case_free(conv_case *t) {
  hn_workspace_destroy(t->workspace);
  hn_network_destroy(t->network);
}

/* What the loops sum, in double; pixels in the order (samples, C, H, W). */
typedef struct {
  double *y, *dx, *dw;
} sums;

/* All products of one output pixel. */
static void add_pixel(const conv_case *t, const sums *s, size_t sample, size_t k, size_t i,
                      size_t j) {
  const hn_layer_spec *spec = &t->conv->spec;
  const hn_shape *in = &t->conv->in, *out = &t->conv->out;
  const size_t n_in = in->channels / spec->groups, n_out = out->channels / spec->groups;
  const float *weights = t->network->parameters + t->conv->offset;
  float *x = hn_workspace_activations(t->workspace, t->index) + sample * hn_shape_size(in);
  float *dy = hn_workspace_logit_gradient(t->workspace) + sample * hn_shape_size(out);
  const double d = *pixel(out, dy, k, i, j);
  double y = weights[out->channels * n_in * spec->kernel[0] * spec->kernel[1] + k];
  for (size_t c = 0; c < n_in; c++) {
    for (size_t tap = 0; tap < spec->kernel[0] * spec->kernel[1]; tap++) {
      const size_t row = i * spec->stride[0] + tap / spec->kernel[1] - spec->pad[0];
      const size_t column = j * spec->stride[1] + tap % spec->kernel[1] - spec->pad[1];
      const size_t w = (k * n_in + c) * spec->kernel[0] * spec->kernel[1] + tap;
      const size_t channel = k / n_out * n_in + c;
      if (row >= in->height || column >= in->width) continue; /* negative ones are large */
      const double value = *pixel(in, x, channel, row, column);
      y += weights[w] * value;
      s->dw[w] += d * value;
      s->dx[((sample * in->channels + channel) * in->height + row) * in->width + column] +=
          d * weights[w];
    }
  }
  s->y[((sample * out->channels + k) * out->height + i) * out->width + j] = y;
}

static void check_pictures(const hn_shape *s, const float *found, const double *expected,
                           double tolerance, const char *what) {
  for (size_t i = 0; i < SAMPLES * s->channels * hn_shape_pixels(s); i++) {
    const size_t pixels = hn_shape_pixels(s), plane = i / pixels;
    const float *sample = found + plane / s->channels * hn_shape_size(s);
    assert_near(sample[hn_shape_channel(s, plane % s->channels) + i % pixels * s->block],
                expected[i], tolerance, what);
  }
}

/* Tolerances: outputs are about 1, gradients of weights sums of up to 4000 products of numbers
 * about 1, rounded to 6e-8 each; Winograd's transforms, whose numbers grow a hundredfold on the
 * way, multiply that. */
static void check(const conv_case *t) {
  const hn_shape *in = &t->conv->in, *out = &t->conv->out;
  const size_t n_weights = t->conv->parameters[0].size;
  const sums s = {hn_calloc(SAMPLES * out->channels * hn_shape_pixels(out), sizeof(double)),
                  hn_calloc(SAMPLES * in->channels * hn_shape_pixels(in), sizeof(double)),
                  hn_calloc(n_weights, sizeof(double))};
  for (size_t i = 0; i < SAMPLES * out->channels * hn_shape_pixels(out); i++) {
    const size_t p = i % hn_shape_pixels(out), plane = i / hn_shape_pixels(out);
    add_pixel(t, &s, plane / out->channels, plane % out->channels, p / out->width, p % out->width);
  }
  check_pictures(out, hn_workspace_activations(t->workspace, t->index + 1), s.y, 1e-4, "y");
  const float *gradient = hn_workspace_backward(t->workspace) + t->conv->offset;
  for (size_t i = 0; i < n_weights; i++) assert_near(gradient[i], s.dw[i], 2e-3, "weight");
  check_pictures(in, hn_workspace_gradient_at(t->workspace, t->index), s.dx, 4e-4, "input");
  hn_free(s.y);
  hn_free(s.dx);
  hn_free(s.dw);
}

static void as_naive_loops(void **state) {
  (void)state;
  for (uint64_t number = 0; number < CASES; number++) {
    conv_case t;
    conv_case_init(&t, number);
    check(&t);
    conv_case_free(&t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(as_naive_loops)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
