/* Words reduced to their stems by the Snowball algorithms of libstemmer, so that "love", "loved"
 * and "loving" are one term. */
#ifndef HN_NLP_STEM_H
#define HN_NLP_STEM_H

#include <stddef.h>

#include "base/error.h"
#include "nlp/text.h"

/* One thread's stemmer, which remembers the stems of the words it has met. */
typedef struct hn_stemmer hn_stemmer;

/* Is there a stemmer for this language ("english", "german", …; "porter" is the old English one)?
 * Errors: HN_INVALID listing those there are. */
hn_status hn_stemmer_check(const char *language, hn_error *err);
/* Errors: those of hn_stemmer_check; HN_NO_MEMORY. */
hn_status hn_stemmer_create(const char *language, hn_stemmer **stemmer_out, hn_error *err);
void hn_stemmer_destroy(hn_stemmer *stemmer);

/* Stem n words of well-formed text.
 *   spans      (n) where the words stand in text; afterwards where their stems stand in *stems_out
 *   stems_out  borrowed until the next call
 * The algorithms know lower-case words, with their accents. A word of which nothing would be left,
 * or of more than 255 bytes, stays as it is. Errors: HN_INVALID for stems of 4 GB; HN_NO_MEMORY.
 * A look-up a word; memory grows with the distinct words of a text, not with the number of texts.
 */
hn_status hn_stemmer_apply(hn_stemmer *stemmer, hn_text text, hn_span *spans, size_t n,
                           hn_text *stems_out, hn_error *err);

#endif
