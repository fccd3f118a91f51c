/* Analysis windows, periodic as an FFT wants them. */
#ifndef HN_VISION_WINDOW_H
#define HN_VISION_WINDOW_H

#include <stddef.h>

/* The names that hn_window_fill knows, SciPy's, in the form of an option's choices. */
#define HN_WINDOW_CHOICES "hann|hamming|blackman|blackmanharris|nuttall|flattop|bartlett|boxcar"

/* Fill out (n) with the periodic window `name` (one of HN_WINDOW_CHOICES; anything else is our own
 * bug). Matches scipy.signal.get_window(name, n, fftbins=True). */
void hn_window_fill(const char *name, size_t n, double *out);

#endif
