/* Windows of spectrograms: how pictures of any width become the equal pieces a network takes.
 * H mel bands, W_i frames of item i, w frames of a window. */
#ifndef HN_LEARN_NN_WINDOWS_H
#define HN_LEARN_NN_WINDOWS_H

#include "base/matrix.h"
#include "learn/nn/shape.h"

/* Mean and standard deviation of each band. Owns its arrays (height). A band that never changes
 * has deviation 1: it becomes 0 throughout. */
typedef struct {
  size_t height;
  float *mean, *std;
} hn_standard;

/* From all frames of the rows listed (at least one frame). Errors: HN_NO_MEMORY. */
hn_status hn_standard_fit(hn_standard *standard, const hn_images *images, const size_t *rows,
                          size_t n_rows, hn_error *err);
void hn_standard_free(hn_standard *standard);

/* How many windows cover an item: one if it is no wider than the window, else starts evenly from
 * the first frame to the last possible one, at most half a window apart. */
size_t hn_window_count(size_t width, size_t window);
size_t hn_window_start(size_t width, size_t window, size_t i);
/* Copy frames start, start + 1, … of item (H, width), standardised, into a sample of shape
 * (1, H, w). Behind its last frame the item begins anew: a short
 * one is repeated, not filled with a silence whose length would be a feature. */
void hn_window_copy(const float *item, size_t width, size_t start, const hn_standard *standard,
                    const hn_shape *shape, float *sample_out);

#endif
