/* A batch is counted with a vocabulary of its own; each of its terms is spelled and hashed once. */
#include "nlp/hashing.h"

#include "base/memory.h"
#include "nlp/analyze.h"
#include "nlp/count.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const hn_option_spec hn_hashing_options[] = {
    HN_ANALYZER_OPTIONS,
    {"n_features", HN_OPTION_INT, "1048576", 1, INT32_MAX, 0, NULL, "columns"},
    {"alternate_sign", HN_OPTION_BOOL, "true", 0, 0, 0, NULL,
     "count half the terms as -1, so that collisions cancel out"},
    {"binary", HN_OPTION_BOOL, "false", 0, 0, 0, NULL, "1 wherever a count is"},
    {"norm", HN_OPTION_CHOICE, "l2", 0, 0, 0, "l1|l2|none",
     "divide each row by its sum of magnitudes, by its length, or not"},
    {NULL, 0, NULL, 0, 0, 0, NULL, NULL}};

struct hn_hashing {
  hn_analyzer *analyzer;
  uint32_t n_features;
  int alternate_sign, binary;
  enum { NONE, L1, L2 } norm;
};

hn_status hn_hashing_create(const hn_options *options, hn_hashing **hashing_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_hashing *made = NULL;
  HN_NEW(made, 1, err);
  made->n_features = (uint32_t)hn_options_int(options, "n_features");
  made->alternate_sign = hn_options_bool(options, "alternate_sign");
  made->binary = hn_options_bool(options, "binary");
  made->norm = hn_options_is(options, "norm", "l1")   ? L1
               : hn_options_is(options, "norm", "l2") ? L2
                                                      : NONE;
  HN_TRY(hn_analyzer_create(options, &made->analyzer, err));
  *hashing_out = made;
  made = NULL;
done:
  hn_hashing_destroy(made);
  return status;
}

void hn_hashing_destroy(hn_hashing *h) {
  if (!h) return;
  hn_analyzer_destroy(h->analyzer);
  hn_free(h);
}

size_t hn_hashing_n_features(const hn_hashing *h) {
  return h->n_features;
}

static uint32_t rotate(uint32_t value, int n) {
  return value << n | value >> (32 - n);
}

static uint32_t mix_block(uint32_t block) {
  return rotate(block * 0xCC9E2D51u, 15) * 0x1B873593u;
}

/* Austin Appleby's MurmurHash3_x86_32 with seed 0. */
static int32_t murmur3(const char *text, size_t n) {
  const unsigned char *p = (const unsigned char *)text;
  uint32_t hash = 0, tail = 0;
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    uint32_t block =
        p[i] | (uint32_t)p[i + 1] << 8 | (uint32_t)p[i + 2] << 16 | (uint32_t)p[i + 3] << 24;
    hash = rotate(hash ^ mix_block(block), 13) * 5 + 0xE6546B64u;
  }
  for (size_t k = n; k-- > i;) tail = tail << 8 | p[k];
  hash ^= mix_block(tail) ^ (uint32_t)n;
  hash = (hash ^ hash >> 16) * 0x85EBCA6Bu;
  hash = (hash ^ hash >> 13) * 0xC2B2AE35u;
  return (int32_t)(hash ^ hash >> 16);
}

typedef struct {
  uint32_t column, term;
  int sign;
} hashed_term;

static int compare_hashed(const void *left, const void *right) {
  const hashed_term *a = left, *b = right;
  if (a->column != b->column) return a->column < b->column ? -1 : 1;
  return a->term < b->term ? -1 : 1;
}

/* All n counted terms, by column. */
static hn_status hash_terms(const hn_hashing *h, const hn_counter *counter, size_t n,
                            hashed_term *terms_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer spelled = {0};
  for (size_t i = 0; i < n; i++) {
    size_t length = hn_counter_spelled_length(counter, (uint32_t)i);
    hn_buffer_clear(&spelled);
    char *text = hn_buffer_reserve(&spelled, length);
    if (!text) HN_TRY(hn_fail_memory(err));
    hn_counter_spell(counter, (uint32_t)i, text);
    int32_t hash = murmur3(text, length);
    uint32_t magnitude = hash < 0 ? 0u - (uint32_t)hash : (uint32_t)hash;
    terms_out[i] = (hashed_term){magnitude % h->n_features, (uint32_t)i,
                                 h->alternate_sign && hash < 0 ? -1 : 1};
  }
  qsort(terms_out, n, sizeof *terms_out, compare_hashed);
done:
  hn_buffer_free(&spelled);
  return status;
}

/* Row i of counts, whose columns are ranks in terms, with hashed columns to indices and values; its
 * length. Entries of one column lie side by side. */
static size_t merge_row(const hn_hashing *h, const hn_csr *counts, size_t i,
                        const hashed_term *terms, int32_t *indices, float *values) {
  size_t n = 0;
  for (int64_t k = counts->indptr[i]; k < counts->indptr[i + 1]; k++) {
    hashed_term term = terms[counts->indices[k]];
    float count = counts->values[k] * (float)term.sign;
    if (n > 0 && indices[n - 1] == (int32_t)term.column) {
      values[n - 1] += count;
    } else {
      indices[n] = (int32_t)term.column;
      values[n++] = count;
    }
  }
  double sum = 0;
  for (size_t k = 0; k < n; k++) {
    if (h->binary) values[k] = 1;
    double value = (double)values[k];
    sum += h->norm == L2 ? value * value : fabs(value);
  }
  double norm = h->norm == L2 ? sqrt(sum) : sum;
  for (size_t k = 0; k < n && h->norm != NONE && norm > 0; k++)
    values[k] = (float)((double)values[k] / norm);
  return n;
}

/* In place: no row grows. */
static void merge_rows(const hn_hashing *h, const hashed_term *terms, hn_csr *x) {
  int64_t n = 0;
  for (size_t i = 0; i < x->n_rows; i++) {
    size_t length = merge_row(h, x, i, terms, x->indices + n, x->values + n);
    x->indptr[i] = n;
    n += (int64_t)length;
  }
  x->indptr[x->n_rows] = n;
  x->n_cols = h->n_features;
}

hn_status hn_hashing_transform(const hn_hashing *h, const hn_text *documents, size_t n,
                               hn_progress *progress, hn_csr *x_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_counter *counter = NULL;
  hashed_term *terms = NULL;
  int32_t *ranks = NULL;
  hn_csr x = {0};
  HN_TRY(hn_counter_create(h->analyzer, NULL, &counter, err));
  HN_TRY(hn_counter_add(counter, documents, n, progress, err));
  HN_TRY(hn_counter_finish(counter, err));
  const hn_ngrams *g = hn_counter_ngrams(counter);
  HN_NEW(terms, g->n, err);
  HN_NEW(ranks, g->n, err);
  HN_TRY(hash_terms(h, counter, g->n, terms, err));
  for (size_t i = 0; i < g->n; i++) ranks[terms[i].term] = (int32_t)i;
  HN_TRY(hn_ngrams_csr(g, ranks, g->n, &x, err));
  merge_rows(h, terms, &x);
  *x_out = x;
  x = (hn_csr){0};
done:
  hn_csr_free(&x);
  hn_free(terms);
  hn_free(ranks);
  hn_counter_destroy(counter);
  return status;
}
