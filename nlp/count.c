#include "nlp/count.h"

#include "base/memory.h"
#include "base/threads.h"

#include <string.h>

/* So many terms ahead, what they need is fetched from memory. */
enum { AHEAD = 16 };

typedef struct {
  uint32_t term, count;
} entry;

/* One thread's share: its own vocabulary, and the counts of the documents that it took. */
typedef struct {
  hn_vocabulary vocabulary;
  hn_analysis analysis;
  entry *entries;
  size_t n, capacity;
  uint32_t *places; /* by term: where among its document's entries it was last counted */
  size_t place_capacity;
  size_t failed; /* the lowest document that failed, or SIZE_MAX */
  hn_error error;
} worker;

typedef struct {
  size_t start; /* in its worker's entries */
  uint32_t n, worker;
} document;

struct hn_counter {
  const hn_analyzer *analyzer;
  const hn_vocabulary *known;
  worker *workers;
  int n_workers;
  document *documents;
  size_t n, capacity;
};

hn_status hn_counter_create(const hn_analyzer *analyzer, const hn_vocabulary *known,
                            hn_counter **counter_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_counter *made = NULL;
  HN_NEW(made, 1, err);
  made->analyzer = analyzer;
  made->known = known;
  HN_NEW(made->workers, (size_t)hn_threads(), err);
  made->n_workers = hn_threads();
  for (int i = 0; i < made->n_workers; i++) made->workers[i].failed = SIZE_MAX;
  *counter_out = made;
  made = NULL;
done:
  hn_counter_destroy(made);
  return status;
}

/* What is needed only until the counts are together. */
static void free_tables(worker *w) {
  hn_vocabulary_free(&w->vocabulary);
  hn_analysis_free(&w->analysis);
  hn_free(w->places);
  w->places = NULL;
  w->place_capacity = 0;
}

void hn_counter_destroy(hn_counter *c) {
  if (!c) return;
  for (int i = 0; i < c->n_workers; i++) {
    free_tables(&c->workers[i]);
    hn_free(c->workers[i].entries);
  }
  hn_free(c->workers);
  hn_free(c->documents);
  hn_free(c);
}

/* p grown to hold n elements, by half at least, the new ones zero; NULL when out of memory. */
static void *reserved(void *p, size_t size, size_t n, size_t *capacity) {
  if (p && n <= *capacity) return p;
  size_t wanted = *capacity + *capacity / 2 > n ? *capacity + *capacity / 2 : n + 256;
  char *grown = hn_realloc(p, wanted, size);
  if (!grown) return NULL;
  memset(grown + *capacity * size, 0, (wanted - *capacity) * size);
  *capacity = wanted;
  return grown;
}

static hn_status reserve_counts(worker *w, size_t n_terms, size_t n_entries, hn_error *err) {
  uint32_t *places = reserved(w->places, sizeof *places, n_terms, &w->place_capacity);
  if (places) w->places = places;
  entry *entries = reserved(w->entries, sizeof *entries, n_entries, &w->capacity);
  if (entries) w->entries = entries;
  return places && entries ? HN_OK : hn_fail_memory(err);
}

/* Count the terms of one document into entries; how many differ. A place may be one of another
 * document's: it holds if the entry there is of this term. */
static size_t count_terms(const hn_analysis *analysis, uint32_t *places, entry *entries) {
  const uint32_t *terms = analysis->terms;
  size_t n = 0;
  for (size_t i = 0; i < analysis->n; i++) {
    uint32_t term = terms[i];
    if (i + AHEAD < analysis->n && terms[i + AHEAD] != HN_NO_TERM)
      __builtin_prefetch(&places[terms[i + AHEAD]]);
    if (term == HN_NO_TERM) continue;
    if (places[term] < n && entries[places[term]].term == term) {
      entries[places[term]].count++;
    } else {
      places[term] = (uint32_t)n;
      entries[n++] = (entry){term, 1};
    }
  }
  return n;
}

static hn_status count_document(const hn_counter *c, worker *w, hn_text text, document *out,
                                hn_error *err) {
  hn_status status = HN_OK;
  hn_vocabulary *growing = c->known ? NULL : &w->vocabulary;
  HN_TRY(hn_analyzer_apply(c->analyzer, text, c->known, growing, &w->analysis, err));
  size_t n_terms = c->known ? c->known->n : w->vocabulary.n;
  HN_TRY(reserve_counts(w, n_terms, w->n + w->analysis.n, err));
  size_t n = count_terms(&w->analysis, w->places, w->entries + w->n);
  *out = (document){w->n, (uint32_t)n, (uint32_t)(w - c->workers)};
  w->n += n;
done:
  return status;
}

hn_status hn_counter_add(hn_counter *c, const hn_text *documents, size_t n, hn_progress *progress,
                         hn_error *err) {
  hn_status status = HN_OK;
  document *grown = reserved(c->documents, sizeof *grown, c->n + n, &c->capacity);
  if (!grown) HN_TRY(hn_fail_memory(err));
  c->documents = grown;
#pragma omp parallel for schedule(dynamic, 16) num_threads(c->n_workers)
  for (size_t i = 0; i < n; i++) {
    worker *w = &c->workers[hn_thread_id()];
    hn_error error;
    if (w->failed != SIZE_MAX && w->error.code == HN_NO_MEMORY) continue;
    if (count_document(c, w, documents[i], &c->documents[c->n + i], &error) != HN_OK &&
        c->n + i < w->failed) {
      w->failed = c->n + i;
      w->error = error;
    }
    hn_progress_advance(progress, 1);
  }
  c->n += n;
  const worker *first = &c->workers[0];
  for (int i = 1; i < c->n_workers; i++)
    if (c->workers[i].failed < first->failed) first = &c->workers[i];
  if (first->failed != SIZE_MAX) {
    if (err) *err = first->error;
    HN_TRY(hn_fail_prefix(err, first->error.code, "document %zu", first->failed));
  }
done:
  return status;
}

hn_status hn_counter_finish(hn_counter *c, hn_error *err) {
  hn_status status = HN_OK;
  uint32_t *numbers = NULL;
  for (int i = 1; i < c->n_workers && !c->known; i++) {
    worker *w = &c->workers[i];
    HN_NEW(numbers, w->vocabulary.n, err);
    HN_TRY(hn_vocabulary_merge(&c->workers[0].vocabulary, &w->vocabulary, numbers, err));
    for (size_t k = 0; k < w->n; k++) w->entries[k].term = numbers[w->entries[k].term];
    free_tables(w);
    hn_free(numbers);
    numbers = NULL;
  }
done:
  hn_free(numbers);
  return status;
}

const hn_vocabulary *hn_counter_vocabulary(const hn_counter *c) {
  return c->known ? c->known : &c->workers[0].vocabulary;
}

size_t hn_counter_n_documents(const hn_counter *c) {
  return c->n;
}

/* One output a thread. */
void hn_counter_frequencies(const hn_counter *c, uint32_t *df_out, double *total_out) {
  size_t n = hn_counter_vocabulary(c)->n;
#pragma omp parallel sections num_threads(c->n_workers)
  {
#pragma omp section
    {
      memset(df_out, 0, n * sizeof *df_out);
      for (int i = 0; i < c->n_workers; i++)
        for (size_t k = 0; k < c->workers[i].n; k++) df_out[c->workers[i].entries[k].term]++;
    }
#pragma omp section
    {
      memset(total_out, 0, n * sizeof *total_out);
      for (int i = 0; i < c->n_workers; i++)
        for (size_t k = 0; k < c->workers[i].n; k++)
          total_out[c->workers[i].entries[k].term] += c->workers[i].entries[k].count;
    }
  }
}

/* Sort keys by their upper 32 bits, which are below 2^n_bits: a byte at a time, lowest first. */
static void sort_keys(uint64_t *keys, uint64_t *scratch, size_t n, unsigned n_bits) {
  if (n <= 32) {
    for (size_t i = 1; i < n; i++) {
      uint64_t key = keys[i];
      size_t k = i;
      for (; k > 0 && keys[k - 1] > key; k--) keys[k] = keys[k - 1];
      keys[k] = key;
    }
    return;
  }
  uint64_t *from = keys, *to = scratch;
  for (unsigned shift = 32; shift < 32 + n_bits; shift += 8) {
    size_t starts[257] = {0};
    for (size_t i = 0; i < n; i++) starts[1 + (from[i] >> shift & 0xFF)]++;
    for (size_t b = 1; b < 257; b++) starts[b] += starts[b - 1];
    for (size_t i = 0; i < n; i++) to[starts[from[i] >> shift & 0xFF]++] = from[i];
    uint64_t *swap = from;
    from = to;
    to = swap;
  }
  if (from != keys) memcpy(keys, from, n * sizeof *keys);
}

/* Write one document's row: keys and scratch hold its entries at least. */
static void write_row(const entry *entries, size_t n, const int32_t *columns, unsigned n_bits,
                      uint64_t *keys, uint64_t *scratch, int32_t *indices, float *values) {
  size_t n_kept = 0;
  for (size_t k = 0; k < n; k++)
    if (columns[entries[k].term] >= 0)
      keys[n_kept++] = (uint64_t)columns[entries[k].term] << 32 | entries[k].count;
  sort_keys(keys, scratch, n_kept, n_bits);
  for (size_t k = 0; k < n_kept; k++) {
    indices[k] = (int32_t)(keys[k] >> 32);
    values[k] = (float)(uint32_t)keys[k];
  }
}

/* Fill indptr of m, and give the number of entries and the longest row before columns are left
 * out. */
static size_t row_lengths(const hn_counter *c, const int32_t *columns, int64_t *indptr,
                          size_t *longest_out) {
  size_t longest = 0;
  indptr[0] = 0;
#pragma omp parallel for schedule(static) num_threads(c->n_workers)
  for (size_t i = 0; i < c->n; i++) {
    const document *d = &c->documents[i];
    const entry *entries = c->workers[d->worker].entries + d->start;
    int64_t n = 0;
    for (size_t k = 0; k < d->n; k++) n += columns[entries[k].term] >= 0;
    indptr[i + 1] = n;
  }
  for (size_t i = 0; i < c->n; i++) {
    indptr[i + 1] += indptr[i];
    if (c->documents[i].n > longest) longest = c->documents[i].n;
  }
  *longest_out = longest;
  return (size_t)indptr[c->n];
}

hn_status hn_counter_csr(const hn_counter *c, const int32_t *columns, size_t n_columns,
                         hn_csr *counts_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_csr made = {0};
  int64_t *indptr = NULL;
  uint64_t *keys = NULL;
  size_t longest;
  unsigned n_bits = n_columns > 1 ? 32 - (unsigned)__builtin_clz((unsigned)n_columns - 1) : 1;
  HN_NEW(indptr, c->n + 1, err);
  size_t n_entries = row_lengths(c, columns, indptr, &longest);
  HN_TRY(hn_csr_init(&made, c->n, n_columns, n_entries, err));
  HN_NEW(keys, 2 * longest * (size_t)c->n_workers, err);
  memcpy(made.indptr, indptr, (c->n + 1) * sizeof *indptr);
#pragma omp parallel for schedule(dynamic, 64) num_threads(c->n_workers)
  for (size_t i = 0; i < c->n; i++) {
    const document *d = &c->documents[i];
    uint64_t *own = keys + 2 * longest * (size_t)hn_thread_id();
    write_row(c->workers[d->worker].entries + d->start, d->n, columns, n_bits, own, own + longest,
              made.indices + indptr[i], made.values + indptr[i]);
  }
  *counts_out = made;
  made = (hn_csr){0};
done:
  hn_csr_free(&made);
  hn_free(indptr);
  hn_free(keys);
  return status;
}
