/* Checked memory: counts are multiplied here and nowhere else, and a test can make the n-th
 * allocation fail. */
#ifndef HN_BASE_MEMORY_H
#define HN_BASE_MEMORY_H

#include <stddef.h>

#include "base/error.h"

/* n elements of size bytes, uninitialised; NULL when out of memory or n * size overflows. A
 * request for nothing gives a pointer that can be freed. Thread-safe. */
void *hn_alloc(size_t n, size_t size);
/* The same, zero-filled. */
void *hn_calloc(size_t n, size_t size);
/* Grow or shrink p (may be NULL) to n elements of size bytes; on failure p stays valid. */
void *hn_realloc(void *p, size_t n, size_t size);
/* n elements, zero-filled, on a 64-byte boundary; freed with hn_free. Large arrays ask the system
 * for huge pages. */
void *hn_alloc_aligned(size_t n, size_t size);
/* Free what any function above gave; NULL is fine. */
void hn_free(void *p);
/* A copy of text (not NULL), or NULL when out of memory. */
char *hn_strdup(const char *text);
/* A copy of the first n bytes of text, with a 0 behind. */
char *hn_strndup(const char *text, size_t n);

/* For tests: let the next n allocations of this process pass and fail the one after, and all that
 * follow; -1 turns the hook off. Not thread-safe: set it before threads start. */
void hn_memory_fail_after(long n);

/* Fill err with "out of memory" and return HN_NO_MEMORY. */
hn_status hn_fail_memory(hn_error *err);

/* ptr = n zeroed elements of *ptr's type, or `goto done` with status set. */
#define HN_NEW(ptr, n, err)                                                                        \
  do {                                                                                             \
    (ptr) = hn_calloc((n), sizeof *(ptr));                                                         \
    if (!(ptr)) {                                                                                  \
      status = hn_fail_memory(err);                                                                \
      goto done;                                                                                   \
    }                                                                                              \
  } while (0)

/* ptr = a copy of text, or `goto done` with status set. */
#define HN_DUP(ptr, text, err)                                                                     \
  do {                                                                                             \
    (ptr) = hn_strdup(text);                                                                       \
    if (!(ptr)) {                                                                                  \
      status = hn_fail_memory(err);                                                                \
      goto done;                                                                                   \
    }                                                                                              \
  } while (0)

/* Make room for one more element in a growing array: ptr holds n of capacity cap elements; or
 * `goto done` with status set and ptr unchanged. */
#define HN_GROW(ptr, n, cap, err)                                                                  \
  do {                                                                                             \
    if ((n) >= (cap)) {                                                                            \
      size_t hn_grow_cap = (cap) ? 2 * (size_t)(cap) : 16;                                         \
      void *hn_grow_ptr = hn_realloc((ptr), hn_grow_cap, sizeof *(ptr));                           \
      if (!hn_grow_ptr) {                                                                          \
        status = hn_fail_memory(err);                                                              \
        goto done;                                                                                 \
      }                                                                                            \
      (ptr) = hn_grow_ptr;                                                                         \
      (cap) = hn_grow_cap;                                                                         \
    }                                                                                              \
  } while (0)

#endif
