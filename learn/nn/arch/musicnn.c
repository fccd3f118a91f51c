#include "learn/nn/arch/musicnn.h"

#include "base/memory.h"

enum { FILTERS = 5, MIDDLE = 3, MOST_LAYERS = 3 * FILTERS + 2 * MIDDLE + 8 };

static const struct {
  double height; /* share of the bands; 0: one band */
  size_t width;  /* frames */
  double channels;
} filters[FILTERS] = {{0.4, 7, 3}, {0.7, 7, 3}, {0, 129, 0.75}, {0, 65, 0.75}, {0, 33, 0.75}};

/* The list as it grows. */
typedef struct {
  hn_layer_spec *specs;
  size_t n;
} list;

/* Append a layer; returns its place. */
static size_t add(list *l, hn_layer_spec spec) {
  l->specs[l->n] = spec;
  return l->n++;
}

/* The channels of layer a, then those of layer b. */
static size_t add_concat(list *l, size_t a, size_t b) {
  return add(l, (hn_layer_spec){.kind = &hn_concat_layer, .from = l->n - a, .side = l->n - b});
}

/* One filter and its maximum over frequency. */
static size_t add_filter(list *l, size_t i, size_t height, size_t width) {
  const size_t share = (size_t)(filters[i].height * (double)height), tall = share > 1 ? share : 1;
  const size_t channels = (size_t)(filters[i].channels * (double)width);
  add(l, (hn_layer_spec){.kind = &hn_conv_layer,
                         .channels = channels,
                         .kernel = {tall, filters[i].width},
                         .pad = {0, filters[i].width / 2},
                         .norm = 1,
                         .relu = 1,
                         .from = l->n + 1 /* the spectrogram */});
  const size_t rows = height - tall + 1;
  return add(l,
             (hn_layer_spec){.kind = &hn_max_pool_layer, .kernel = {rows, 1}, .stride = {rows, 1}});
}

static size_t add_front(list *l, size_t height, size_t width) {
  size_t found = add_filter(l, 0, height, width);
  for (size_t i = 1; i < FILTERS; i++)
    found = add_concat(l, found, add_filter(l, i, height, width));
  return found;
}

static size_t add_middle(list *l, size_t front, size_t width) {
  size_t outputs[MIDDLE], found = front;
  for (size_t i = 0; i < MIDDLE; i++)
    outputs[i] = add(l, (hn_layer_spec){.kind = &hn_conv_layer,
                                        .channels = width,
                                        .kernel = {1, 7},
                                        .pad = {0, 3},
                                        .norm = 1,
                                        .relu = 1,
                                        .side = i > 0});
  for (size_t i = 0; i < MIDDLE; i++) found = add_concat(l, found, outputs[i]);
  return found;
}

hn_status hn_musicnn_architecture(size_t height, size_t window, size_t width, double dropout,
                                  size_t n_classes, hn_layer_spec **specs_out, size_t *n_out,
                                  hn_error *err) {
  list l = {.specs = hn_alloc(MOST_LAYERS, sizeof *l.specs)};
  if (!l.specs) return hn_fail_memory(err);
  const size_t front = add_front(&l, height, width);
  const size_t all = add_middle(&l, front, width);
  hn_layer_spec pool = {.kind = &hn_max_pool_layer, .kernel = {1, window}, .stride = {1, window}};
  const hn_layer_spec drop = {.kind = &hn_dropout_layer, .rate = dropout};
  const size_t largest = add(&l, pool);
  pool.kind = &hn_average_pool_layer;
  pool.from = l.n - all;
  add_concat(&l, largest, add(&l, pool));
  add(&l, (hn_layer_spec){.kind = &hn_global_average_layer}); /* one pixel: now a vector */
  add(&l, drop);
  add(&l, (hn_layer_spec){.kind = &hn_dense_layer, .channels = 3 * width, .relu = 1});
  add(&l, drop);
  add(&l, (hn_layer_spec){.kind = &hn_dense_layer, .channels = n_classes});
  *specs_out = l.specs;
  *n_out = l.n;
  return HN_OK;
}
