/* Loudness as broadcasters measure it (EBU R128, ITU-R BS.1770-4), by libebur128. */
#ifndef HN_VISION_LOUDNESS_H
#define HN_VISION_LOUDNESS_H

#include <stddef.h>

#include "base/error.h"

/* Integrated loudness of mono samples (n, full scale ±1, at rate Hz) in LUFS: K-weighted, blocks of
 * 400 ms, gated at -70 LUFS and 10 LU below the mean. The samples count for both speakers, as they
 * are heard, so that a sine of 997 Hz at full scale has 0 LUFS (-3.01 in one of two channels).
 * -INFINITY for silence, or for less than 400 ms. Of a stereo song mixed to mono it is the loudness
 * of what both channels share: equal where they are alike, up to 3 LU lower where they are not.
 * Errors: HN_NO_MEMORY. Thread-safe. O(n). */
hn_status hn_loudness_integrated(const float *samples, size_t n, int rate, double *lufs_out,
                                 hn_error *err);

#endif
