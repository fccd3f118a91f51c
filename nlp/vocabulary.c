#include "nlp/vocabulary.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Words up to eight bytes, most of all tokens, are compared without leaving the slot. */
struct hn_word_slot {
  uint64_t head; /* the first eight bytes, or a mixture of all that there are */
  uint32_t length;
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

/* The first eight bytes of a text as a number; of a shorter one all, some twice. For texts of
 * equal length it is equal exactly if they are. */
static uint64_t text_head(const char *text, size_t n) {
  uint64_t head = 0;
  if (n >= 8) {
    memcpy(&head, text, 8);
  } else if (n >= 4) {
    uint32_t low, high;
    memcpy(&low, text, 4);
    memcpy(&high, text + n - 4, 4);
    head = (uint64_t)high << 32 | low;
  } else if (n > 0) {
    const unsigned char *p = (const unsigned char *)text;
    head = (uint64_t)p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16;
  }
  return head;
}

static uint64_t word_hash(uint64_t head, const char *text, size_t n) {
  uint64_t hash = n <= 8 ? (head ^ n) * MIX : XXH3_64bits(text, n);
  return hash ^ hash >> 32;
}

static uint64_t gram_hash(uint32_t prefix, uint32_t last) {
  uint64_t hash = ((uint64_t)prefix << 32 | last) * MIX;
  return hash ^ hash >> 32;
}

/* The slot that holds the word or is free for it. The table is never full. */
static struct hn_word_slot *word_slot(const hn_vocabulary *v, uint64_t head, const char *text,
                                      size_t n) {
  size_t mask = v->word_capacity - 1, i = word_hash(head, text, n) & mask;
  for (;; i = (i + 1) & mask) {
    struct hn_word_slot *slot = &v->words[i];
    if (slot->term == HN_NO_TERM) return slot;
    if (slot->head == head && slot->length == n &&
        (n <= 8 || memcmp(v->terms[slot->term].as.text + 8, text + 8, n - 8) == 0))
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

/* Double a table that would be more than two thirds full. */
static hn_status grow_words(hn_vocabulary *v, hn_error *err) {
  if (3 * (v->n_words + 1) <= 2 * v->word_capacity) return HN_OK;
  hn_vocabulary larger = *v;
  larger.word_capacity = v->word_capacity ? 2 * v->word_capacity : 1024;
  larger.words = hn_alloc(larger.word_capacity, sizeof *larger.words);
  if (!larger.words) return hn_fail_memory(err);
  memset(larger.words, 0xFF, larger.word_capacity * sizeof *larger.words);
  for (size_t i = 0; i < v->word_capacity; i++) {
    const struct hn_word_slot *slot = &v->words[i];
    if (slot->term == HN_NO_TERM) continue;
    *word_slot(&larger, slot->head, v->terms[slot->term].as.text, slot->length) = *slot;
  }
  hn_free(v->words);
  *v = larger;
  return HN_OK;
}

static hn_status grow_grams(hn_vocabulary *v, hn_error *err) {
  if (3 * (v->n_grams + 1) <= 2 * v->gram_capacity) return HN_OK;
  hn_vocabulary larger = *v;
  larger.gram_capacity = v->gram_capacity ? 2 * v->gram_capacity : 1024;
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

hn_status hn_vocabulary_add_word(hn_vocabulary *v, const char *text, size_t n, uint32_t *term_out,
                                 hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(grow_words(v, err));
  uint64_t head = text_head(text, n);
  struct hn_word_slot *slot = word_slot(v, head, text, n);
  if (slot->term == HN_NO_TERM) {
    HN_TRY(grow_terms(v, err));
    const char *copy = keep_text(v, text, n);
    if (!copy) HN_TRY(hn_fail_memory(err));
    *slot = (struct hn_word_slot){head, (uint32_t)n, (uint32_t)v->n};
    v->terms[v->n++] = (hn_term){.as.text = copy, .length = (uint32_t)n, .n_words = 1};
    v->n_words++;
  }
  *term_out = slot->term;
done:
  return status;
}

hn_status hn_vocabulary_add_gram(hn_vocabulary *v, uint32_t prefix, uint32_t last,
                                 uint32_t *term_out, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(grow_grams(v, err));
  struct hn_gram_slot *slot = gram_slot(v, prefix, last);
  if (slot->term == HN_NO_TERM) {
    HN_TRY(grow_terms(v, err));
    *slot = (struct hn_gram_slot){prefix, last, (uint32_t)v->n};
    v->terms[v->n++] =
        (hn_term){.as.gram = {prefix, last}, .n_words = v->terms[prefix].n_words + 1};
    v->n_grams++;
  }
  *term_out = slot->term;
done:
  return status;
}

uint32_t hn_vocabulary_find_word(const hn_vocabulary *v, const char *text, size_t n) {
  return v->n_words ? word_slot(v, text_head(text, n), text, n)->term : HN_NO_TERM;
}

uint32_t hn_vocabulary_find_gram(const hn_vocabulary *v, uint32_t prefix, uint32_t last) {
  if (prefix == HN_NO_TERM || last == HN_NO_TERM || v->n_grams == 0) return HN_NO_TERM;
  return gram_slot(v, prefix, last)->term;
}

hn_status hn_vocabulary_merge(hn_vocabulary *v, const hn_vocabulary *from, uint32_t *numbers_out,
                              hn_error *err) {
  hn_status status = HN_OK;
  for (size_t i = 0; i < from->n; i++) {
    const hn_term *term = &from->terms[i];
    if (term->n_words == 1)
      HN_TRY(hn_vocabulary_add_word(v, term->as.text, term->length, &numbers_out[i], err));
    else /* its parts came before it */
      HN_TRY(hn_vocabulary_add_gram(v, numbers_out[term->as.gram.prefix],
                                    numbers_out[term->as.gram.last], &numbers_out[i], err));
  }
done:
  return status;
}

typedef struct {
  uint64_t head; /* the first eight bytes, the first one highest */
  const hn_term *word;
} word_key;

static int compare_words(const void *left, const void *right) {
  const word_key *a = left, *b = right;
  if (a->head != b->head) return a->head < b->head ? -1 : 1;
  size_t n = a->word->length < b->word->length ? a->word->length : b->word->length;
  int order = memcmp(a->word->as.text, b->word->as.text, n);
  if (order != 0) return order;
  return a->word->length < b->word->length ? -1 : a->word->length > b->word->length;
}

/* The terms that are words, sorted: keys_out (n_words). */
static void sort_words(const hn_vocabulary *v, word_key *keys_out) {
  size_t n = 0;
  for (size_t t = 0; t < v->n; t++) {
    const hn_term *term = &v->terms[t];
    if (term->n_words != 1) continue;
    uint64_t head = 0;
    for (size_t k = 0; k < 8; k++)
      head = head << 8 | (k < term->length ? (unsigned char)term->as.text[k] : 0);
    keys_out[n++] = (word_key){head, term};
  }
  qsort(keys_out, n, sizeof *keys_out, compare_words);
}

/* starts (n_keys + 2, zeroed, counts at key + 2) to running sums; starts[key + 1] is then where
 * the first item of key goes. */
static void sum_counts(size_t *starts, size_t n_keys) {
  for (size_t k = 2; k < n_keys + 2; k++) starts[k] += starts[k - 1];
}

/* The n-grams grouped by prefix, in each group by the rank of the last word: two counting sorts.
 * children_out (n_grams) in groups starts_out[prefix] … starts_out[prefix + 1] - 1, where
 * starts_out has n + 2 elements. */
static hn_status sort_grams(const hn_vocabulary *v, const uint32_t *rank, uint32_t *children_out,
                            size_t *starts_out, hn_error *err) {
  hn_status status = HN_OK;
  size_t *starts = NULL;
  uint32_t *by_last = NULL;
  HN_NEW(starts, v->n_words + 2, err);
  HN_NEW(by_last, v->n_grams, err);
  for (size_t t = 0; t < v->n; t++)
    if (v->terms[t].n_words > 1) {
      starts[rank[v->terms[t].as.gram.last] + 2]++;
      starts_out[v->terms[t].as.gram.prefix + 2]++;
    }
  sum_counts(starts, v->n_words);
  sum_counts(starts_out, v->n);
  for (size_t t = 0; t < v->n; t++)
    if (v->terms[t].n_words > 1)
      by_last[starts[rank[v->terms[t].as.gram.last] + 1]++] = (uint32_t)t;
  for (size_t i = 0; i < v->n_grams; i++)
    children_out[starts_out[v->terms[by_last[i]].as.gram.prefix + 1]++] = by_last[i];
done:
  hn_free(starts);
  hn_free(by_last);
  return status;
}

/* A term, then whatever it is the prefix of: the depth is the largest n. */
static uint32_t *walk(const uint32_t *children, const size_t *starts, uint32_t term,
                      uint32_t *order) {
  *order++ = term;
  for (size_t i = starts[term]; i < starts[term + 1]; i++)
    order = walk(children, starts, children[i], order);
  return order;
}

hn_status hn_vocabulary_order(const hn_vocabulary *v, uint32_t *order_out, hn_error *err) {
  hn_status status = HN_OK;
  word_key *keys = NULL;
  uint32_t *rank = NULL, *children = NULL;
  size_t *starts = NULL;
  HN_NEW(keys, v->n_words, err);
  HN_NEW(rank, v->n, err);
  HN_NEW(children, v->n_grams, err);
  HN_NEW(starts, v->n + 2, err);
  sort_words(v, keys);
  for (size_t i = 0; i < v->n_words; i++) rank[keys[i].word - v->terms] = (uint32_t)i;
  HN_TRY(sort_grams(v, rank, children, starts, err));
  for (size_t i = 0; i < v->n_words; i++)
    order_out = walk(children, starts, (uint32_t)(keys[i].word - v->terms), order_out);
done:
  hn_free(keys);
  hn_free(rank);
  hn_free(children);
  hn_free(starts);
  return status;
}

void hn_vocabulary_spell(const hn_vocabulary *v, uint32_t term, char joint, hn_buffer *out) {
  const hn_term *t = &v->terms[term];
  if (t->n_words > 1) {
    hn_vocabulary_spell(v, t->as.gram.prefix, joint, out);
    if (joint) hn_buffer_byte(out, joint);
    t = &v->terms[t->as.gram.last];
  }
  hn_buffer_append(out, t->as.text, t->length);
}
