/* Terms as numbers: words (byte strings) and n-grams, which are never spelled out but keyed by the
 * pair (the term without its last word, its last word). Numbers count up from 0 in the order of
 * first appearance; a const vocabulary can be shared between threads. */
#ifndef HN_NLP_VOCABULARY_H
#define HN_NLP_VOCABULARY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "nlp/text.h"

#define HN_NO_TERM UINT32_MAX

typedef struct {
  union {
    const char *text; /* of a word: `length` bytes in the vocabulary's arena */
    struct {
      uint32_t prefix, last; /* of an n-gram: term numbers of its first n - 1 words and the last */
    } gram;
  } as;
  uint32_t length;  /* of a word */
  uint32_t n_words; /* 1 for a word, n for an n-gram */
} hn_term;

/* Start from {0}. Read terms and n; the rest belongs to the functions below. */
typedef struct {
  hn_term *terms;
  size_t n, capacity;
  struct hn_word_slot *words; /* open addressing, powers of two */
  size_t n_words, word_capacity;
  struct hn_gram_slot *grams;
  size_t n_grams, gram_capacity;
  struct hn_arena_block *arena; /* newest first */
} hn_vocabulary;

void hn_vocabulary_free(hn_vocabulary *v);

/* The number of a word, added when new (its bytes are copied). Errors: HN_NO_MEMORY; HN_INVALID
 * with more than 2^32 - 2 terms. O(n) */
hn_status hn_vocabulary_add_word(hn_vocabulary *v, const char *text, size_t n, uint32_t *term_out,
                                 hn_error *err);
/* The same of prefix followed by the word `last` (both term numbers). O(1) */
hn_status hn_vocabulary_add_gram(hn_vocabulary *v, uint32_t prefix, uint32_t last,
                                 uint32_t *term_out, hn_error *err);
/* The same of many at once, which is faster since their slots are fetched together: n words of a
 * text to terms_out (n). */
hn_status hn_vocabulary_add_words(hn_vocabulary *v, hn_text text, const hn_span *spans, size_t n,
                                  uint32_t *terms_out, hn_error *err);
/* grams[i] becomes grams[i - 1] followed by words[i], for i = n - 1 down to from (at least 1). */
hn_status hn_vocabulary_add_grams(hn_vocabulary *v, const uint32_t *words, size_t from, size_t n,
                                  uint32_t *grams, hn_error *err);
/* The number, or HN_NO_TERM; a gram of an unknown prefix or word is unknown. */
uint32_t hn_vocabulary_find_word(const hn_vocabulary *v, const char *text, size_t n);
uint32_t hn_vocabulary_find_gram(const hn_vocabulary *v, uint32_t prefix, uint32_t last);
void hn_vocabulary_find_words(const hn_vocabulary *v, hn_text text, const hn_span *spans, size_t n,
                              uint32_t *terms_out);
void hn_vocabulary_find_grams(const hn_vocabulary *v, const uint32_t *words, size_t from, size_t n,
                              uint32_t *grams);

/* Add all terms of `from` to v. numbers_out (from->n, caller-allocated): their numbers in v. */
hn_status hn_vocabulary_merge(hn_vocabulary *v, const hn_vocabulary *from, uint32_t *numbers_out,
                              hn_error *err);

/* Bring n distinct terms into the code-point order of their spelling, provided that n-grams are
 * joined by nothing or by a byte below all bytes of their words (a space). Words are sorted;
 * n-grams follow from them in linear time. Errors: HN_NO_MEMORY. */
hn_status hn_vocabulary_order(const hn_vocabulary *v, uint32_t *terms, size_t n, hn_error *err);

/* Append the term's words to out, `joint` (a 0: nothing) between them; check out->failed. */
void hn_vocabulary_spell(const hn_vocabulary *v, uint32_t term, char joint, hn_buffer *out);

#endif
