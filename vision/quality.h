/* How well a song was recorded, mastered and encoded: what a network may learn instead of music. */
#ifndef HN_VISION_QUALITY_H
#define HN_VISION_QUALITY_H

#include "vision/audio.h"

/* Of the whole song, mixed to mono; levels in dB of full scale, -INFINITY for digital silence. */
typedef struct {
  hn_audio_info info;
  double level; /* 10 log10 of the mean square */
  double peak;  /* 20 log10 of the largest magnitude */
  /* Share (0 … 1) of samples in runs of three or more whose magnitude is 0.999 or above: flat tops.
   */
  double clipped;
  /* Hz: the upper edge of the highest band of 250 Hz whose mean power is within 85 dB of that of
   * the loudest band: where an encoder's low-pass filter, or the rate of an earlier copy, cut the
   * spectrum off. 0 for silence. The threshold lies between the treble of real music (60 to 75 dB
   * below its bass) and the noise of 16 bits in one band (some 95 dB below it). */
  double bandwidth;
} hn_quality;

/* Decode and measure a file. Errors: those of hn_audio_read, of the whole song. Thread-safe.
 * Memory does not grow with the song. */
hn_status hn_quality_measure(const char *path, hn_quality *quality_out, hn_error *err);

#endif
