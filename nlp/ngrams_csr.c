#include "nlp/ngrams.h"

#include "base/memory.h"
#include "base/threads.h"

#include <string.h>

/* Sort numbers below 2^n_bits by digits, the lowest first; digits of a byte at most, no wider than
 * their number demands, since a row is short beside the 256 values of a byte. */
static void sort_keys(uint32_t *keys, uint32_t *scratch, size_t n, unsigned n_bits) {
  if (n <= 32) {
    for (size_t i = 1; i < n; i++) {
      uint32_t key = keys[i];
      size_t k = i;
      for (; k > 0 && keys[k - 1] > key; k--) keys[k] = keys[k - 1];
      keys[k] = key;
    }
    return;
  }
  uint32_t *from = keys, *to = scratch;
  unsigned n_digits = (n_bits + 7) / 8, width = (n_bits + n_digits - 1) / n_digits;
  uint32_t mask = (1u << width) - 1;
  for (unsigned shift = 0; shift < n_bits; shift += width) {
    size_t starts[257];
    memset(starts, 0, (mask + 2) * sizeof *starts);
    for (size_t i = 0; i < n; i++) starts[1 + (from[i] >> shift & mask)]++;
    for (size_t b = 1; b <= mask; b++) starts[b] += starts[b - 1];
    for (size_t i = 0; i < n; i++) to[starts[from[i] >> shift & mask]++] = from[i];
    uint32_t *swap = from;
    from = to;
    to = swap;
  }
  if (from != keys) memcpy(keys, from, n * sizeof *keys);
}

/* The columns of all terms of document d, one an occurrence: how many. columns_out has room for
 * every position of the document at every length. */
static size_t columns_of(const hn_ngrams *g, size_t d, const int32_t *columns,
                         uint32_t *columns_out) {
  size_t n = 0;
  for (size_t k = 0; k < HN_MAX_NGRAM; k++) {
    if (!g->terms[k]) continue;
    for (size_t i = g->starts[d]; i < g->starts[d + 1]; i++) {
      uint32_t term = g->terms[k][i];
      if (term == HN_NO_TERM) continue;
      columns_out[n] = (uint32_t)columns[term];
      n += columns[term] >= 0; /* no branch, which nothing could predict */
    }
  }
  return n;
}

/* The number of distinct columns. seen (n_columns): the last document that had each, plus 1. */
static size_t count_distinct(const uint32_t *columns, size_t n, size_t d, uint32_t *seen) {
  size_t n_distinct = 0;
  for (size_t i = 0; i < n; i++) {
    n_distinct += seen[columns[i]] != (uint32_t)(d + 1);
    seen[columns[i]] = (uint32_t)(d + 1);
  }
  return n_distinct;
}

/* Runs of equal columns to entries. */
static void write_row(const uint32_t *columns, size_t n, int32_t *indices, float *values) {
  for (size_t i = 0, row = 0, end; i < n; i = end, row++) {
    for (end = i + 1; end < n && columns[end] == columns[i];) end++;
    indices[row] = (int32_t)columns[i];
    values[row] = (float)(end - i);
  }
}

static size_t longest_row(const hn_ngrams *g) {
  size_t longest = 0, n_lengths = 0;
  for (size_t d = 0; d < g->n_documents; d++)
    if (g->starts[d + 1] - g->starts[d] > longest) longest = g->starts[d + 1] - g->starts[d];
  for (size_t k = 0; k < HN_MAX_NGRAM; k++) n_lengths += g->terms[k] != NULL;
  return longest * n_lengths;
}

hn_status hn_ngrams_csr(const hn_ngrams *g, const int32_t *columns, size_t n_columns,
                        hn_csr *counts_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_csr made = {0};
  int64_t *indptr = NULL;
  uint32_t *scratch = NULL, *seen = NULL;
  size_t n_threads = (size_t)hn_threads(), longest = longest_row(g);
  unsigned n_bits = n_columns > 1 ? 32 - (unsigned)__builtin_clz((unsigned)n_columns - 1) : 1;
  HN_NEW(indptr, g->n_documents + 1, err);
  HN_NEW(seen, n_threads * n_columns, err);
  HN_NEW(scratch, 2 * longest * n_threads, err);
#pragma omp parallel for schedule(dynamic, 64)
  for (size_t d = 0; d < g->n_documents; d++) {
    size_t thread = (size_t)hn_thread_id();
    uint32_t *own = scratch + 2 * longest * thread;
    size_t n = columns_of(g, d, columns, own);
    indptr[d + 1] = (int64_t)count_distinct(own, n, d, seen + thread * n_columns);
  }
  for (size_t d = 0; d < g->n_documents; d++) indptr[d + 1] += indptr[d];
  HN_TRY(hn_csr_init(&made, g->n_documents, n_columns, (size_t)indptr[g->n_documents], err));
  memcpy(made.indptr, indptr, (g->n_documents + 1) * sizeof *indptr);
#pragma omp parallel for schedule(dynamic, 64)
  for (size_t d = 0; d < g->n_documents; d++) {
    uint32_t *own = scratch + 2 * longest * (size_t)hn_thread_id();
    size_t n = columns_of(g, d, columns, own);
    sort_keys(own, own + longest, n, n_bits);
    write_row(own, n, made.indices + indptr[d], made.values + indptr[d]);
  }
  *counts_out = made;
  made = (hn_csr){0};
done:
  hn_csr_free(&made);
  hn_free(indptr);
  hn_free(seen);
  hn_free(scratch);
  return status;
}
