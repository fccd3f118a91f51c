/* Spectrograms as files: precomputed ones read instead of audio, and pictures to look at. */
#ifndef HN_VISION_PICTURE_H
#define HN_VISION_PICTURE_H

#include "base/error.h"
#include "base/matrix.h"

/* Read a precomputed spectrogram (H bands, the lowest first, × W frames), whichever of the two the
 * content is:
 * - NumPy's .npy with two axes (bands, frames), integers or reals, taken as they are;
 * - PNG of any depth: row 0 is the highest band, values are the mean of the colour channels scaled
 *   to 0 … 1 (a palette by its colours; transparency and gamma are ignored).
 * Errors name the path: HN_IO; HN_FORMAT (neither of the two, broken, not two axes, an empty axis,
 * a value that is NaN or infinite); HN_UNSUPPORTED (a PNG of more than 2^28 pixels), HN_NO_MEMORY.
 * Thread-safe. */
hn_status hn_picture_read(const char *path, hn_matrix *picture_out, hn_error *err);

/* Write n values over time as a PNG of 64 × n pixels: columns as high as the value is between the
 * smallest and the largest, in the colours of below. Errors: as below. */
hn_status hn_picture_write_curve(const char *path, const float *values, size_t n, hn_error *err);

/* Write (H, W) as a PNG of H × W pixels, the lowest band at the bottom, from dark violet (the
 * smallest value) to yellow (the largest): the colour map viridis of Smith and van der Walt, CC0.
 * Same values, same bytes. Atomic. Errors: HN_INVALID (an empty axis), HN_IO, HN_NO_MEMORY. */
hn_status hn_picture_write(const char *path, const hn_matrix *picture, hn_error *err);

#endif
