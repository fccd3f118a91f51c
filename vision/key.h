/* The key of a song from its chroma: which of the 24 major and minor keys fits best. */
#ifndef HN_VISION_KEY_H
#define HN_VISION_KEY_H

#include <stddef.h>

/* An ESTIMATE. */
typedef struct {
  int key;         /* 0 C, 1 C#, … 11 B; -1 where there is none (silence, noise without pitch) */
  int mode;        /* 1 major, 0 minor; -1 with key */
  double strength; /* Pearson's correlation with the key's profile, 0 … 1 */
  double margin;   /* by how much the best key of the other mode fits less: ambiguity near 0 */
} hn_key;

/* The key whose profile correlates best with the mean of `chroma` (12, n_frames), row 0 is C, each
 * >= 0. A key's profile says how much each of the twelve pitches sounds in it: Krumhansl and
 * Kessler's probe-tone ratings (1982), turned to each of the twelve tonics (Krumhansl and
 * Schmuckler 1990). The frames count alike. Thread-safe. O(n_frames). */
void hn_key_estimate(const float *chroma, size_t n_frames, hn_key *key_out);

#endif
