/* Time one network on random data, for network.py:
 *     network_benchmark NETWORK CHANNELS HEIGHT WIDTH [N_STEPS]
 * NETWORK: resnet18, resnet34, vgg11 …, musicnn, or the blocks of a cnn as "16,32,64,128". Prints,
 * for batches of 16 and two threads, the seconds of each training step (forward, backward, update)
 * in one line, those of each inference in the next, then the peak memory in bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/memory.h"
#include "base/threads.h"
#include "learn/nn/arch/cnn.h"
#include "learn/nn/arch/musicnn.h"
#include "learn/nn/arch/resnet.h"
#include "learn/nn/arch/vgg.h"
#include "learn/nn/loss.h"
#include "learn/nn/optimizer.h"
#include "learn/nn/workspace.h"

enum { BATCH = 16, CLASSES = 10, THREADS = 2, MOST_BLOCKS = 16 };

static hn_error error;

static void check(hn_status status) {
  if (status == HN_OK) return;
  fprintf(stderr, "network_benchmark: %s\n", error.message);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static hn_network *network_of(const char *name, const size_t shape[3]) {
  hn_layer_spec *specs;
  size_t n_specs, n_blocks = 0;
  hn_network *network;
  if (strncmp(name, "resnet", 6) == 0) {
    check(hn_resnet_architecture(strtoul(name + 6, NULL, 10), 64, 0, CLASSES, &specs, &n_specs,
                                 &error));
  } else if (strncmp(name, "vgg", 3) == 0) {
    check(hn_vgg_architecture(strtoul(name + 3, NULL, 10), 64, 0.5, CLASSES, &specs, &n_specs,
                              &error));
  } else if (strcmp(name, "musicnn") == 0) {
    check(hn_musicnn_architecture(shape[1], shape[2], 64, 0.5, CLASSES, &specs, &n_specs, &error));
  } else {
    double channels[MOST_BLOCKS];
    for (const char *at = name; at && n_blocks < MOST_BLOCKS; at = strchr(at, ','))
      channels[n_blocks++] = atof(*at == ',' ? ++at : at);
    check(hn_cnn_architecture(channels, n_blocks, 3, 0.5, CLASSES, &specs, &n_specs, &error));
  }
  check(hn_network_create(specs, n_specs, shape[0], shape[1], shape[2], &network, &error));
  hn_free(specs);
  hn_network_init(network, 1);
  return network;
}

/* Random pixels in ±1. */
static void fill(hn_workspace *workspace, const hn_network *network) {
  hn_rng rng;
  hn_rng_init(&rng, 1, "benchmark", 0);
  hn_fill_uniform(&rng, hn_workspace_sample(workspace, 0),
                  BATCH * hn_shape_size(hn_network_input(network)), 1);
}

static void time_training(hn_network *network, size_t n_steps) {
  hn_workspace *workspace;
  hn_optimizer optimizer;
  const hn_optimizer_options adamw = {.weight_decay = 0.01};
  uint64_t streams[BATCH];
  int32_t y[BATCH];
  const hn_targets targets = {.y = y};
  for (size_t i = 0; i < BATCH; i++) streams[i] = i, y[i] = (int32_t)(i % CLASSES);
  check(hn_workspace_create(network, BATCH, HN_WORKSPACE_TRAINING, THREADS, NULL, &workspace,
                            &error));
  check(hn_optimizer_init(&optimizer, network, &adamw, &error));
  fill(workspace, network);
  for (size_t step = 0; step < n_steps; step++) {
    const double start = now();
    hn_workspace_prepare(workspace);
    const float *logits = hn_workspace_forward_training(workspace, BATCH, step, streams);
    hn_cross_entropy(logits, &targets, BATCH, CLASSES, hn_workspace_logit_gradient(workspace));
    hn_optimizer_step(&optimizer, network, hn_workspace_backward(workspace), 1e-3);
    printf("%.6f ", now() - start);
  }
  printf("\n");
  hn_optimizer_free(&optimizer);
  hn_workspace_destroy(workspace);
}

static void time_inference(const hn_network *network, size_t n_steps) {
  hn_workspace *workspace;
  check(hn_workspace_create(network, BATCH, HN_WORKSPACE_INFERENCE, THREADS, NULL, &workspace,
                            &error));
  fill(workspace, network);
  for (size_t step = 0; step < n_steps; step++) {
    const double start = now();
    hn_workspace_forward(workspace, BATCH);
    printf("%.6f ", now() - start);
  }
  printf("\n");
  hn_workspace_destroy(workspace);
}

int main(int argc, char **argv) {
  if (argc < 5) {
    fprintf(stderr, "usage: network_benchmark NETWORK CHANNELS HEIGHT WIDTH [N_STEPS]\n");
    return 2;
  }
  size_t shape[3];
  for (int i = 0; i < 3; i++) shape[i] = strtoul(argv[2 + i], NULL, 10);
  const size_t n_steps = argc > 5 ? strtoul(argv[5], NULL, 10) : 10;
  hn_threads_set(THREADS);
  hn_network *network = network_of(argv[1], shape);
  time_training(network, n_steps);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  time_inference(network, n_steps);
  printf("%ld\n", usage.ru_maxrss * 1024);
  hn_network_destroy(network);
  return 0;
}
