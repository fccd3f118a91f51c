#include "nlp/vocabulary.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Words up to sixteen bytes, nearly all, are compared without leaving the slot. */
typedef struct {
  uint64_t head,
      tail; /* the word's bytes and zeros; of a longer word the first eight, and a hash */
  uint32_t length;
} word_key;

struct hn_word_slot {
  word_key key;
  uint32_t term; /* HN_NO_TERM: the slot is free */
};

struct hn_gram_slot {
  uint32_t prefix, last;
  uint32_t term;
};

struct hn_arena_block {
  struct hn_arena_block *next;
  size_t used, capacity;
  char bytes[];
};

#define ARENA_BLOCK ((size_t)64 << 10)
#define MIX 0x9E3779B97F4A7C15u
#define MIX_TAIL 0xC2B2AE3D27D4EB4Fu
enum { KEY_BYTES = 16, BLOCK = 32 };

void hn_vocabulary_free(hn_vocabulary *v) {
  if (!v) return;
  for (struct hn_arena_block *block = v->arena, *next; block; block = next) {
    next = block->next;
    hn_free(block);
  }
  hn_free(v->terms);
  hn_free(v->words);
  hn_free(v->grams);
  *v = (hn_vocabulary){0};
}

/* A copy of text in the arena, or NULL. */
static const char *keep_text(hn_vocabulary *v, const char *text, size_t n) {
  struct hn_arena_block *block = v->arena;
  if (!block || block->capacity - block->used < n) {
    size_t capacity = n > ARENA_BLOCK ? n : ARENA_BLOCK;
    block = hn_alloc(sizeof *block + capacity, 1);
    if (!block) return NULL;
    *block = (struct hn_arena_block){v->arena, 0, capacity};
    v->arena = block;
  }
  char *copy = block->bytes + block->used;
  if (n) memcpy(copy, text, n);
  block->used += n;
  return copy;
}

/* n bytes of which n_readable can be read. */
static word_key make_key(const char *text, size_t n, size_t n_readable) {
  static const unsigned char ones[2 * KEY_BYTES] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                                    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  uint64_t bytes[2] = {0, 0}, mask[2];
  if (n > KEY_BYTES) {
    memcpy(bytes, text, 8);
    bytes[1] = XXH3_64bits(text, n);
  } else if (n_readable >= KEY_BYTES) { /* of fixed length, so without a branch on n */
    memcpy(bytes, text, KEY_BYTES);
    memcpy(mask, ones + KEY_BYTES - n, KEY_BYTES);
    bytes[0] &= mask[0];
    bytes[1] &= mask[1];
  } else if (n > 0) {
    memcpy(bytes, text, n);
  }
  return (word_key){bytes[0], bytes[1], (uint32_t)n};
}

static uint64_t word_hash(word_key key) {
  uint64_t hash = (key.head ^ key.length) * MIX ^ key.tail * MIX_TAIL;
  return hash ^ hash >> 32;
}

static uint64_t gram_hash(uint32_t prefix, uint32_t last) {
  uint64_t hash = ((uint64_t)prefix << 32 | last) * MIX;
  return hash ^ hash >> 32;
}

/* The slot that holds the word or is free for it. The table is never full. */
static struct hn_word_slot *word_slot(const hn_vocabulary *v, word_key key, const char *text) {
  size_t mask = v->word_capacity - 1, i = word_hash(key) & mask;
  for (;; i = (i + 1) & mask) {
    struct hn_word_slot *slot = &v->words[i];
    if (slot->term == HN_NO_TERM) return slot;
    if (slot->key.head == key.head && slot->key.tail == key.tail &&
        slot->key.length == key.length &&
        (key.length <= KEY_BYTES || memcmp(v->terms[slot->term].bytes, text, key.length) == 0))
      return slot;
  }
}

static struct hn_gram_slot *gram_slot(const hn_vocabulary *v, uint32_t prefix, uint32_t last) {
  size_t mask = v->gram_capacity - 1, i = gram_hash(prefix, last) & mask;
  for (;; i = (i + 1) & mask) {
    struct hn_gram_slot *slot = &v->grams[i];
    if (slot->term == HN_NO_TERM || (slot->prefix == prefix && slot->last == last)) return slot;
  }
}

/* Enlarge a table that n more terms would fill by more than two thirds. */
static hn_status reserve_words(hn_vocabulary *v, size_t n, hn_error *err) {
  if (3 * (v->n_words + n) <= 2 * v->word_capacity) return HN_OK;
  hn_vocabulary larger = *v;
  if (!larger.word_capacity) larger.word_capacity = 1024;
  while (3 * (v->n_words + n) > 2 * larger.word_capacity) larger.word_capacity *= 2;
  larger.words = hn_alloc(larger.word_capacity, sizeof *larger.words);
  if (!larger.words) return hn_fail_memory(err);
  memset(larger.words, 0xFF, larger.word_capacity * sizeof *larger.words);
  for (size_t i = 0; i < v->word_capacity; i++) {
    const struct hn_word_slot *slot = &v->words[i];
    if (slot->term == HN_NO_TERM) continue;
    *word_slot(&larger, slot->key, v->terms[slot->term].bytes) = *slot;
  }
  hn_free(v->words);
  *v = larger;
  return HN_OK;
}

static hn_status reserve_grams(hn_vocabulary *v, size_t n, hn_error *err) {
  if (3 * (v->n_grams + n) <= 2 * v->gram_capacity) return HN_OK;
  hn_vocabulary larger = *v;
  if (!larger.gram_capacity) larger.gram_capacity = 1024;
  while (3 * (v->n_grams + n) > 2 * larger.gram_capacity) larger.gram_capacity *= 2;
  larger.grams = hn_alloc(larger.gram_capacity, sizeof *larger.grams);
  if (!larger.grams) return hn_fail_memory(err);
  memset(larger.grams, 0xFF, larger.gram_capacity * sizeof *larger.grams);
  for (size_t i = 0; i < v->gram_capacity; i++) {
    const struct hn_gram_slot *slot = &v->grams[i];
    if (slot->term != HN_NO_TERM) *gram_slot(&larger, slot->prefix, slot->last) = *slot;
  }
  hn_free(v->grams);
  *v = larger;
  return HN_OK;
}

static hn_status grow_terms(hn_vocabulary *v, hn_error *err) {
  hn_status status = HN_OK;
  if (v->n >= HN_NO_TERM)
    HN_TRY(hn_fail(err, HN_INVALID,
                   "more than %u distinct terms; set max_features or shorter "
                   "n-grams",
                   HN_NO_TERM - 1));
  HN_GROW(v->terms, v->n, v->capacity, err);
done:
  return status;
}

/* The number of a word for which there is room in the table. */
static hn_status add_key(hn_vocabulary *v, word_key key, const char *text, uint32_t *term_out,
                         hn_error *err) {
  hn_status status = HN_OK;
  struct hn_word_slot *slot = word_slot(v, key, text);
  if (slot->term == HN_NO_TERM) {
    HN_TRY(grow_terms(v, err));
    const char *copy = keep_text(v, text, key.length);
    if (!copy) HN_TRY(hn_fail_memory(err));
    *slot = (struct hn_word_slot){key, (uint32_t)v->n};
    v->terms[v->n++] = (hn_text){copy, key.length};
    v->n_words++;
  }
  *term_out = slot->term;
done:
  return status;
}

static hn_status add_pair(hn_vocabulary *v, uint32_t prefix, uint32_t last, uint32_t *term_out,
                          hn_error *err) {
  hn_status status = HN_OK;
  struct hn_gram_slot *slot = gram_slot(v, prefix, last);
  if (slot->term == HN_NO_TERM) {
    HN_TRY(grow_terms(v, err));
    *slot = (struct hn_gram_slot){prefix, last, (uint32_t)v->n};
    v->terms[v->n++] = (hn_text){NULL, 0};
    v->n_grams++;
  }
  *term_out = slot->term;
done:
  return status;
}

hn_status hn_vocabulary_add_word(hn_vocabulary *v, const char *text, size_t n, uint32_t *term_out,
                                 hn_error *err) {
  hn_status status = reserve_words(v, 1, err);
  return status == HN_OK ? add_key(v, make_key(text, n, n), text, term_out, err) : status;
}

hn_status hn_vocabulary_add_gram(hn_vocabulary *v, uint32_t prefix, uint32_t last,
                                 uint32_t *term_out, hn_error *err) {
  hn_status status = reserve_grams(v, 1, err);
  return status == HN_OK ? add_pair(v, prefix, last, term_out, err) : status;
}

uint32_t hn_vocabulary_find_word(const hn_vocabulary *v, const char *text, size_t n) {
  return v->n_words ? word_slot(v, make_key(text, n, n), text)->term : HN_NO_TERM;
}

uint32_t hn_vocabulary_find_gram(const hn_vocabulary *v, uint32_t prefix, uint32_t last) {
  if (prefix == HN_NO_TERM || last == HN_NO_TERM || v->n_grams == 0) return HN_NO_TERM;
  return gram_slot(v, prefix, last)->term;
}

/* The keys of up to BLOCK words; their slots are on the way from memory. */
static size_t fetch_words(const hn_vocabulary *v, hn_text text, const hn_span *spans, size_t n,
                          word_key *keys_out) {
  if (n > BLOCK) n = BLOCK;
  for (size_t i = 0; i < n; i++) {
    keys_out[i] = make_key(text.bytes + spans[i].start, spans[i].length, text.n - spans[i].start);
    __builtin_prefetch(&v->words[word_hash(keys_out[i]) & (v->word_capacity - 1)]);
  }
  return n;
}

hn_status hn_vocabulary_add_words(hn_vocabulary *v, hn_text text, const hn_span *spans, size_t n,
                                  uint32_t *terms_out, hn_error *err) {
  hn_status status = HN_OK;
  word_key keys[BLOCK];
  HN_TRY(reserve_words(v, n, err));
  for (size_t at = 0; at < n;) {
    size_t n_keys = fetch_words(v, text, spans + at, n - at, keys);
    for (size_t i = 0; i < n_keys; i++, at++)
      HN_TRY(add_key(v, keys[i], text.bytes + spans[at].start, &terms_out[at], err));
  }
done:
  return status;
}

void hn_vocabulary_find_words(const hn_vocabulary *v, hn_text text, const hn_span *spans, size_t n,
                              uint32_t *terms_out) {
  word_key keys[BLOCK];
  if (v->n_words == 0) memset(terms_out, 0xFF, n * sizeof *terms_out); /* HN_NO_TERM */
  for (size_t at = 0; at < n && v->n_words > 0;) {
    size_t n_keys = fetch_words(v, text, spans + at, n - at, keys);
    for (size_t i = 0; i < n_keys; i++, at++)
      terms_out[at] = word_slot(v, keys[i], text.bytes + spans[at].start)->term;
  }
}

/* Have the slot of the gram that ends at i - BLOCK on its way when that at i is looked up. */
static void fetch_gram(const hn_vocabulary *v, const uint32_t *words, size_t from, size_t i,
                       const uint32_t *grams) {
  if (i < from + BLOCK) return;
  uint64_t hash = gram_hash(grams[i - BLOCK - 1], words[i - BLOCK]);
  __builtin_prefetch(&v->grams[hash & (v->gram_capacity - 1)]);
}

void hn_vocabulary_find_grams(const hn_vocabulary *v, const uint32_t *words, size_t from, size_t n,
                              uint32_t *grams) {
  for (size_t i = n; i-- > from;) {
    if (v->n_grams > 0) fetch_gram(v, words, from, i, grams);
    grams[i] = hn_vocabulary_find_gram(v, grams[i - 1], words[i]);
  }
}

typedef struct {
  uint64_t head; /* the first eight bytes, the first one highest */
  const hn_text *word;
} sort_key;

static int compare_words(const void *left, const void *right) {
  const sort_key *a = left, *b = right;
  if (a->head != b->head) return a->head < b->head ? -1 : 1;
  size_t n = a->word->n < b->word->n ? a->word->n : b->word->n;
  int order = n > 8 ? memcmp(a->word->bytes + 8, b->word->bytes + 8, n - 8) : 0;
  if (order != 0) return order;
  return a->word->n < b->word->n ? -1 : a->word->n > b->word->n;
}

/* keys_out (v->n) */
static void sort_words(const hn_vocabulary *v, sort_key *keys_out) {
  for (size_t t = 0; t < v->n; t++) {
    const hn_text *word = &v->terms[t];
    uint64_t head = 0;
    for (size_t k = 0; k < 8; k++)
      head = head << 8 | (k < word->n ? (unsigned char)word->bytes[k] : 0);
    keys_out[t] = (sort_key){head, word};
  }
  qsort(keys_out, v->n, sizeof *keys_out, compare_words);
}

/* The lowest of the words at the cursors, which move on where they hold it: its rank to ranks_out;
 * NULL at the end. */
static const hn_text *next_word(const hn_vocabulary *const *vocabularies, size_t n,
                                sort_key *const *keys, size_t *cursors, uint32_t rank,
                                uint32_t *const *ranks_out) {
  const sort_key *lowest = NULL;
  for (size_t i = 0; i < n; i++)
    if (cursors[i] < vocabularies[i]->n &&
        (!lowest || compare_words(&keys[i][cursors[i]], lowest) < 0))
      lowest = &keys[i][cursors[i]];
  for (size_t i = 0; i < n && lowest; i++)
    if (cursors[i] < vocabularies[i]->n && compare_words(&keys[i][cursors[i]], lowest) == 0)
      ranks_out[i][keys[i][cursors[i]++].word - vocabularies[i]->terms] = rank;
  return lowest ? lowest->word : NULL;
}

hn_status hn_vocabulary_rank_words(const hn_vocabulary *const *vocabularies, size_t n_vocabularies,
                                   uint32_t *const *ranks_out, hn_text **words_out, size_t *n_out,
                                   hn_error *err) {
  hn_status status = HN_OK;
  sort_key **keys = NULL;
  size_t *cursors = NULL, n_words = 0, n = 0;
  hn_text *words = NULL;
  HN_NEW(keys, n_vocabularies, err);
  HN_NEW(cursors, n_vocabularies, err);
  for (size_t i = 0; i < n_vocabularies; i++) {
    HN_NEW(keys[i], vocabularies[i]->n, err);
    n_words += vocabularies[i]->n;
  }
  HN_NEW(words, n_words, err);
#pragma omp parallel for schedule(static, 1)
  for (size_t i = 0; i < n_vocabularies; i++) sort_words(vocabularies[i], keys[i]);
  for (const hn_text *word;; words[n++] = *word) {
    word = next_word(vocabularies, n_vocabularies, keys, cursors, (uint32_t)n, ranks_out);
    if (!word) break;
  }
  *words_out = words;
  *n_out = n;
  words = NULL;
done:
  for (size_t i = 0; keys && i < n_vocabularies; i++) hn_free(keys[i]);
  hn_free(keys);
  hn_free(cursors);
  hn_free(words);
  return status;
}
