/* Change of a signal's sample rate, by soxr or libsamplerate. */
#ifndef HN_VISION_RESAMPLE_H
#define HN_VISION_RESAMPLE_H

#include <stddef.h>

#include "base/error.h"

/* The resamplers by librosa's names (its res_type), in the form of an option's choices. soxr_hq is
 * librosa's default and ours: its error lies below 16-bit audio's own noise, and it is 26 to
 * 200 times as fast as the sinc family. */
#define HN_RESAMPLE_CHOICES                                                                        \
  "soxr_vhq|soxr_hq|soxr_mq|soxr_lq|soxr_qq|sinc_best|sinc_medium|sinc_fastest"

/* How many samples hn_resample makes of n: ceil(n * rate_out / rate_in). */
size_t hn_resample_length(size_t n, int rate_in, int rate_out);

/* Resample x (n, at rate_in Hz) to rate_out Hz with `resampler`, one of HN_RESAMPLE_CHOICES.
 *   y_out  (hn_resample_length) owned by the caller, hn_free; its length in *n_out
 * Errors: HN_INVALID for another name or a rate below 1; HN_NO_MEMORY. Thread-safe.
 * Matches librosa.resample(res_type=resampler). */
hn_status hn_resample(const float *x, size_t n, int rate_in, int rate_out, const char *resampler,
                      float **y_out, size_t *n_out, hn_error *err);

#endif
