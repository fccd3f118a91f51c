/* Each thread numbers the words of the documents that it takes in a vocabulary of its own and keeps
 * the texts as these numbers. At the end the vocabularies become one, and n-grams are counted. */
#include "nlp/count.h"

#include "base/memory.h"
#include "base/threads.h"

#include <string.h>

/* So many words ahead, their counts are fetched from memory. */
enum { AHEAD = 16 };

typedef struct {
  uint64_t total;
  uint32_t df, last_document; /* counted from 1 */
} word_count;

/* One thread's share. */
typedef struct {
  hn_vocabulary words;
  hn_analysis analysis;
  uint32_t *terms; /* of its documents, one behind the other */
  size_t n, capacity;
  word_count *counts; /* by word */
  size_t count_capacity;
  size_t failed; /* the lowest document that failed, or SIZE_MAX */
  hn_error error;
} worker;

/* Where a document's terms are. */
typedef struct {
  size_t start;
  uint32_t n, worker;
} document;

struct hn_counter {
  const hn_analyzer *analyzer;
  const hn_vocabulary *known;
  worker *workers;
  size_t n_workers;
  document *documents;
  size_t n, capacity;
  hn_text *words; /* in code-point order, in the workers' vocabularies */
  hn_ngrams ngrams;
};

hn_status hn_counter_create(const hn_analyzer *analyzer, const hn_vocabulary *known,
                            hn_counter **counter_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_counter *made = NULL;
  HN_NEW(made, 1, err);
  made->analyzer = analyzer;
  made->known = known;
  HN_NEW(made->workers, (size_t)hn_threads(), err);
  made->n_workers = (size_t)hn_threads();
  for (size_t i = 0; i < made->n_workers; i++) made->workers[i].failed = SIZE_MAX;
  *counter_out = made;
  made = NULL;
done:
  hn_counter_destroy(made);
  return status;
}

void hn_counter_destroy(hn_counter *c) {
  if (!c) return;
  for (size_t i = 0; i < c->n_workers; i++) {
    worker *w = &c->workers[i];
    hn_vocabulary_free(&w->words);
    hn_analysis_free(&w->analysis);
    hn_free(w->terms);
    hn_free(w->counts);
  }
  hn_free(c->workers);
  hn_free(c->documents);
  hn_free(c->words);
  hn_ngrams_free(&c->ngrams);
  hn_free(c);
}

/* p grown to hold n elements, by half at least; NULL when out of memory. */
static void *reserved(void *p, size_t size, size_t n, size_t *capacity) {
  if (p && n <= *capacity) return p;
  size_t wanted = *capacity + *capacity / 2 > n ? *capacity + *capacity / 2 : n + 256;
  void *grown = hn_realloc(p, wanted, size);
  if (grown) *capacity = wanted;
  return grown;
}

/* Count those of the n numbers that are words as occurrences in document d. */
static hn_status count_words(worker *w, const uint32_t *terms, size_t n, size_t d, hn_error *err) {
  size_t before = w->count_capacity;
  word_count *counts = reserved(w->counts, sizeof *counts, w->words.n, &w->count_capacity);
  if (!counts) return hn_fail_memory(err);
  w->counts = counts;
  memset(counts + before, 0, (w->count_capacity - before) * sizeof *counts);
  for (size_t i = 0; i < n; i++) {
    if (i + AHEAD < n && terms[i + AHEAD] != HN_NO_TERM)
      __builtin_prefetch(&counts[terms[i + AHEAD]]);
    if (terms[i] == HN_NO_TERM) continue;
    word_count *count = &counts[terms[i]];
    count->total++;
    count->df += count->last_document != (uint32_t)(d + 1);
    count->last_document = (uint32_t)(d + 1);
  }
  return HN_OK;
}

static hn_status take_document(const hn_counter *c, worker *w, hn_text text, size_t d,
                               document *out, hn_error *err) {
  hn_status status = HN_OK;
  hn_analysis *s = &w->analysis;
  HN_TRY(c->known ? hn_analyzer_apply(c->analyzer, text, c->known, s, err)
                  : hn_analyzer_sequences(c->analyzer, text, &w->words, s, err));
  if (s->n > UINT32_MAX) HN_TRY(hn_fail(err, HN_INVALID, "%zu terms are too many", s->n));
  if (!c->known) HN_TRY(count_words(w, s->terms, s->n, d, err));
  uint32_t *terms = reserved(w->terms, sizeof *terms, w->n + s->n, &w->capacity);
  if (!terms) HN_TRY(hn_fail_memory(err));
  w->terms = terms;
  if (s->n > 0) memcpy(terms + w->n, s->terms, s->n * sizeof *terms);
  *out = (document){w->n, (uint32_t)s->n, (uint32_t)(w - c->workers)};
  w->n += s->n;
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
    if (take_document(c, w, documents[i], c->n + i, &c->documents[c->n + i], &error) != HN_OK &&
        c->n + i < w->failed) {
      w->failed = c->n + i;
      w->error = error;
    }
    hn_progress_advance(progress, 1);
  }
  c->n += n;
  const worker *first = &c->workers[0];
  for (size_t i = 1; i < c->n_workers; i++)
    if (c->workers[i].failed < first->failed) first = &c->workers[i];
  if (first->failed != SIZE_MAX) {
    if (err) *err = first->error;
    HN_TRY(hn_fail_prefix(err, first->error.code, "document %zu", first->failed));
  }
done:
  return status;
}

/* The workers' words become terms 0 … n_words - 1; numbers[i]: those of worker i's. */
static hn_status join_words(hn_counter *c, uint32_t **numbers, hn_error *err) {
  hn_status status = HN_OK;
  hn_ngrams *g = &c->ngrams;
  const hn_vocabulary **vocabularies = NULL;
  HN_NEW(vocabularies, c->n_workers, err);
  for (size_t i = 0; i < c->n_workers; i++) {
    vocabularies[i] = &c->workers[i].words;
    HN_NEW(numbers[i], vocabularies[i]->n, err);
  }
  HN_TRY(hn_vocabulary_rank_words(vocabularies, c->n_workers, numbers, &c->words, &g->n, err));
  g->n_words = g->n;
  HN_NEW(g->df, g->n, err);
  HN_NEW(g->total, g->n, err);
  for (size_t i = 0; i < c->n_workers; i++)
    for (size_t k = 0; k < vocabularies[i]->n; k++) {
      g->df[numbers[i][k]] += c->workers[i].counts[k].df;
      g->total[numbers[i][k]] += (double)c->workers[i].counts[k].total;
    }
  if (hn_analyzer_range(c->analyzer).min_n > 1) memset(g->df, 0, g->n * sizeof *g->df);
done:
  hn_free(vocabularies);
  return status;
}

/* The documents one behind the other, by the terms' final numbers (those of known need none). */
static hn_status gather(hn_counter *c, uint32_t *const *numbers, hn_error *err) {
  hn_status status = HN_OK;
  hn_ngrams *g = &c->ngrams;
  g->n_documents = c->n;
  HN_NEW(g->starts, c->n + 1, err);
  for (size_t i = 0; i < c->n; i++) g->starts[i + 1] = g->starts[i] + c->documents[i].n;
  g->terms[0] = hn_alloc(g->starts[c->n], sizeof *g->terms[0]);
  if (!g->terms[0]) HN_TRY(hn_fail_memory(err));
#pragma omp parallel for schedule(static)
  for (size_t i = 0; i < c->n; i++) {
    const document *d = &c->documents[i];
    const uint32_t *from = c->workers[d->worker].terms + d->start, *by = numbers[d->worker];
    uint32_t *to = g->terms[0] + g->starts[i];
    for (size_t k = 0; k < d->n; k++) to[k] = !by || from[k] == HN_NO_TERM ? from[k] : by[from[k]];
  }
  for (size_t i = 0; i < c->n_workers; i++) {
    hn_free(c->workers[i].terms);
    c->workers[i].terms = NULL;
  }
done:
  return status;
}

hn_status hn_counter_finish(hn_counter *c, hn_error *err) {
  hn_status status = HN_OK;
  uint32_t **numbers = NULL;
  HN_NEW(numbers, c->n_workers, err);
  if (c->known)
    c->ngrams.n = c->ngrams.n_words = c->known->n;
  else
    HN_TRY(join_words(c, numbers, err));
  HN_TRY(gather(c, numbers, err));
  if (!c->known) HN_TRY(hn_ngrams_count(&c->ngrams, hn_analyzer_range(c->analyzer), err));
done:
  for (size_t i = 0; numbers && i < c->n_workers; i++) hn_free(numbers[i]);
  hn_free(numbers);
  return status;
}

hn_ngrams *hn_counter_ngrams(hn_counter *c) {
  return &c->ngrams;
}

size_t hn_counter_spelled_length(const hn_counter *c, uint32_t term) {
  const hn_ngrams *g = &c->ngrams;
  size_t n = 0, joint = hn_analyzer_joint(c->analyzer) != 0;
  for (; term >= g->n_words; term = g->grams[term - g->n_words].prefix)
    n += c->words[g->grams[term - g->n_words].last].n + joint;
  return n + c->words[term].n;
}

char *hn_counter_spell(const hn_counter *c, uint32_t term, char *to) {
  const hn_ngrams *g = &c->ngrams;
  if (term >= g->n_words) {
    hn_gram gram = g->grams[term - g->n_words];
    to = hn_counter_spell(c, gram.prefix, to);
    *to = hn_analyzer_joint(c->analyzer);
    to += *to != 0;
    term = gram.last;
  }
  if (c->words[term].n > 0) memcpy(to, c->words[term].bytes, c->words[term].n);
  return to + c->words[term].n;
}
