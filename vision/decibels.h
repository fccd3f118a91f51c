/* Levels in decibels, many at once. */
#ifndef HN_VISION_DECIBELS_H
#define HN_VISION_DECIBELS_H

#include <stddef.h>

/* values[i] = max(10 log10(max(values[i], amin)) - ref_db, floor_db), in place.
 *   values  (n), finite
 *   amin    at least FLT_MIN
 * Within 2e-5 dB + |10 log10| 1e-7 of the exact value, for all floats. Thread-safe. O(n). */
void hn_decibels(float *values, size_t n, float amin, float ref_db, float floor_db);

#endif
