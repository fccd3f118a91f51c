/* Whole architectures against PyTorch (golden_architectures.py). */
#include "golden.h"

#include "learn/nn/arch/musicnn.h"
#include "learn/nn/arch/resnet.h"
#include "learn/nn/arch/vgg.h"

enum { CLASSES = 5 };

static hn_error error;

typedef enum { RESNET, VGG, MUSICNN } architecture_family;

/* Widths that fill blocks of 16 channels, and some that do not. */
static const struct {
  const char *name;
  architecture_family family;
  size_t depth, width, shape[2];
} cases[] = {
    {"resnet18.5", RESNET, 18, 5, {21, 35}},  {"resnet18.16", RESNET, 18, 16, {21, 35}},
    {"resnet34.4", RESNET, 34, 4, {21, 35}},  {"vgg11.16", VGG, 11, 16, {16, 37}},
    {"vgg16.5", VGG, 16, 5, {16, 37}},        {"musicnn.8", MUSICNN, 0, 8, {23, 20}},
    {"musicnn.16", MUSICNN, 0, 16, {23, 20}},
};

static hn_network *network_of(size_t i) {
  hn_layer_spec *specs;
  hn_network *network;
  size_t n;
  const size_t depth = cases[i].depth, width = cases[i].width, *shape = cases[i].shape;
  switch (cases[i].family) {
  case RESNET:
    assert_ok(hn_resnet_architecture(depth, width, 0, CLASSES, &specs, &n, &error));
    break;
  case VGG:
    assert_ok(hn_vgg_architecture(depth, width, 0, CLASSES, &specs, &n, &error));
    break;
  case MUSICNN:
    assert_ok(hn_musicnn_architecture(shape[0], shape[1], width, 0, CLASSES, &specs, &n, &error));
    break;
  }
  assert_ok(hn_network_create(specs, n, 1, shape[0], shape[1], &network, &error));
  hn_free(specs);
  return network;
}

/* Tolerance: PyTorch computed in float64, we in float32. Its own float32 differs from that by up to
 * 3e-5 of the largest element, ours by up to 8e-5: batch norm over the few pixels of the last
 * stages divides rounding by a small deviation, up to 34 layers pass it on, Winograd's transforms
 * multiply it by some. */
static void as_pytorch(architecture_family family) {
  hn_tensors *golden = golden_read(HN_TEST_DIR "/architectures_golden.safetensors");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (cases[i].family != family) continue;
    const golden_case c = {golden, cases[i].name, network_of(i), 5e-4};
    golden_check_pass(&c);
    golden_check_steps(&c);
    hn_network_destroy(c.network);
  }
  hn_tensors_destroy(golden);
}

static void resnet_as_pytorch(void **state) {
  (void)state;
  as_pytorch(RESNET);
}

static void vgg_as_pytorch(void **state) {
  (void)state;
  as_pytorch(VGG);
}

static void musicnn_as_pytorch(void **state) {
  (void)state;
  as_pytorch(MUSICNN);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(resnet_as_pytorch),
      cmocka_unit_test(vgg_as_pytorch),
      cmocka_unit_test(musicnn_as_pytorch),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
