/* The inner loops of the network, once for each instruction set, over blocks of 16 channels (see
 * shape.h). No allocation, no threads. The sets agree within rounding; a machine always uses the
 * same one. In a set, "16" below means the 16 channels of a block, at 16 neighbouring floats. */
#ifndef HN_LEARN_NN_KERNELS_H
#define HN_LEARN_NN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "learn/nn/shape.h"

/* A product of two matrices as convolutions need it: a row is a pixel (or a tile), and the numbers
 * of a row lie in n_terms runs of `depth` floats, run i at offsets[i] from the row's place. */
typedef struct {
  size_t n_rows;
  size_t pitch;          /* floats from one row's place to the next one's */
  size_t n_terms, depth; /* depth is 16 or 1 */
  const size_t *offsets; /* (n_terms) */
  size_t n_blocks;       /* of output channels */
  size_t y_block;        /* floats from one block of y (or d) to the next */
} hn_product;

/* A piece of a picture, one block of channels, and its 2×2 maximum pooling (or along one axis, or
 * none). What an odd last row or column has too much is dropped, as in PyTorch. */
typedef struct {
  size_t height, width;           /* pixels of the piece */
  size_t row;                     /* floats from one of its rows to the next */
  size_t pool_height, pool_width; /* 1 or 2 */
  size_t pooled_row;              /* floats from one row of the pooled picture to the next */
} hn_patch;

/* Winograd's F(4×4, 3×3): a tile of 6×6 input pixels gives 4×4 output pixels by 36 products
 * (Lavin and Gray, 2016; interpolation points 0, ±1, ±2, ∞). */
enum { HN_TILE_OUT = 4, HN_TILE_IN = 6, HN_TILE_POINTS = 36 };

typedef struct {
  const char *name;
  int (*supported)(void);

  /* y[b][r][16] = Σ_i Σ_c a[r * pitch + offsets[i] + c] * u[b][i][c][16]. */
  void (*multiply)(const hn_product *p, const float *a, const float *u, float *y);
  /* du[b][i][c][16] += Σ_r a[r * pitch + offsets[i] + c] * d[b][r][16]. */
  void (*multiply_transposed)(const hn_product *p, const float *a, const float *d, float *du);

  /* v[point * step + 16] = Bᵀ x B; x: 6×6 pixels, one pointer a row. */
  void (*tile_input)(const float *const x[HN_TILE_IN], float *v, size_t step);
  /* y (4×4 pixels, `row` floats from row to row) = Aᵀ m A. */
  void (*tile_output)(const float *m, size_t step, float *y, size_t row);
  /* The transposed ways, for gradients: v = A d Aᵀ of 4×4 pixels (row: 64 floats), and
   * x += B m Bᵀ, 6×6 pixels. */
  void (*tile_output_back)(const float *d, float *v, size_t step);
  void (*tile_input_back)(const float *m, size_t step, float *const x[HN_TILE_IN]);
  /* u[point * step + 16] = G g Gᵀ of g[9][16], and the gradient back: g = Gᵀ u G. streams: as with
   * keep. */
  void (*tile_weights)(const float *g, float *u, size_t step, int streams);
  void (*tile_weights_back)(const float *u, size_t step, float *g);

  /* Of a whole tile with 2×2 pools, at once: tile_output, moments, pool and keep, each as below. */
  void (*tile_take)(const float *m, size_t step, const float *sign, double *sums, float *kept,
                    size_t kept_row, int streams, float *pooled, size_t pooled_row);
  /* The same way back: gradient (without a) and tile_output_back. */
  void (*tile_give)(const float *kept, size_t kept_row, const float *pooled, const float *d,
                    size_t pooled_row, const float *scale_shift, const float *back, float *v,
                    size_t step);

  /* sums[0 … 15] += Σ y, sums[16 … 31] += Σ y² over the pixels of a patch. */
  void (*moments)(const hn_patch *p, const float *y, double *sums);
  /* to = from, n pixels; streams: past the caches, for what is read again much later. `to`
   * must be at a multiple of 64 bytes, and a fence must follow before another thread reads it. */
  void (*keep)(size_t n, const float *from, float *to, int streams);
  /* m = of each pool the largest y where sign[16] is 1, the smallest where it is -1, the first
   * where it is 0; NaN if there is one. */
  void (*pool)(const hn_patch *p, const float *y, const float *sign, float *m);
  /* a = scale * m + shift (+ side, unless NULL), then ReLU if wanted, over n pixels; NaN stays. */
  void (*activate)(size_t n, const float *m, const float *scale_shift, const float *side, int relu,
                   float *a);
  /* Where ReLU lets a gradient through: where a > 0; without a, where scale * m + shift > 0, as
   * activate computes it; with neither (NULL), everywhere.
   * sums[0 … 15] += Σ d, sums[16 … 31] += Σ d * m over those of n pixels. */
  void (*gradient_sums)(size_t n, const float *d, const float *a, const float *scale_shift,
                        const float *m, double *sums);
  /* The gradient before pooling and normalisation: out = slope * y + offset, plus scale * d where
   * pooling chose the pixel (the first that equals m) and ReLU lets it through. out_row:
   * floats from row to row of out; back: slope[16], offset[16], scale[16]. */
  void (*gradient)(const hn_patch *p, const float *y, const float *m, const float *a,
                   const float *scale_shift, const float *d, const float *back, float *out,
                   size_t out_row);

  /* The gradient d[16] of a pixel y[16] that is the maximum of a window, height × width pixels with
   * `row` floats from row to row: in each channel added to dx where x first equals y; nowhere if y
   * is NaN. */
  void (*window_back)(size_t height, size_t width, size_t row, const float *x, const float *y,
                      const float *d, float *dx);

  /* For a first layer (conv_first.c): sums[3 i + j] += Σ_c a[c + i] * b[c + j] over n places c;
   * i, j = 0 … 2. */
  void (*correlate)(size_t n, const float *a, const float *b, double *sums);
  /* n pools of 2×2 pixels side by side, each pixel with 3×3 taps of one plane: y[16] = the largest
   * of the pool's four Σ_t x[t] * u[t][16], plus u[9][16], then ReLU. x: the tap up and left of the
   * first pixel, `row` floats from row to row. chosen (unless NULL): int8 codes, [n][16]: the first
   * pixel that has the largest value (0, 1; 2, 3 in the second row), or -1 unless y > 0. */
  void (*pool_taps)(size_t n, const float *x, size_t row, const float *u, float *y, int8_t *chosen);
  /* sums[t][16] += Σ d * x[tap t of the chosen pixel], sums[9][16] += Σ d, over the pools whose
   * code is not -1. */
  void (*pool_taps_back)(size_t n, const float *x, size_t row, const int8_t *chosen, const float *d,
                         double *sums);
} hn_kernels;

/* The fastest set that this machine has. */
const hn_kernels *hn_kernels_best(void);
/* All sets of this build, the plain C twin first; NULL behind the last. Ask `supported`. */
const hn_kernels *hn_kernels_at(size_t i);

#endif
