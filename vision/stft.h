/* Short-time Fourier transforms with librosa.stft's framing: the one way from samples to spectra.
 * A frame is windowed and transformed when it is asked for; nothing of the signal is copied. */
#ifndef HN_VISION_STFT_H
#define HN_VISION_STFT_H

#include <stddef.h>

#include "base/error.h"
#include "base/options.h"
#include "vision/window.h"

/* The names that pad_mode knows, NumPy's, in the form of an option's choices. */
#define HN_STFT_PAD_CHOICES "constant|reflect|symmetric|edge"

/* Named as in librosa.stft. */
typedef struct {
  size_t n_fft;         /* points of a transform, >= 1 */
  size_t hop_length;    /* samples from frame to frame, >= 1 */
  size_t win_length;    /* samples of the window, the middle of the frame; 0: n_fft */
  const char *window;   /* one of HN_WINDOW_CHOICES; NULL: "hann" */
  const char *pad_mode; /* what lies beyond both ends if center; NULL: "constant" */
  int center;           /* frame t is centred on sample t * hop_length, else it begins there */
} hn_stft_options;

/* clang-format off */
/* Rows of an option table that hn_stft_from_options needs. */
#define HN_STFT_OPTIONS                                                                            \
  {"n_fft", HN_OPTION_INT, "2048", 2, 1 << 20, 0, NULL, "points of a transform"},                  \
  {"hop_length", HN_OPTION_INT, "512", 1, 1 << 20, 0, NULL, "samples from frame to frame"},        \
  {"win_length", HN_OPTION_INT, "none", 1, 1 << 20, 1, NULL,                                       \
   "samples of the window; none: n_fft"},                                                          \
  {"window", HN_OPTION_CHOICE, "hann", 0, 0, 0, HN_WINDOW_CHOICES, "window, periodic"},            \
  {"center", HN_OPTION_BOOL, "true", 0, 0, 0, NULL,                                                \
   "frame t is centred on sample t * hop_length"},                                                 \
  {"pad_mode", HN_OPTION_CHOICE, "constant", 0, 0, 0, HN_STFT_PAD_CHOICES,                         \
   "what lies beyond both ends when center is true"}
/* clang-format on */

/* Window and transform. Const use is thread-safe; scratch belongs to the caller. */
typedef struct hn_stft hn_stft;

/* options are not kept. Errors: HN_INVALID (win_length > n_fft), HN_NO_MEMORY. */
hn_status hn_stft_create(const hn_stft_options *options, hn_stft **stft_out, hn_error *err);
/* From options that have the rows above; texts are borrowed from them. */
hn_stft_options hn_stft_read_options(const hn_options *options);
/* hn_stft_create with those. */
hn_status hn_stft_from_options(const hn_options *options, hn_stft **stft_out, hn_error *err);
void hn_stft_destroy(hn_stft *stft);

size_t hn_stft_n_fft(const hn_stft *stft);
/* n_fft / 2 + 1 */
size_t hn_stft_n_bins(const hn_stft *stft);
/* Frames of n samples; 0 if they are too few for one. */
size_t hn_stft_count_frames(const hn_stft_options *options, size_t n);
size_t hn_stft_n_frames(const hn_stft *stft, size_t n);
/* How many floats of scratch the functions below need. */
size_t hn_stft_n_scratch(const hn_stft *stft);

/* The samples of one frame under the window, what is transformed.
 *   frame_out  (n_fft)  caller-allocated, overwritten */
void hn_stft_window(const hn_stft *stft, const float *samples, size_t n, size_t frame,
                    float *frame_out);

/* The spectrum of one frame, librosa.stft(…)[:, frame], calculated in double precision.
 *   samples       (n)
 *   frame         below hn_stft_n_frames(stft, n)
 *   spectrum_out  (n_bins, 2) re, im     caller-allocated, overwritten
 *   scratch       (hn_stft_n_scratch)    caller-allocated, overwritten
 * Thread-safe. O(n_fft log n_fft). */
void hn_stft_frame(const hn_stft *stft, const float *samples, size_t n, size_t frame,
                   float *spectrum_out, float *scratch);

/* |X|^power of each bin of the same spectrum (1: magnitude, 2: power).
 *   power_out  (n_bins)  caller-allocated, overwritten */
void hn_stft_power(const hn_stft *stft, const float *samples, size_t n, size_t frame, double power,
                   float *power_out, float *scratch);
/* The same for the n_fft samples from `start` on, which may lie outside the signal in part. */
void hn_stft_power_at(const hn_stft *stft, const float *samples, size_t n, ptrdiff_t start,
                      double power, float *power_out, float *scratch);

#endif
