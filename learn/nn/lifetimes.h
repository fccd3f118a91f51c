/* Places in memory for arrays that are not all in use at once. */
#ifndef HN_LEARN_NN_LIFETIMES_H
#define HN_LEARN_NN_LIFETIMES_H

#include <stddef.h>

typedef struct {
  size_t size;       /* floats */
  size_t start, end; /* the first and the last moment at which it is in use */
  size_t place;      /* found: floats from the beginning, a multiple of 16 */
} hn_lifetime;

/* Give each array the lowest place that none of those before it needs at the same time; returns the
 * floats in all. O(n^3). */
size_t hn_lifetimes_place(hn_lifetime *arrays, size_t n);

#endif
