/* Every set of kernels against the plain one. */
#include <string.h>

#include "learn/nn/kernels.h"
#include "testing.h"

static const hn_kernels *plain;

/* Random numbers, from a pool that all cases take from and that results go into. */
enum { POOL = 1 << 16 };
static _Alignas(64) float numbers[POOL], found[POOL], expected[POOL];

static int setup(void **state) {
  (void)state;
  hn_rng rng;
  hn_rng_init(&rng, 5, "test", 0);
  for (size_t i = 0; i < POOL; i++) numbers[i] = (float)hn_rng_normal(&rng);
  plain = hn_kernels_at(0);
  return 0;
}

static void begin(void) {
  memcpy(found, numbers, sizeof found);
  memcpy(expected, numbers, sizeof expected);
}

/* The whole pool: what is not the result's must not have changed either. */
static void assert_alike(double scale, const char *what) {
  for (size_t i = 0; i < POOL; i++) assert_near(found[i], expected[i], 2e-6 * scale, what);
}

#define FOR_EACH_SET(set)                                                                          \
  for (size_t set##_i = 1; hn_kernels_at(set##_i); set##_i++)                                      \
    for (const hn_kernels *set = hn_kernels_at(set##_i); set && set->supported(); set = NULL)

static void products_agree(void **state) {
  (void)state;
  static const size_t offsets[5] = {7, 700, 3, 64, 1500};
  static const struct {
    size_t n_rows, pitch, n_terms, depth, n_blocks;
  } cases[] = {{1, 16, 1, 16, 1}, {48, 16, 2, 16, 3}, {13, 32, 5, 16, 2}, {29, 1, 5, 1, 1},
               {31, 3, 3, 1, 4},  {24, 48, 1, 16, 2}, {12, 1, 5, 1, 2},   {7, 16, 0, 16, 2}};
  FOR_EACH_SET(set) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
      const hn_product p = {.n_rows = cases[i].n_rows,
                            .pitch = cases[i].pitch,
                            .n_terms = cases[i].n_terms,
                            .depth = cases[i].depth,
                            .offsets = offsets,
                            .n_blocks = cases[i].n_blocks,
                            .y_block = cases[i].n_rows * HN_BLOCK + 16};
      begin();
      set->multiply(&p, numbers + 1, numbers + 2000, found + 5);
      plain->multiply(&p, numbers + 1, numbers + 2000, expected + 5);
      assert_alike(20, set->name);
      begin();
      set->multiply_transposed(&p, numbers + 1, numbers + 9000, found + 5);
      plain->multiply_transposed(&p, numbers + 1, numbers + 9000, expected + 5);
      assert_alike(20, set->name);
    }
  }
}

typedef struct {
  float *at[HN_TILE_IN];
} rows;

static rows rows_of(float *x, size_t row) {
  rows r;
  for (size_t i = 0; i < HN_TILE_IN; i++) r.at[i] = x + i * row;
  return r;
}

static void tiles_agree(void **state) {
  (void)state;
  const size_t row = 11 * HN_BLOCK, step = 48;
  const float *in[HN_TILE_IN];
  for (size_t i = 0; i < HN_TILE_IN; i++) in[i] = numbers + 3 + i * row;
  FOR_EACH_SET(set) {
    begin();
    set->tile_input(in, found, step);
    plain->tile_input(in, expected, step);
    assert_alike(200, "tile_input");
    begin();
    set->tile_output(numbers, step, found + 3, row);
    plain->tile_output(numbers, step, expected + 3, row);
    assert_alike(1000, "tile_output");
    begin();
    set->tile_output_back(numbers + 3, found, step);
    plain->tile_output_back(numbers + 3, expected, step);
    assert_alike(1000, "tile_output_back");
    begin();
    set->tile_input_back(numbers, step, rows_of(found + 3, row).at);
    plain->tile_input_back(numbers, step, rows_of(expected + 3, row).at);
    assert_alike(200, "tile_input_back");
    for (int streams = 0; streams < 2; streams++) {
      begin();
      set->tile_weights(numbers, found, step, streams);
      plain->tile_weights(numbers, expected, step, streams);
      assert_alike(1, "tile_weights");
    }
    begin();
    set->tile_weights_back(numbers, step, found);
    plain->tile_weights_back(numbers, step, expected);
    assert_alike(10, "tile_weights_back");
  }
}

/* The kernels that take and give a whole tile at once, and what is kept past the caches. */
static void whole_tiles_agree(void **state) {
  (void)state;
  const size_t step = 48, row = 8 * HN_BLOCK, pooled_row = 5 * HN_BLOCK, places = 16;
  float *const into[2] = {found + places, expected + places};
  FOR_EACH_SET(set) {
    for (int streams = 0; streams < 2; streams++) {
      double sums[2 * HN_BLOCK] = {1, 2}, twin[2 * HN_BLOCK] = {1, 2};
      begin();
      set->tile_take(numbers, step, numbers + 5000, sums, into[0], row, streams, into[0] + 9000,
                     pooled_row);
      plain->tile_take(numbers, step, numbers + 5000, twin, into[1], row, streams, into[1] + 9000,
                       pooled_row);
      assert_alike(1000, "tile_take");
      for (size_t k = 0; k < 2 * HN_BLOCK; k++)
        assert_near(sums[k], twin[k], 1e-5 * (1 + fabs(twin[k])), "tile_take's sums");
      begin();
      set->keep(5, numbers + 3, into[0], streams);
      plain->keep(5, numbers + 3, into[1], streams);
      assert_alike(0, "keep");
    }
    for (int gate = 0; gate < 2; gate++) {
      static const float ones[HN_BLOCK] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
      static float m[4 * HN_BLOCK];
      const hn_patch patch = {4, 4, row, 2, 2, 2 * HN_BLOCK};
      const float *scale = gate ? numbers + 70 : NULL;
      plain->pool(&patch, numbers, ones, m);
      begin();
      set->tile_give(numbers, row, m, numbers + 6000, 2 * HN_BLOCK, scale, numbers + 300, found,
                     step);
      plain->tile_give(numbers, row, m, numbers + 6000, 2 * HN_BLOCK, scale, numbers + 300,
                       expected, step);
      assert_alike(1000, "tile_give");
    }
  }
}

/* The identity that all rests on: products of transformed tiles are a convolution. */
static void tiles_convolve(void **state) {
  (void)state;
  static float v[HN_TILE_POINTS * HN_BLOCK], u[HN_TILE_POINTS * HN_BLOCK], y[16 * HN_BLOCK];
  const float *in[HN_TILE_IN];
  for (size_t i = 0; i < HN_TILE_IN; i++) in[i] = numbers + i * 6 * HN_BLOCK;
  plain->tile_input(in, v, HN_BLOCK);
  plain->tile_weights(numbers + 999, u, HN_BLOCK, 0);
  for (size_t i = 0; i < HN_TILE_POINTS * HN_BLOCK; i++) v[i] *= u[i];
  plain->tile_output(v, HN_BLOCK, y, 4 * HN_BLOCK);
  for (size_t i = 0; i < 16 * HN_BLOCK; i++) {
    const size_t k = i % HN_BLOCK, column = i / HN_BLOCK % 4, line = i / HN_BLOCK / 4;
    double sum = 0;
    for (size_t tap = 0; tap < 9; tap++)
      sum += (double)numbers[((line + tap / 3) * 6 + column + tap % 3) * HN_BLOCK + k] *
             numbers[999 + tap * HN_BLOCK + k];
    assert_near(y[i], sum, 2e-5, "convolution");
  }
}

static const hn_patch patches[] = {
    {.height = 4, .width = 4, .row = 64, .pool_height = 2, .pool_width = 2, .pooled_row = 32},
    {.height = 3, .width = 5, .row = 100, .pool_height = 2, .pool_width = 2, .pooled_row = 50},
    {.height = 1, .width = 97, .row = 1600, .pool_height = 1, .pool_width = 2, .pooled_row = 800},
    {.height = 7, .width = 1, .row = 16, .pool_height = 2, .pool_width = 1, .pooled_row = 16},
    {.height = 2, .width = 40, .row = 640, .pool_height = 1, .pool_width = 1, .pooled_row = 640}};
enum { N_PATCHES = sizeof patches / sizeof *patches };

static void sums_agree(void **state) {
  (void)state;
  FOR_EACH_SET(set) {
    for (size_t i = 0; i < N_PATCHES; i++) {
      for (int gate = -1; gate < 3; gate++) { /* -1: moments */
        double sums[2 * HN_BLOCK] = {1, 2}, twin[2 * HN_BLOCK] = {1, 2};
        const hn_patch *p = &patches[i];
        const float *a = gate == 1 ? numbers + 5000 : NULL, *scale = gate == 2 ? numbers : NULL;
        if (gate < 0) {
          set->moments(p, numbers + 3, sums);
          plain->moments(p, numbers + 3, twin);
        } else {
          set->gradient_sums(p->width, numbers, a, scale, numbers + 9000, sums);
          plain->gradient_sums(p->width, numbers, a, scale, numbers + 9000, twin);
        }
        for (size_t k = 0; k < 2 * HN_BLOCK; k++) assert_near(sums[k], twin[k], 1e-4, set->name);
      }
    }
  }
}

static void pooling_and_back_agree(void **state) {
  (void)state;
  static float sign[HN_BLOCK], m[POOL];
  for (size_t k = 0; k < HN_BLOCK; k++) sign[k] = (float)(k % 3) - 1;
  FOR_EACH_SET(set) {
    for (size_t i = 0; i < N_PATCHES; i++) {
      const hn_patch *p = &patches[i];
      begin();
      set->pool(p, numbers + 3, sign, found + 3);
      plain->pool(p, numbers + 3, sign, expected + 3);
      assert_alike(0, "pool");
      memcpy(m, expected, sizeof m);
      for (int gate = 0; gate < 3; gate++) {
        const float *a = gate == 1 ? numbers + 5000 : NULL, *scale = gate == 2 ? numbers : NULL;
        begin();
        set->gradient(p, numbers + 3, m + 3, a, scale, numbers + 7000, numbers + 100, found,
                      p->row);
        plain->gradient(p, numbers + 3, m + 3, a, scale, numbers + 7000, numbers + 100, expected,
                        p->row);
        assert_alike(10, "gradient");
      }
    }
  }
}

static void windows_agree(void **state) {
  (void)state;
  static const size_t sizes[][2] = {{3, 3}, {1, 1}, {2, 5}, {4, 1}};
  FOR_EACH_SET(set) {
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      const size_t height = sizes[i][0], width = sizes[i][1], row = 9 * HN_BLOCK;
      float y[HN_BLOCK];
      for (size_t k = 0; k < HN_BLOCK; k++) /* of any pixel; one is not there, one is NaN */
        y[k] = numbers[3 + k % height * row + k % width * HN_BLOCK + k];
      y[5] += 1, y[6] = NAN;
      begin();
      set->window_back(height, width, row, numbers + 3, y, numbers + 500, found + 3);
      plain->window_back(height, width, row, numbers + 3, y, numbers + 500, expected + 3);
      assert_alike(1, "window_back");
    }
  }
}

/* A network that has gone astray must not look well: in whichever pixel of a pool NaN is. */
static void pools_keep_nan(void **state) {
  (void)state;
  static float x[16 * 4], y[HN_BLOCK], u[10 * HN_BLOCK], tile[16 * HN_BLOCK], m[4 * HN_BLOCK];
  static const float ones[HN_BLOCK] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  for (size_t k = 0; k < HN_BLOCK; k++) u[4 * HN_BLOCK + k] = 1; /* the tap in the middle */
  for (size_t s = 0; hn_kernels_at(s); s++) {
    if (!hn_kernels_at(s)->supported()) continue;
    for (size_t q = 0; q < 4; q++) {
      float *pixel = tile + q / 2 * patches[0].row + q % 2 * HN_BLOCK;
      float *tap = x + (1 + q / 2) * 4 + 1 + q % 2;
      pixel[5] = *tap = NAN;
      hn_kernels_at(s)->pool(&patches[0], tile, ones, m);
      hn_kernels_at(s)->pool_taps(1, x, 4, u, y, NULL);
      assert_true(isnan(m[5]) && m[4] == 0);
      assert_true(isnan(y[5]));
      pixel[5] = *tap = 0;
    }
  }
}

/* Of two equal maxima the first gets the gradient. */
static void equal_maxima(void **state) {
  (void)state;
  const hn_patch p = patches[0];
  static float y[16 * HN_BLOCK], m[4 * HN_BLOCK], back[3 * HN_BLOCK], out[16 * HN_BLOCK];
  for (size_t k = 0; k < HN_BLOCK; k++) back[2 * HN_BLOCK + k] = 1;
  for (size_t s = 0; hn_kernels_at(s); s++) {
    if (!hn_kernels_at(s)->supported()) continue;
    hn_kernels_at(s)->gradient(&p, y, m, NULL, NULL, numbers, back, out, p.row);
    assert_true(out[0] == numbers[0] && out[HN_BLOCK] == 0 && out[p.row] == 0);
  }
}

static void activations_agree(void **state) {
  (void)state;
  FOR_EACH_SET(set) {
    for (int variant = 0; variant < 4; variant++) {
      const float *side = variant & 1 ? numbers + 4000 : NULL;
      begin();
      set->activate(19, numbers + 3, numbers + 77, side, variant & 2, found + 5);
      plain->activate(19, numbers + 3, numbers + 77, side, variant & 2, expected + 5);
      assert_alike(5, "activate");
    }
    float value[HN_BLOCK] = {NAN}, same[2 * HN_BLOCK] = {1};
    set->activate(1, value, same, NULL, 1, value);
    assert_true(isnan(value[0])); /* must not vanish */
  }
}

/* The kernels of a first layer; codes lie in bytes of their own. */
static void first_layer_agrees(void **state) {
  (void)state;
  static int8_t codes[40 * HN_BLOCK], twin_codes[40 * HN_BLOCK];
  static const size_t counts[] = {0, 1, 5, 16, 37};
  FOR_EACH_SET(set) {
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
      const size_t n = counts[i], row = 2 * n + 3;
      const float *u = numbers + 5000, *d = numbers + 7000;
      double sums[10 * HN_BLOCK] = {1, 2}, twin[10 * HN_BLOCK] = {1, 2};
      set->correlate(n, numbers + 3, numbers + 400, sums);
      plain->correlate(n, numbers + 3, numbers + 400, twin);
      for (size_t k = 0; k < 9; k++) assert_near(sums[k], twin[k], 1e-4, "correlate");
      begin();
      memset(codes, 9, sizeof codes), memset(twin_codes, 9, sizeof codes);
      set->pool_taps(n, numbers + 3, row, u, found + 5, codes);
      plain->pool_taps(n, numbers + 3, row, u, expected + 5, twin_codes);
      assert_alike(20, "pool_taps");
      assert_memory_equal(codes, twin_codes, sizeof codes);
      set->pool_taps(n, numbers + 3, row, u, found + 5, NULL);
      assert_alike(20, "pool_taps without codes");
      set->pool_taps_back(n, numbers + 3, row, codes, d, sums);
      plain->pool_taps_back(n, numbers + 3, row, codes, d, twin);
      for (size_t k = 0; k < 10 * HN_BLOCK; k++) assert_near(sums[k], twin[k], 1e-4, "back");
    }
  }
}

static void best_is_supported(void **state) {
  (void)state;
  assert_true(hn_kernels_best()->supported());
  assert_true(hn_kernels_best() != plain);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_agree),     cmocka_unit_test(tiles_agree),
      cmocka_unit_test(whole_tiles_agree),  cmocka_unit_test(tiles_convolve),
      cmocka_unit_test(sums_agree),         cmocka_unit_test(pooling_and_back_agree),
      cmocka_unit_test(windows_agree),      cmocka_unit_test(pools_keep_nan),
      cmocka_unit_test(equal_maxima),       cmocka_unit_test(activations_agree),
      cmocka_unit_test(first_layer_agrees), cmocka_unit_test(best_is_supported),
  };
  return cmocka_run_group_tests(tests, setup, NULL);
}
