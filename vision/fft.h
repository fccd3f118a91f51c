/* The discrete Fourier transform of real signals: the one door to whichever FFT does the work. */
#ifndef HN_VISION_FFT_H
#define HN_VISION_FFT_H

#include <stddef.h>

#include "base/error.h"

/* What transforms of one length need. Const use is thread-safe; scratch belongs to the caller. */
typedef struct hn_fft hn_fft;

/* For n >= 1 real points, of any length; products of 2, 3 and 5 are fast, even ones twice so.
 * Errors: HN_NO_MEMORY. */
hn_status hn_fft_create(size_t n, hn_fft **fft_out, hn_error *err);
void hn_fft_destroy(hn_fft *fft);

/* n / 2 + 1 */
size_t hn_fft_n_bins(const hn_fft *fft);
/* How many floats of scratch a transform needs. */
size_t hn_fft_n_scratch(const hn_fft *fft);

/* X[k] = sum over t of x[t] exp(-2 pi i k t / n), k = 0 … n / 2.
 *   x        (n)                       in
 *   out      (n / 2 + 1, 2) re, im     caller-allocated, overwritten
 *   scratch  (hn_fft_n_scratch)        caller-allocated, overwritten
 * Single precision: an error of about 1e-7 of the spectrum's root mean square. Matches
 * numpy.fft.rfft. Thread-safe. O(n log n). */
void hn_fft_forward(const hn_fft *fft, const float *x, float *out, float *scratch);

#endif
