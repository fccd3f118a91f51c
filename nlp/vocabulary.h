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

/* Start from {0}. Read terms and n; the rest belongs to the functions below. */
typedef struct {
  hn_text *terms; /* the bytes of words, in the vocabulary's arena; of n-grams NULL */
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
/* The number, or HN_NO_TERM; a gram of an unknown prefix or word is unknown. */
uint32_t hn_vocabulary_find_word(const hn_vocabulary *v, const char *text, size_t n);
uint32_t hn_vocabulary_find_gram(const hn_vocabulary *v, uint32_t prefix, uint32_t last);
void hn_vocabulary_find_words(const hn_vocabulary *v, hn_text text, const hn_span *spans, size_t n,
                              uint32_t *terms_out);
/* grams[i] becomes grams[i - 1] followed by words[i], for i = n - 1 down to from (at least 1). */
void hn_vocabulary_find_grams(const hn_vocabulary *v, const uint32_t *words, size_t from, size_t n,
                              uint32_t *grams);

/* Put the words of n_vocabularies, which hold no n-grams, into one code-point order. words_out
 * (heap, the caller's; the bytes stay the vocabularies'): the *n_out distinct ones in that order.
 * ranks_out[i] (vocabularies[i]->n, caller-allocated): where each word of vocabulary i is there.
 * Errors: HN_NO_MEMORY. */
hn_status hn_vocabulary_rank_words(const hn_vocabulary *const *vocabularies, size_t n_vocabularies,
                                   uint32_t *const *ranks_out, hn_text **words_out, size_t *n_out,
                                   hn_error *err);

#endif
