#include "testing.h"

#include <string.h>

#include "learn/nn/im2col.h"
#include "learn/nn/kernels.h"

static hn_error error;

typedef struct {
  size_t n_in, n_out, height, width;
} extent;

/* Odd and even sizes, one pixel, rows shorter and longer than any vector, more than one chunk. */
static const extent extents[] = {{1, 8, 12, 33}, {3, 5, 7, 9},   {4, 4, 1, 40}, {2, 1, 9, 1},
                                 {1, 1, 1, 1},   {6, 9, 2, 129}, {2, 3, 40, 70}};

/* One sample of random input and gradient, with the plain answers to compare with. */
typedef struct {
  hn_shape in, out;
  float *x, *dy, *weights, *packed, *y, *expected, *dw, *expected_dw;
  size_t n_weights;
} conv_case;

static void conv_case_init(conv_case *t, extent e) {
  hn_rng rng;
  hn_rng_init(&rng, 5, "test", e.width);
  assert_ok(hn_shape_image(e.n_in, e.height, e.width, &t->in, &error));
  assert_ok(hn_shape_image(e.n_out, e.height, e.width, &t->out, &error));
  t->n_weights = e.n_in * e.n_out * 9;
  t->x = hn_alloc_aligned(hn_shape_size(&t->in), sizeof(float));
  t->dy = hn_alloc_aligned(hn_shape_size(&t->out), sizeof(float));
  t->y = hn_alloc_aligned(hn_shape_size(&t->out), sizeof(float));
  t->expected = hn_alloc_aligned(hn_shape_size(&t->out), sizeof(float));
  t->weights = hn_calloc(t->n_weights, sizeof(float));
  t->dw = hn_calloc(t->n_weights, sizeof(float));
  t->expected_dw = hn_calloc(t->n_weights, sizeof(float));
  t->packed = hn_calloc(hn_conv3x3_packed_size(e.n_in, e.n_out), sizeof(float));
  fill_normal(&rng, &t->in, t->x);
  fill_normal(&rng, &t->out, t->dy);
  for (size_t i = 0; i < t->n_weights; i++) t->weights[i] = (float)hn_rng_normal(&rng);
  hn_conv3x3_pack(t->weights, e.n_in, e.n_out, 0, t->packed);
  hn_kernels_at(0)->conv3x3(&t->in, &t->out, t->x, t->packed, t->expected);
  hn_kernels_at(0)->conv3x3_weights(&t->in, &t->out, t->x, t->dy, t->expected_dw);
}

static void conv_case_free(conv_case *t) {
  float *all[] = {t->x, t->dy, t->y, t->expected, t->weights, t->dw, t->expected_dw, t->packed};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) hn_free(all[i]);
}

static void assert_same(const float *found, const float *expected, size_t n, double scale,
                        const char *what) {
  for (size_t i = 0; i < n; i++) assert_near(found[i], expected[i], 2e-6 * scale, what);
}

static void conv3x3_sets_agree(void **state) {
  (void)state;
  for (size_t e = 0; e < sizeof extents / sizeof *extents; e++) {
    conv_case t;
    conv_case_init(&t, extents[e]);
    const double pixels = (double)(t.in.height * t.in.width);
    for (size_t s = 1; hn_kernels_at(s); s++) {
      const hn_kernels *set = hn_kernels_at(s);
      if (!set->supported()) continue;
      memset(t.y, 0, hn_shape_size(&t.out) * sizeof(float));
      memset(t.dw, 0, t.n_weights * sizeof(float));
      set->conv3x3(&t.in, &t.out, t.x, t.packed, t.y);
      set->conv3x3_weights(&t.in, &t.out, t.x, t.dy, t.dw);
      /* errors grow with the length of the sums; values are of order √length */
      assert_same(t.y, t.expected, hn_shape_size(&t.out), 9 * (double)t.in.channels, set->name);
      assert_same(t.dw, t.expected_dw, t.n_weights, sqrt(pixels) * 8, set->name);
    }
    conv_case_free(&t);
  }
}

static void im2col_is_the_twin(void **state) {
  (void)state;
  for (size_t e = 0; e < sizeof extents / sizeof *extents; e++) {
    conv_case t;
    conv_case_init(&t, extents[e]);
    const double pixels = (double)(t.in.height * t.in.width);
    float *scratch = hn_calloc(hn_im2col_scratch(&t.in, 3), sizeof(float));
    hn_im2col_forward(&t.in, &t.out, 3, t.weights, t.x, t.y, scratch);
    hn_im2col_weights(&t.in, &t.out, 3, t.x, t.dy, t.dw, scratch);
    assert_same(t.y, t.expected, hn_shape_size(&t.out), 9 * (double)t.in.channels, "im2col");
    assert_same(t.dw, t.expected_dw, t.n_weights, sqrt(pixels) * 8, "im2col weights");
    /* the gradient of the input is a convolution with turned weights */
    float *turned = hn_calloc(hn_conv3x3_packed_size(t.out.channels, t.in.channels), 4);
    float *dx = hn_alloc_aligned(hn_shape_size(&t.in), sizeof(float));
    hn_conv3x3_pack(t.weights, t.in.channels, t.out.channels, 1, turned);
    hn_kernels_best()->conv3x3(&t.out, &t.in, t.dy, turned, dx);
    hn_im2col_input(&t.in, &t.out, 3, t.weights, t.dy, t.x, scratch);
    assert_same(dx, t.x, hn_shape_size(&t.in), 9 * (double)t.out.channels, "im2col input");
    hn_free(turned);
    hn_free(dx);
    hn_free(scratch);
    conv_case_free(&t);
  }
}

static void pool_sets_agree(void **state) {
  (void)state;
  static const extent sizes[] = {{1, 1, 8, 64}, {1, 1, 9, 67}, {1, 1, 5, 3},
                                 {1, 1, 1, 50}, {1, 1, 50, 1}, {1, 1, 1, 1}};
  for (size_t e = 0; e < sizeof sizes / sizeof *sizes; e++) {
    const size_t height = sizes[e].height, width = sizes[e].width;
    hn_shape in, out;
    assert_ok(hn_shape_image(1, height, width, &in, &error));
    hn_pooling g = {height, width, in.row, height > 1 ? 2 : 1, width > 1 ? 2 : 1, 0, 0, 0};
    g.out_height = height / g.pool_height;
    g.out_width = width / g.pool_width;
    assert_ok(hn_shape_image(1, g.out_height, g.out_width, &out, &error));
    g.out_row = out.row;
    float *y[2], *pooled[2], *d = hn_alloc_aligned(hn_shape_size(&out), sizeof(float));
    uint8_t *where[2];
    for (int i = 0; i < 2; i++) {
      y[i] = hn_alloc_aligned(hn_shape_size(&in), sizeof(float));
      pooled[i] = hn_alloc_aligned(hn_shape_size(&out), sizeof(float));
      where[i] = hn_calloc(g.out_height * g.out_width + HN_POOLED_SLACK, 1);
    }
    hn_rng rng;
    const float back[3] = {0.3f, -0.2f, 1.5f};
    for (size_t s = 1; hn_kernels_at(s); s++) {
      const hn_kernels *sets[2] = {hn_kernels_at(0), hn_kernels_at(s)};
      if (!sets[1]->supported()) continue;
      double sums[2][2], moments[2][2];
      hn_rng_init(&rng, 9, "test", e);
      fill_normal(&rng, &in, y[0]);
      fill_normal(&rng, &out, d);
      memcpy(y[1], y[0], hn_shape_size(&in) * sizeof(float));
      for (int i = 0; i < 2; i++) {
        sets[i]->moments(y[i] + in.origin, hn_shape_span(&in), moments[i]);
        sets[i]->pool(&g, y[i] + in.origin, -1.2f, 0.1f, pooled[i] + out.origin, where[i]);
        sets[i]->pool_sums(&g, y[i] + in.origin, d + out.origin, where[i], sums[i]);
        sets[i]->pool_back(&g, y[i] + in.origin, d + out.origin, where[i], back);
      }
      /* one product with and without fused rounding: 1 ulp; sums are in double */
      assert_same(pooled[1], pooled[0], hn_shape_size(&out), 1, "pool");
      assert_memory_equal(where[1], where[0], g.out_height * g.out_width);
      assert_same(y[1], y[0], hn_shape_size(&in), 1, "pool_back");
      for (int i = 0; i < 2; i++) {
        assert_near(sums[1][i], sums[0][i], 1e-5, "pool_sums"); /* rows in float */
        assert_near(moments[1][i], moments[0][i], 1e-9, "moments");
      }
      assert_int_equal(dirty_border(&in, y[1]), 0);
      assert_int_equal(dirty_border(&out, pooled[1]), 0);
    }
    for (int i = 0; i < 2; i++) {
      hn_free(y[i]);
      hn_free(pooled[i]);
      hn_free(where[i]);
    }
    hn_free(d);
  }
}

static void pool_takes_the_first_of_equals(void **state) {
  (void)state;
  const hn_pooling g = {2, 34, 35, 2, 2, 1, 17, 18};
  float y[2 * 35 + 64], out[18 + 64];
  uint8_t where[17 + HN_POOLED_SLACK];
  for (size_t i = 0; i < sizeof y / sizeof *y; i++) y[i] = 1;
  for (size_t s = 0; hn_kernels_at(s); s++) {
    if (!hn_kernels_at(s)->supported()) continue;
    hn_kernels_at(s)->pool(&g, y, 0, 2, out, where); /* a scale of zero: all equal */
    for (int j = 0; j < 17; j++) {
      assert_int_equal(where[j], 0);
      assert_true(out[j] == 2);
    }
    hn_kernels_at(s)->pool(&g, y, -1, 0.5f, out, where); /* below zero: nothing passes */
    for (int j = 0; j < 17; j++) {
      assert_int_equal(where[j], HN_POOLED_NOWHERE);
      assert_true(out[j] == 0);
    }
  }
}

static void shape_is_checked(void **state) {
  (void)state;
  hn_shape shape;
  assert_int_equal(hn_shape_image(0, 4, 4, &shape, &error), HN_INVALID);
  assert_int_equal(hn_shape_image(1, 4, 0, &shape, &error), HN_INVALID);
  assert_int_equal(hn_shape_image(4096, 1 << 20, 1 << 20, &shape, &error), HN_INVALID);
  assert_non_null(strstr(error.message, "too large"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(conv3x3_sets_agree), cmocka_unit_test(im2col_is_the_twin),
      cmocka_unit_test(pool_sets_agree),    cmocka_unit_test(pool_takes_the_first_of_equals),
      cmocka_unit_test(shape_is_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
