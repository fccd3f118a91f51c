/* The discrete Fourier transform of real signals, by vector code for the instruction set at hand.
 * The stages of a transform's work and its tables are in fft_kernels.h. */
#ifndef HN_VISION_FFT_H
#define HN_VISION_FFT_H

#include <stddef.h>

#include "base/error.h"

/* What transforms of one length need. Const use is thread-safe; scratch belongs to the caller. */
typedef struct hn_fft hn_fft;

/* For n >= 1 real points, of any length. Fast where n is a multiple of 16 (a product of 2, 3 and 5
 * best) of at least 128; other lengths take three to ten times as long, and a large prime factor p
 * costs p operations a point. Errors: HN_NO_MEMORY. */
hn_status hn_fft_create(size_t n, hn_fft **fft_out, hn_error *err);
/* The same for signals that are multiplied by window (n; copied; NULL: none) on their way. */
hn_status hn_fft_create_windowed(size_t n, const double *window, hn_fft **fft_out, hn_error *err);
void hn_fft_destroy(hn_fft *fft);

/* n / 2 + 1 */
size_t hn_fft_n_bins(const hn_fft *fft);
/* How many floats of scratch a transform needs. */
size_t hn_fft_n_scratch(const hn_fft *fft);

/* X[k] = sum over t of window[t] x[t] exp(-2 pi i k t / n), k = 0 … n / 2.
 *   x        (n)                       in
 *   out      (n / 2 + 1, 2) re, im     caller-allocated, overwritten
 *   scratch  (hn_fft_n_scratch)        caller-allocated, overwritten
 * Calculates in double precision, so that only the results are rounded to floats: single precision
 * is 1e-7 of the spectrum's root mean square off, 0.01 dB in a bin 80 dB below it. Matches
 * numpy.fft.rfft(window * x). Thread-safe. O(n log n). */
void hn_fft_forward(const hn_fft *fft, const float *x, float *out, float *scratch);
/* |X[k]|^2 of the same; out (n / 2 + 1). */
void hn_fft_power(const hn_fft *fft, const float *x, float *out, float *scratch);

#endif
