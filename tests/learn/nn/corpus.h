/* A small corpus of spectrograms that networks learn from, and networks on it. */
#ifndef HN_TESTS_LEARN_NN_CORPUS_H
#define HN_TESTS_LEARN_NN_CORPUS_H

#include "testing.h"

#include "learn/nn/network_classifier.h"

static hn_error error;

enum { BANDS = 8, CLASSES = 3 };

/* A corpus of n items in dB, widths around `width`: the class is the band that pulses and how
 * fast. y_out (n). */
static inline void corpus_init(hn_features *x, int32_t *y_out, size_t n, size_t width) {
  x->kind = HN_FEATURES_IMAGES;
  assert_ok(hn_images_init(&x->as.images, n, BANDS, &error));
  for (size_t i = 0; i < n; i++) {
    hn_rng rng;
    hn_rng_init(&rng, 1, "test", i);
    const size_t w = width + hn_rng_below(&rng, 1 + width / 3), class = i % CLASSES;
    float *item = hn_alloc(BANDS * w, sizeof *item);
    x->as.images.items[i] = item;
    x->as.images.widths[i] = w;
    y_out[i] = (int32_t) class;
    for (size_t h = 0; h < BANDS; h++) {
      for (size_t t = 0; t < w; t++) {
        float pulse = h / 2 == class && t % (3 + class) == 0 ? 12 : 0;
        item[h * w + t] = -40 - 2 * (float)h + 5 * (float)hn_rng_normal(&rng) + pulse;
      }
    }
  }
}

static inline hn_options *options_of(const char *const *pairs) {
  hn_options *options;
  assert_ok(hn_options_create(hn_cnn_kind.options, &options, &error));
  for (; *pairs; pairs += 2) assert_ok(hn_options_set(options, pairs[0], pairs[1], &error));
  return options;
}

#define OPTIONS(...) options_of((const char *const[]){__VA_ARGS__, NULL})

static inline double accuracy(const void *model, const hn_features *x, const int32_t *y) {
  const size_t n = x->as.images.n_items;
  float *p = hn_calloc(n * CLASSES, sizeof *p);
  size_t n_correct = 0;
  assert_ok(hn_cnn_kind.predict_proba(model, x, p, &error));
  for (size_t i = 0; i < n; i++) {
    const float *row = p + i * CLASSES;
    assert_near(row[0] + row[1] + row[2], 1, 1e-6, "sum of probabilities");
    size_t best = row[1] > row[0] ? 1 : 0;
    if (row[2] > row[best]) best = 2;
    n_correct += best == (size_t)y[i];
  }
  hn_free(p);
  return (double)n_correct / (double)n;
}

#endif
