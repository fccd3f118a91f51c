/* Stop lists by language: articles, pronouns, prepositions, auxiliaries, conjunctions and the like.
 * They are headnod's own, and short: who needs another list brings a file. Words stand as the
 * default token_pattern cuts them
 * ("don", "ll" and "qu" are what is left of "don't", "we'll" and "qu'il"), in lower case. */
#ifndef HN_NLP_STOP_WORDS_H
#define HN_NLP_STOP_WORDS_H

#include <stddef.h>

#define HN_STOP_WORDS_LANGUAGES                                                                    \
  "dutch, english, french, german, italian, portuguese, spanish, swedish"

/* The list of a language (n bytes, one of those above): words with blanks between them. NULL: there
 * is none. */
const char *hn_stop_words(const char *language, size_t n);

#endif
