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
  return sample + hn_shape_channel(s, c) + (i * s->width + j) * s->block;
}

static inline void fill_normal(hn_rng *rng, const hn_shape *s, float *sample) {
  for (size_t c = 0; c < s->channels; c++) {
    for (size_t i = 0; i < s->height; i++) {
      for (size_t j = 0; j < s->width; j++) *pixel(s, sample, c, i, j) = (float)hn_rng_normal(rng);
    }
  }
}

#endif
