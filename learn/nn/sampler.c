#include "learn/nn/sampler.h"

#include <string.h>

#include "base/memory.h"
#include "base/random.h"

/* by_class = the rows of each class that has any, class by class. */
static void sort_by_class(hn_sampler *s, const int32_t *y, size_t n_classes) {
  size_t at = 0;
  for (size_t k = 0; k < n_classes; k++) {
    const size_t start = at;
    for (size_t i = 0; i < s->n; i++) {
      if ((size_t)y[s->rows[i]] == k) s->by_class[at++] = s->rows[i];
    }
    if (at > start) s->class_starts[s->n_classes++] = start;
  }
  s->class_starts[s->n_classes] = at;
}

hn_status hn_sampler_init(hn_sampler *sampler, const size_t *rows, size_t n, const int32_t *y,
                          size_t n_classes, int is_balanced, hn_error *err) {
  hn_status status = HN_OK;
  hn_sampler fresh = {.rows = rows, .n = n, .is_balanced = is_balanced};
  HN_NEW(fresh.by_class, n, err);
  HN_NEW(fresh.class_starts, n_classes + 1, err);
  HN_NEW(fresh.order, n, err);
  HN_NEW(fresh.draws, n, err);
  sort_by_class(&fresh, y, n_classes);
  *sampler = fresh;
  fresh = (hn_sampler){0};
done:
  hn_sampler_free(&fresh);
  return status;
}

void hn_sampler_free(hn_sampler *sampler) {
  hn_free(sampler->by_class);
  hn_free(sampler->class_starts);
  hn_free(sampler->order);
  hn_free(sampler->draws);
  *sampler = (hn_sampler){0};
}

/* Rows of the classes in turn, shuffled. */
static void draw_balanced(hn_sampler *s, uint64_t seed, size_t epoch, hn_rng *order) {
  memcpy(s->order, s->by_class, s->n * sizeof *s->order);
  for (size_t c = 0; c < s->n_classes; c++) {
    const size_t size = s->class_starts[c + 1] - s->class_starts[c];
    size_t *own = s->order + s->class_starts[c];
    hn_rng rng;
    hn_rng_init(&rng, seed, "network.class", epoch * s->n_classes + c);
    hn_rng_shuffle(&rng, own, size);
    for (size_t i = c, taken = 0; i < s->n; i += s->n_classes, taken++)
      s->draws[i] = (hn_draw){own[taken % size], taken / size};
  }
  for (size_t i = s->n; i > 1; i--) {
    const size_t j = hn_rng_below(order, i);
    const hn_draw draw = s->draws[i - 1];
    s->draws[i - 1] = s->draws[j];
    s->draws[j] = draw;
  }
}

const hn_draw *hn_sampler_draw(hn_sampler *s, uint64_t seed, size_t epoch) {
  hn_rng order;
  hn_rng_init(&order, seed, "network.order", epoch);
  if (s->is_balanced) {
    draw_balanced(s, seed, epoch, &order);
    return s->draws;
  }
  memcpy(s->order, s->rows, s->n * sizeof *s->order);
  hn_rng_shuffle(&order, s->order, s->n);
  for (size_t i = 0; i < s->n; i++) s->draws[i] = (hn_draw){s->order[i], 0};
  return s->draws;
}

void hn_balanced_weights(const size_t *rows, size_t n, const int32_t *y, size_t n_classes,
                         double *weights_out) {
  size_t n_present = 0;
  memset(weights_out, 0, n_classes * sizeof *weights_out);
  for (size_t i = 0; i < n; i++) weights_out[y[rows[i]]]++;
  for (size_t k = 0; k < n_classes; k++) n_present += weights_out[k] > 0;
  for (size_t k = 0; k < n_classes; k++) {
    if (weights_out[k] > 0) weights_out[k] = (double)n / ((double)n_present * weights_out[k]);
  }
}
