#include "base/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static atomic_long allocations_left = -1;

static int refused(void) {
  long left = atomic_load_explicit(&allocations_left, memory_order_relaxed);
  while (left > 0)
    if (atomic_compare_exchange_weak(&allocations_left, &left, left - 1)) return 0;
  return left == 0;
}

static int multiply(size_t n, size_t size, size_t *bytes_out) {
  if (__builtin_mul_overflow(n, size, bytes_out)) return 0;
  if (*bytes_out == 0) *bytes_out = 1;
  return *bytes_out <= PTRDIFF_MAX;
}

void *hn_alloc(size_t n, size_t size) {
  size_t bytes;
  return multiply(n, size, &bytes) && !refused() ? malloc(bytes) : NULL;
}

void *hn_calloc(size_t n, size_t size) {
  size_t bytes;
  return multiply(n, size, &bytes) && !refused() ? calloc(1, bytes) : NULL;
}

void *hn_realloc(void *p, size_t n, size_t size) {
  size_t bytes;
  return multiply(n, size, &bytes) && !refused() ? realloc(p, bytes) : NULL;
}

void *hn_alloc_aligned(size_t n, size_t size) {
  const size_t huge = (size_t)1 << 21; /* a page of those that save a large array many faults */
  size_t bytes;
  void *p;
  if (!multiply(n, size, &bytes) || refused()) return NULL;
  if (posix_memalign(&p, bytes < 2 * huge ? 64 : huge, bytes) != 0) return NULL;
#ifdef MADV_HUGEPAGE
  if (bytes >= 2 * huge) madvise(p, bytes, MADV_HUGEPAGE); /* as the system likes */
#endif
  return memset(p, 0, bytes);
}

void hn_free(void *p) {
  free(p);
}

char *hn_strdup(const char *text) {
  return hn_strndup(text, strlen(text));
}

char *hn_strndup(const char *text, size_t n) {
  char *copy = hn_alloc(n + 1, 1);
  if (copy) {
    memcpy(copy, text, n);
    copy[n] = 0;
  }
  return copy;
}

void hn_memory_fail_after(long n) {
  atomic_store(&allocations_left, n);
}

hn_status hn_fail_memory(hn_error *err) {
  return hn_fail(err, HN_NO_MEMORY, "out of memory");
}
