/* What the tests of the network engine share. */
#ifndef HN_TESTS_LEARN_NN_TESTING_H
#define HN_TESTS_LEARN_NN_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/random.h"
#include "learn/nn/shape.h"

#define assert_ok(call)                                                                            \
  do {                                                                                             \
    hn_status ok_status = (call);                                                                  \
    if (ok_status != HN_OK) fail_msg("%s: %s", #call, error.message);                              \
  } while (0)

static inline void assert_near(double found, double expected, double tolerance, const char *what) {
  if (!(fabs(found - expected) <= tolerance))
    fail_msg("%s: found %.9g, expected %.9g ± %g", what, found, expected, tolerance);
}

/* Pixel (c, i, j) of a sample. */
static inline float *pixel(const hn_shape *s, float *sample, size_t c, size_t i, size_t j) {
  return sample + c * s->plane + s->origin + i * s->row + j;
}

static inline void fill_normal(hn_rng *rng, const hn_shape *s, float *sample) {
  for (size_t c = 0; c < s->channels; c++) {
    for (size_t i = 0; i < s->height; i++) {
      for (size_t j = 0; j < s->width; j++) *pixel(s, sample, c, i, j) = (float)hn_rng_normal(rng);
    }
  }
}

/* How many floats of a sample are not 0 though they belong to the border. */
static inline size_t dirty_border(const hn_shape *s, float *sample) {
  size_t dirty = 0, seen = 0;
  for (size_t p = 0; p < hn_shape_size(s); p++) dirty += sample[p] != 0;
  for (size_t c = 0; c < s->channels; c++) {
    for (size_t i = 0; i < s->height; i++) {
      for (size_t j = 0; j < s->width; j++) seen += *pixel(s, sample, c, i, j) != 0;
    }
  }
  return dirty - seen;
}

#endif
