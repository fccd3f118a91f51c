/* No hashing: all occurrences of n-grams of one length are sorted by (prefix, last word), so that
 * equal ones lie side by side; their rank is their number, which makes the prefixes of the next
 * length. Parts that fit the cache are sorted by radix, each by one thread, and no more than
 * half of the occurrences is held at a time. */
#include "nlp/ngrams.h"

#include "base/memory.h"
#include "base/threads.h"

#include <string.h>

enum {
  BUCKET_BITS = 14, /* prefixes are told apart no finer than that when parts are cut */
  N_BUCKETS = 1 << BUCKET_BITS,
  PART = 1 << 15, /* occurrences: half a megabyte */
  ROUND = 1 << 20,
  DIGIT_BITS = 11
};

/* One n-gram where it stands. */
typedef struct {
  uint32_t prefix, last, document, offset;
} occurrence;

/* Consecutive buckets, and their occurrences among those of the round. */
typedef struct {
  size_t first_bucket, start, n;
  size_t n_terms, first_term;
} part;

/* The n-grams of one length. Documents are cut into chunks, one a thread, in their order. */
typedef struct {
  hn_ngrams *g;
  size_t length;            /* n */
  const uint32_t *prefixes; /* (P) the grams of n - 1 words */
  uint32_t *terms;          /* (P) the grams of n words */
  size_t first_prefix, n_prefixes;
  unsigned bucket_shift;
  enum { COUNT_NONE, COUNT_WHOLE_SEQUENCES, COUNT_ALL } counted;
  size_t n_chunks, *chunks; /* (n_chunks + 1) first documents */
  size_t *bucket_sizes;     /* (n_chunks, N_BUCKETS) */
  uint32_t *parts_of;       /* (N_BUCKETS) */
  part *parts;
  size_t n_parts, n_occurrences;
  size_t *cursors; /* (n_chunks, n_parts) where a chunk's next occurrence of a part goes */
  occurrence *occurrences, *scratch;
  size_t capacity, scratch_capacity;
} level;

void hn_ngrams_free(hn_ngrams *g) {
  if (!g) return;
  for (size_t i = 0; i < HN_MAX_NGRAM; i++) hn_free(g->terms[i]);
  hn_free(g->starts);
  hn_free(g->grams);
  hn_free(g->df);
  hn_free(g->total);
  *g = (hn_ngrams){0};
}

static unsigned bits_below(size_t n) {
  return n > 1 ? 64 - (unsigned)__builtin_clzll(n - 1) : 0;
}

static void free_level(level *l) {
  hn_free(l->terms);
  hn_free(l->chunks);
  hn_free(l->bucket_sizes);
  hn_free(l->parts_of);
  hn_free(l->parts);
  hn_free(l->cursors);
  hn_free(l->occurrences);
  hn_free(l->scratch);
}

/* Chunks of about as many positions each. */
static void cut_chunks(const hn_ngrams *g, size_t n_chunks, size_t *chunks_out) {
  size_t document = 0;
  for (size_t c = 0; c < n_chunks; c++) {
    chunks_out[c] = document;
    size_t end = g->starts[g->n_documents] / n_chunks * (c + 1);
    while (document < g->n_documents && g->starts[document] < end) document++;
  }
  chunks_out[n_chunks] = g->n_documents;
}

static size_t bucket_of(const level *l, uint32_t prefix) {
  return (prefix - l->first_prefix) >> l->bucket_shift;
}

/* How many occurrences each chunk has in each bucket. */
static void measure_buckets(level *l) {
  const hn_ngrams *g = l->g;
  const uint32_t *words = g->terms[0];
#pragma omp parallel for schedule(static, 1)
  for (size_t c = 0; c < l->n_chunks; c++) {
    size_t *sizes = l->bucket_sizes + c * N_BUCKETS;
    for (size_t i = g->starts[l->chunks[c]]; i + 1 < g->starts[l->chunks[c + 1]]; i++)
      if (l->prefixes[i] != HN_NO_TERM && words[i + 1] != HN_NO_TERM)
        sizes[bucket_of(l, l->prefixes[i])]++;
  }
}

static size_t bucket_size(const level *l, size_t bucket) {
  size_t n = 0;
  for (size_t c = 0; c < l->n_chunks; c++) n += l->bucket_sizes[c * N_BUCKETS + bucket];
  return n;
}

/* Buckets to parts of PART occurrences, more only where one bucket has more. */
static void cut_parts(level *l) {
  size_t n_buckets = ((l->n_prefixes - 1) >> l->bucket_shift) + 1;
  for (size_t b = 0; b < n_buckets; b++) {
    size_t n = bucket_size(l, b);
    if (b == 0 || l->parts[l->n_parts - 1].n + n > PART)
      l->parts[l->n_parts++] = (part){.first_bucket = b};
    l->parts[l->n_parts - 1].n += n;
    l->parts_of[b] = (uint32_t)(l->n_parts - 1);
    l->n_occurrences += n;
  }
  l->parts[l->n_parts].first_bucket = n_buckets; /* the end of the last one */
}

/* Give parts from … to - 1 their places among the occurrences of a round, and in each part the
 * chunks theirs, one behind the other. */
static void place_parts(level *l, size_t from, size_t to) {
  size_t at = 0;
  for (size_t p = from; p < to; p++) {
    l->parts[p].start = at;
    for (size_t c = 0; c < l->n_chunks; c++) {
      const size_t *sizes = l->bucket_sizes + c * N_BUCKETS;
      l->cursors[c * l->n_parts + p] = at;
      for (size_t b = l->parts[p].first_bucket; b < l->parts[p + 1].first_bucket; b++)
        at += sizes[b];
    }
  }
}

/* Bring the occurrences of parts from … to - 1 together. */
static void scatter(level *l, size_t from, size_t to) {
  const hn_ngrams *g = l->g;
  const uint32_t *words = g->terms[0];
  size_t first = l->parts[from].first_bucket, n = l->parts[to].first_bucket - first;
#pragma omp parallel for schedule(static, 1)
  for (size_t c = 0; c < l->n_chunks; c++) {
    size_t *cursors = l->cursors + c * l->n_parts;
    for (size_t d = l->chunks[c]; d < l->chunks[c + 1]; d++)
      for (size_t i = g->starts[d]; i + 1 < g->starts[d + 1]; i++) {
        uint32_t prefix = l->prefixes[i], last = words[i + 1];
        if (prefix == HN_NO_TERM || last == HN_NO_TERM) continue;
        size_t bucket = bucket_of(l, prefix);
        if (bucket - first >= n) continue;
        l->occurrences[cursors[l->parts_of[bucket]]++] =
            (occurrence){prefix, last, (uint32_t)d, (uint32_t)(i + 1 - g->starts[d])};
      }
  }
}

/* By prefix and last word, otherwise as they were: radix sort of a key of n_bits. */
static void sort_occurrences(occurrence *own, occurrence *scratch, size_t n, uint32_t first_prefix,
                             unsigned word_bits, unsigned n_bits) {
  occurrence *from = own, *to = scratch;
#define DIGIT(o)                                                                                   \
  ((((uint64_t)((o).prefix - first_prefix) << word_bits | (o).last) >> shift) &                    \
   ((1 << DIGIT_BITS) - 1))
  for (unsigned shift = 0; shift < n_bits; shift += DIGIT_BITS) {
    size_t starts[(1 << DIGIT_BITS) + 1] = {0};
    for (size_t i = 0; i < n; i++) starts[DIGIT(from[i]) + 1]++;
    for (size_t k = 1; k <= 1 << DIGIT_BITS; k++) starts[k] += starts[k - 1];
    for (size_t i = 0; i < n; i++) to[starts[DIGIT(from[i])]++] = from[i];
    occurrence *swap = from;
    from = to;
    to = swap;
  }
#undef DIGIT
  if (from != own) memcpy(own, from, n * sizeof *own);
}

static int begins_term(const occurrence *o, size_t i) {
  return i == 0 || o[i].prefix != o[i - 1].prefix || o[i].last != o[i - 1].last;
}

static void sort_part(level *l, part *p, occurrence *scratch) {
  occurrence *own = l->occurrences + p->start;
  unsigned word_bits = bits_below(l->g->n_words);
  size_t width = (p[1].first_bucket - p->first_bucket) << l->bucket_shift;
  sort_occurrences(own, scratch, p->n,
                   (uint32_t)(l->first_prefix + (p->first_bucket << l->bucket_shift)), word_bits,
                   word_bits + bits_below(width));
  p->n_terms = 0;
  for (size_t i = 0; i < p->n; i++) p->n_terms += (size_t)begins_term(own, i);
}

/* Is the n-gram that ends at position i of a document that starts at `start` a whole sequence? */
static int is_whole(const uint32_t *words, size_t i, size_t start, size_t n) {
  return words[i + 1] == HN_NO_TERM && (i + 1 - start == n || words[i - n] == HN_NO_TERM);
}

/* Number the n-grams of a sorted part and count them. */
static void write_part(const level *l, const part *p) {
  hn_ngrams *g = l->g;
  const occurrence *own = l->occurrences + p->start;
  size_t term = p->first_term - 1;
  uint32_t counted_in = 0; /* the last document that counts */
  for (size_t i = 0; i < p->n; i++) {
    occurrence o = own[i];
    size_t position = g->starts[o.document] + o.offset;
    if (begins_term(own, i)) {
      g->grams[++term - g->n_words] = (hn_gram){o.prefix, o.last};
      g->df[term] = 0;
      g->total[term] = 0;
    }
    l->terms[position] = (uint32_t)term;
    if (l->counted == COUNT_NONE ||
        (l->counted == COUNT_WHOLE_SEQUENCES &&
         !is_whole(g->terms[0], position, g->starts[o.document], l->length)))
      continue;
    if (g->total[term] == 0 || o.document != counted_in) g->df[term]++;
    g->total[term]++;
    counted_in = o.document;
  }
}

static hn_status reserve_terms(hn_ngrams *g, size_t n, hn_error *err) {
  if (n >= HN_NO_TERM)
    return hn_fail(err, HN_INVALID,
                   "more than %u distinct terms; take shorter n-grams or --hashing",
                   HN_NO_TERM - 1);
  hn_gram *grams = hn_realloc(g->grams, n - g->n_words, sizeof *grams);
  if (grams) g->grams = grams;
  uint32_t *df = hn_realloc(g->df, n, sizeof *df);
  if (df) g->df = df;
  double *total = hn_realloc(g->total, n, sizeof *total);
  if (total) g->total = total;
  return grams && df && total ? HN_OK : hn_fail_memory(err);
}

/* Room for so many occurrences, and for sorting the largest of the parts in each thread. */
static hn_status reserve_round(level *l, size_t from, size_t to, hn_error *err) {
  hn_status status = HN_OK;
  size_t n = 0, largest = 0;
  for (size_t p = from; p < to; p++) {
    n += l->parts[p].n;
    if (l->parts[p].n > largest) largest = l->parts[p].n;
  }
  if (n > l->capacity) {
    hn_free(l->occurrences);
    l->capacity = 0;
    l->occurrences = hn_alloc(n, sizeof *l->occurrences);
    if (!l->occurrences) HN_TRY(hn_fail_memory(err));
    l->capacity = n;
  }
  if (largest > l->scratch_capacity) {
    hn_free(l->scratch);
    l->scratch_capacity = 0;
    l->scratch = hn_alloc(largest * l->n_chunks, sizeof *l->scratch);
    if (!l->scratch) HN_TRY(hn_fail_memory(err));
    l->scratch_capacity = largest;
  }
done:
  return status;
}

static hn_status rank_parts(level *l, size_t from, size_t to, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(reserve_round(l, from, to, err));
  place_parts(l, from, to);
  scatter(l, from, to);
#pragma omp parallel for schedule(dynamic)
  for (size_t p = from; p < to; p++)
    sort_part(l, &l->parts[p], l->scratch + (size_t)hn_thread_id() * l->scratch_capacity);
  size_t n = l->g->n;
  for (size_t p = from; p < to; p++) {
    l->parts[p].first_term = n;
    n += l->parts[p].n_terms;
  }
  HN_TRY(reserve_terms(l->g, n, err));
#pragma omp parallel for schedule(dynamic)
  for (size_t p = from; p < to; p++) write_part(l, &l->parts[p]);
  l->g->n = n;
done:
  return status;
}

/* Make terms[length - 1] of terms[length - 2], whose terms begin at first_prefix. */
static hn_status add_level(hn_ngrams *g, hn_ngram_range range, size_t length, size_t first_prefix,
                           hn_error *err) {
  hn_status status = HN_OK;
  size_t n_positions = g->starts[g->n_documents], n_prefixes = g->n - first_prefix;
  unsigned bits = bits_below(n_prefixes);
  level l = {.g = g,
             .length = length,
             .prefixes = g->terms[length - 2],
             .first_prefix = first_prefix,
             .n_prefixes = n_prefixes,
             .bucket_shift = bits > BUCKET_BITS ? bits - BUCKET_BITS : 0,
             .counted = length >= range.min_n ? COUNT_ALL
                        : range.whole         ? COUNT_WHOLE_SEQUENCES
                                              : COUNT_NONE,
             .n_chunks = (size_t)hn_threads()};
  l.terms = hn_alloc(n_positions, sizeof *l.terms);
  if (!l.terms) HN_TRY(hn_fail_memory(err));
  memset(l.terms, 0xFF, n_positions * sizeof *l.terms); /* HN_NO_TERM */
  HN_NEW(l.chunks, l.n_chunks + 1, err);
  HN_NEW(l.bucket_sizes, l.n_chunks * N_BUCKETS, err);
  HN_NEW(l.parts_of, N_BUCKETS, err);
  HN_NEW(l.parts, N_BUCKETS + 1, err);
  cut_chunks(g, l.n_chunks, l.chunks);
  measure_buckets(&l);
  if (n_prefixes > 0) cut_parts(&l);
  HN_NEW(l.cursors, l.n_chunks * l.n_parts, err);
  size_t round = l.n_occurrences / 2 > ROUND ? l.n_occurrences / 2 : ROUND;
  for (size_t from = 0, to; from < l.n_parts; from = to) {
    size_t n = l.parts[from].n;
    for (to = from + 1; to < l.n_parts && n + l.parts[to].n <= round; to++) n += l.parts[to].n;
    HN_TRY(rank_parts(&l, from, to, err));
  }
  g->terms[length - 1] = l.terms;
  l.terms = NULL;
done:
  free_level(&l);
  return status;
}

/* Of the n-grams of a length below the range only whole sequences count, if anything. */
static void drop_uncounted(hn_ngrams *g, size_t length, int whole) {
  uint32_t *terms = g->terms[length - 1];
  if (!whole || length == 1) { /* a sequence that may count as a whole has more than one word */
    hn_free(terms);
    g->terms[length - 1] = NULL;
    return;
  }
#pragma omp parallel for schedule(static)
  for (size_t d = 0; d < g->n_documents; d++)
    for (size_t i = g->starts[d]; i < g->starts[d + 1]; i++)
      if (terms[i] != HN_NO_TERM && !is_whole(g->terms[0], i, g->starts[d], length))
        terms[i] = HN_NO_TERM;
}

hn_status hn_ngrams_count(hn_ngrams *g, hn_ngram_range range, hn_error *err) {
  hn_status status = HN_OK;
  size_t first_prefix = 0;
  for (size_t length = 2; length <= range.max_n; length++) {
    size_t first = g->n;
    HN_TRY(add_level(g, range, length, first_prefix, err));
    if (length > 2 && length - 1 < range.min_n) drop_uncounted(g, length - 1, range.whole);
    g->ends[length - 1] = g->n;
    if (g->n == first) break;
    first_prefix = first;
  }
  if (range.min_n > 1) drop_uncounted(g, 1, range.whole);
done:
  return status;
}

/* The n-grams of each length are met in ascending order, so that one cursor a length suffices. */
static uint32_t *walk(const hn_ngrams *g, size_t *next, size_t term, size_t n, uint32_t *order) {
  *order++ = (uint32_t)term;
  if (n == HN_MAX_NGRAM) return order;
  while (next[n] < g->ends[n] && g->grams[next[n] - g->n_words].prefix == term)
    order = walk(g, next, next[n]++, n + 1, order);
  return order;
}

void hn_ngrams_order(const hn_ngrams *g, uint32_t *order_out) {
  size_t next[HN_MAX_NGRAM] = {0}; /* by n - 1 */
  for (size_t n = 1; n < HN_MAX_NGRAM; n++) next[n] = n == 1 ? g->n_words : g->ends[n - 1];
  for (size_t t = 0; t < g->n_words; t++) order_out = walk(g, next, t, 1, order_out);
}
