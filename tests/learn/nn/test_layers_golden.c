/* Every layer by itself against PyTorch (golden_layers.py). Behind a 1×1 convolution a layer takes
 * its input in blocks of channels, else in planes. */
#include "golden.h"

#include <string.h>

static hn_error error;

enum { MOST_LAYERS = 5 };

typedef struct {
  const char *name;
  size_t shape[3];
  size_t blocks; /* channels of a 1×1 convolution in front; 0: none */
  hn_layer_spec specs[MOST_LAYERS];
} layer_case;

#define PLANES                                                                                     \
  { 3, 8, 9 }
#define ODD                                                                                        \
  { 3, 7, 9 }
#define WIDE                                                                                       \
  { 2, 3, 203 }
#define ONE                                                                                        \
  { 3, 1, 1 }
#define CONV(n, height, width) .kind = &hn_conv_layer, .channels = (n), .kernel = {height, width}
#define SAME CONV(18, 3, 3), .pad = {1, 1}
#define MAX(height, width) .kind = &hn_max_pool_layer, .kernel = {height, width}
#define AVERAGE(height, width) .kind = &hn_average_pool_layer, .kernel = {height, width}
#define GLOBAL                                                                                     \
  { .kind = &hn_global_average_layer }
#define DENSE(n) .kind = &hn_dense_layer, .channels = (n)

static const layer_case convolutions[] = {
    {"conv.1x1", PLANES, 0, {{CONV(5, 1, 1)}}},
    {"conv.1x1 stride 2", PLANES, 0, {{CONV(5, 1, 1), .stride = {2, 2}}}},
    {"conv.3x3", PLANES, 0, {{CONV(5, 3, 3), .pad = {1, 1}}}},
    {"conv.3x3 unpadded", PLANES, 0, {{CONV(17, 3, 3)}}},
    {"conv.7x7 stride 2", {1, 13, 15}, 0, {{CONV(18, 7, 7), .stride = {2, 2}, .pad = {3, 3}}}},
    {"conv.5x3", PLANES, 0, {{CONV(4, 5, 3), .stride = {2, 1}, .pad = {2, 1}}}},
    {"conv.2x4 wide padding", PLANES, 0, {{CONV(4, 2, 4), .stride = {1, 2}, .pad = {3, 2}}}},
    {"conv.2x1 gaps", PLANES, 0, {{CONV(4, 2, 1), .stride = {3, 2}}}},
    {"conv.wide", WIDE, 0, {{CONV(4, 3, 3), .pad = {1, 1}}}},
    {"conv.groups", {4, 5, 6}, 0, {{CONV(6, 3, 3), .pad = {1, 1}, .groups = 2}}},
    {"conv.one pixel", ONE, 0, {{CONV(4, 5, 5), .pad = {2, 2}}}},
    {"blocks.1x1", PLANES, 18, {{CONV(33, 1, 1)}}},
    {"blocks.1x1 stride 2", PLANES, 18, {{CONV(20, 1, 1), .stride = {2, 2}}}},
    {"blocks.3x3", PLANES, 20, {{SAME}}},
    {"blocks.3x3 large", {2, 29, 34}, 16, {{CONV(16, 3, 3), .pad = {1, 1}}}},
    {"blocks.3x3 of one column", {2, 9, 1}, 17, {{CONV(5, 3, 3), .pad = {1, 1}}}},
    {"blocks.3x3 stride 2", PLANES, 20, {{SAME, .stride = {2, 2}}}},
    {"blocks.3x3 unpadded", PLANES, 20, {{CONV(18, 3, 3)}}},
    {"blocks.4x4 stride 2", PLANES, 17, {{CONV(5, 4, 4), .stride = {2, 2}, .pad = {1, 1}}}},
    {"blocks.2x2 stride 2", PLANES, 17, {{CONV(5, 2, 2), .stride = {2, 2}}}},
    {"blocks.1x9", PLANES, 17, {{CONV(5, 1, 9), .pad = {0, 4}}}},
    {"blocks.5x1 wide padding", PLANES, 17, {{CONV(5, 5, 1), .stride = {2, 3}, .pad = {4, 0}}}},
    {"blocks.wide", WIDE, 17, {{CONV(4, 3, 2), .stride = {1, 2}, .pad = {1, 1}}}},
    {"blocks.groups", PLANES, 20, {{CONV(10, 3, 3), .pad = {1, 1}, .groups = 5}}},
    {"blocks.depthwise",
     PLANES,
     18,
     {{CONV(36, 3, 3), .stride = {2, 2}, .pad = {1, 1}, .groups = 18}}},
    {"blocks.one pixel", ONE, 17, {{SAME}}},
};

static const layer_case behind_convolutions[] = {
    {"norm.planes", PLANES, 0, {{CONV(5, 3, 3), .pad = {1, 1}, .norm = 1}}},
    {"norm.blocks", PLANES, 17, {{SAME, .norm = 1}}},
    {"norm.one pixel", ONE, 17, {{CONV(18, 1, 1), .norm = 1}}},
    {"relu.planes", PLANES, 0, {{CONV(5, 3, 3), .pad = {1, 1}, .relu = 1}}},
    {"relu.blocks", PLANES, 17, {{SAME, .norm = 1, .relu = 1}}},
    {"pool.bias", ODD, 0, {{SAME, .pool = {2, 2}}}},
    {"pool.bias relu", ODD, 17, {{SAME, .relu = 1, .pool = {2, 2}}}},
    {"pool.norm", {1, 7, 9}, 0, {{CONV(3, 3, 3), .pad = {1, 1}, .norm = 1, .pool = {2, 2}}}},
    {"pool.norm relu", ODD, 17, {{SAME, .norm = 1, .relu = 1, .pool = {2, 2}}}},
    {"pool.rows",
     PLANES,
     0,
     {{CONV(5, 5, 5), .pad = {2, 2}, .norm = 1, .relu = 1, .pool = {2, 1}}}},
    {"pool.columns",
     WIDE,
     17,
     {{CONV(5, 3, 3), .pad = {1, 1}, .norm = 1, .relu = 1, .pool = {1, 2}}}},
    {"residual.bias",
     PLANES,
     17,
     {{CONV(17, 1, 1)}, {CONV(17, 3, 3), .pad = {1, 1}, .from = 2, .side = 1}}},
    {"residual.norm relu",
     PLANES,
     17,
     {{CONV(17, 1, 1)},
      {CONV(17, 3, 3), .pad = {1, 1}, .norm = 1, .relu = 1, .from = 2, .side = 1}}},
};

static const layer_case others[] = {
    {"max.2x2", PLANES, 0, {{MAX(2, 2), .stride = {2, 2}}}},
    {"max.3x3 stride 2", {3, 9, 8}, 0, {{MAX(3, 3), .stride = {2, 2}, .pad = {1, 1}}}},
    {"max.3x2", {3, 7, 6}, 17, {{MAX(3, 2), .stride = {1, 3}, .pad = {1, 1}}}},
    {"max.whole", PLANES, 17, {{MAX(8, 9), .stride = {8, 9}}}},
    {"max.gaps", PLANES, 17, {{MAX(1, 2), .stride = {3, 3}}}},
    {"max.one pixel", ONE, 0, {{MAX(3, 3), .pad = {1, 1}}}},
    {"average.2x2", PLANES, 0, {{AVERAGE(2, 2), .stride = {2, 2}}}},
    {"average.3x3 stride 2", {3, 9, 8}, 17, {{AVERAGE(3, 3), .stride = {2, 2}, .pad = {1, 1}}}},
    {"average.4x2", {3, 7, 6}, 0, {{AVERAGE(4, 2), .stride = {1, 3}, .pad = {2, 1}}}},
    {"average.whole", PLANES, 17, {{AVERAGE(8, 9), .stride = {8, 9}}}},
    {"average.one pixel", ONE, 0, {{AVERAGE(3, 3), .pad = {1, 1}}}},
    {"global.planes", PLANES, 0, {GLOBAL}},
    {"global.blocks", PLANES, 18, {GLOBAL}},
    {"dense.linear", PLANES, 18, {GLOBAL, {DENSE(5)}}},
    {"dense.relu", PLANES, 18, {GLOBAL, {DENSE(7), .relu = 1}, {DENSE(3)}}},
    {"concat.unaligned",
     PLANES,
     18,
     {{CONV(5, 1, 1)}, {.kind = &hn_concat_layer, .side = 2}, {CONV(3, 3, 3), .pad = {1, 1}}}},
    {"concat.aligned",
     PLANES,
     16,
     {{CONV(32, 1, 1)}, {.kind = &hn_concat_layer, .side = 2}, {CONV(3, 3, 3), .pad = {1, 1}}}},
};

static hn_network *network_of(const layer_case *t) {
  hn_layer_spec specs[MOST_LAYERS + 1] = {{CONV(t->blocks, 1, 1)}};
  hn_network *network;
  size_t n = t->blocks > 0;
  for (size_t i = 0; i < MOST_LAYERS && t->specs[i].kind; i++) specs[n++] = t->specs[i];
  assert_ok(hn_network_create(specs, n, t->shape[0], t->shape[1], t->shape[2], &network, &error));
  return network;
}

/* Tolerance: PyTorch computed in float64, we in float32: sums of some thousand products, rounded to
 * 6e-8 each; Winograd's transforms multiply that by some. */
static void check(const layer_case *cases, size_t n) {
  hn_tensors *golden = golden_read(HN_TEST_DIR "/layers_golden.safetensors");
  for (size_t i = 0; i < n; i++) {
    const golden_case c = {golden, cases[i].name, network_of(&cases[i]), 5e-5};
    golden_check_pass(&c);
    hn_network_destroy(c.network);
  }
  hn_tensors_destroy(golden);
}

static void convolutions_as_pytorch(void **state) {
  (void)state;
  check(convolutions, sizeof convolutions / sizeof *convolutions);
}

static void behind_convolutions_as_pytorch(void **state) {
  (void)state;
  check(behind_convolutions, sizeof behind_convolutions / sizeof *behind_convolutions);
}

static void other_layers_as_pytorch(void **state) {
  (void)state;
  check(others, sizeof others / sizeof *others);
}

/* Where neither dropped a value: which ones are is drawn differently. */
static void dropout_as_pytorch(void **state) {
  (void)state;
  enum { D = 60, SIZE = GOLDEN_SAMPLES * D };
  const hn_layer_spec specs[2] = {{.kind = &hn_global_average_layer},
                                  {.kind = &hn_dropout_layer, .rate = 0.25}};
  const uint64_t streams[GOLDEN_SAMPLES] = {1, 2, 3, 4};
  hn_tensors *golden = golden_read(HN_TEST_DIR "/layers_golden.safetensors");
  golden_case c = {golden, "dropout", NULL, 0};
  hn_workspace *w;
  size_t n_kept = 0;
  assert_ok(hn_network_create(specs, 2, D, 1, 1, &c.network, &error));
  assert_ok(
      hn_workspace_create(c.network, GOLDEN_SAMPLES, HN_WORKSPACE_GRADIENTS, 1, NULL, &w, &error));
  const float *x = golden_tensor(&c, "x", SIZE), *y = golden_tensor(&c, "y", SIZE);
  const float *dy = golden_tensor(&c, "dy", SIZE), *dx = golden_tensor(&c, "dx", SIZE);
  memcpy(hn_workspace_sample(w, 0), x, SIZE * sizeof *x);
  const float *found = hn_workspace_forward_training(w, GOLDEN_SAMPLES, 1, streams);
  memcpy(hn_workspace_logit_gradient(w), dy, SIZE * sizeof *dy);
  hn_workspace_backward(w);
  const float *back = hn_workspace_gradient_at(w, 1);
  for (size_t i = 0; i < SIZE; i++) {
    if (found[i] == 0) assert_true(back[i] == 0);
    if (found[i] == 0 || y[i] == 0) continue;
    assert_near(found[i], y[i], 2e-7 * fabsf(y[i]), "kept");
    assert_near(back[i], dx[i], 2e-7 * fabsf(dx[i]), "gradient");
    n_kept++;
  }
  assert_near((double)n_kept, 0.5625 * SIZE, 40, "kept by both"); /* ± 5 standard deviations */
  hn_workspace_destroy(w);
  hn_network_destroy(c.network);
  hn_tensors_destroy(golden);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(convolutions_as_pytorch),
      cmocka_unit_test(behind_convolutions_as_pytorch),
      cmocka_unit_test(other_layers_as_pytorch),
      cmocka_unit_test(dropout_as_pytorch),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
