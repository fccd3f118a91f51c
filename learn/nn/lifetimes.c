#include "learn/nn/lifetimes.h"

enum { LINE = 16 };

static int overlap(size_t start_a, size_t end_a, size_t start_b, size_t end_b) {
  return start_a <= end_b && start_b <= end_a;
}

static size_t end_of(const hn_lifetime *array) {
  return array->place + (array->size + LINE - 1) / LINE * LINE;
}

/* An array among the first n that lies in the way of one more; NULL if there is none. */
static const hn_lifetime *in_the_way(const hn_lifetime *arrays, size_t n, const hn_lifetime *more) {
  for (size_t i = 0; i < n; i++) {
    const hn_lifetime *other = &arrays[i];
    if (overlap(more->start, more->end, other->start, other->end) && more->place < end_of(other) &&
        other->place < end_of(more))
      return other;
  }
  return NULL;
}

size_t hn_lifetimes_place(hn_lifetime *arrays, size_t n) {
  size_t all = 0;
  for (size_t i = 0; i < n; i++) {
    const hn_lifetime *other;
    arrays[i].place = 0;
    while ((other = in_the_way(arrays, i, &arrays[i]))) arrays[i].place = end_of(other);
    if (end_of(&arrays[i]) > all) all = end_of(&arrays[i]);
  }
  return all;
}
