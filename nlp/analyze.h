/* From a text to its terms: decoding, lower-casing, accents, tokens or characters, stop words,
 * stems, n-grams; what scikit-learn's vectorizers call the analyzer. An analyzer is const and can
 * be shared between threads; each thread has its own hn_analysis. */
#ifndef HN_NLP_ANALYZE_H
#define HN_NLP_ANALYZE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/options.h"
#include "nlp/stem.h"
#include "nlp/stop_words.h"
#include "nlp/text.h"
#include "nlp/tokenize.h"
#include "nlp/vocabulary.h"

typedef struct hn_analyzer hn_analyzer;

#define HN_MAX_NGRAM 64

/* Which n-grams of a sequence of words count; whole: a sequence shorter than min_n does too, once,
 * as a whole. */
typedef struct {
  size_t min_n, max_n;
  int whole;
} hn_ngram_range;

/* The terms of one text, and the memory of one thread for one analyzer. Start from {0}. */
typedef struct {
  uint32_t *terms; /* n numbers in a vocabulary, repeats and all; HN_NO_TERM: none */
  size_t n, capacity;
  uint32_t *ids, *grams; /* per token or character */
  size_t n_ids, id_capacity;
  hn_buffer repaired, lowered, stripped, joined;
  hn_tokens tokens;
  hn_stemmer *stemmer; /* once it was needed */
} hn_analysis;

/* options: those of HN_ANALYZER_OPTIONS, read now. Errors: HN_INVALID for a bad ngram range or
 * token_pattern, a language that there is no list of stop words or no stemmer for, stems of
 * characters; HN_IO, HN_FORMAT of a file of stop words; HN_NO_MEMORY. */
hn_status hn_analyzer_create(const hn_options *options, hn_analyzer **analyzer_out, hn_error *err);
void hn_analyzer_destroy(hn_analyzer *analyzer);

/* Fill analysis->terms with the n-grams of text, by their numbers in `known`. Errors: HN_FORMAT for
 * invalid UTF-8 (unless decode_error is replace), HN_INVALID for a text of 4 GB or too costly a
 * pattern, HN_NO_MEMORY. Linear in text and n-grams. */
hn_status hn_analyzer_apply(const hn_analyzer *analyzer, hn_text text, const hn_vocabulary *known,
                            hn_analysis *analysis, hn_error *err);
/* Fill analysis->terms with the sequences whose n-grams are the terms, HN_NO_TERM behind each: the
 * numbers of words (or characters) in `words`, to which new ones are added. Errors: as above. */
hn_status hn_analyzer_sequences(const hn_analyzer *analyzer, hn_text text, hn_vocabulary *words,
                                hn_analysis *analysis, hn_error *err);
hn_ngram_range hn_analyzer_range(const hn_analyzer *analyzer);
void hn_analysis_free(hn_analysis *analysis);

/* What stands between the words of an n-gram when it is spelled: ' ', or 0 for characters. */
char hn_analyzer_joint(const hn_analyzer *analyzer);
/* Add a term by its spelling to the vocabulary that `apply` will look it up in. */
hn_status hn_analyzer_add_spelled(const hn_analyzer *analyzer, hn_text term,
                                  hn_vocabulary *vocabulary, uint32_t *term_out, hn_error *err);

/* Rows for an option table. */
/* clang-format off */
#define HN_ANALYZER_OPTIONS                                                                        \
  {"analyzer", HN_OPTION_CHOICE, "word", 0, 0, 0, "word|char|char_wb",                             \
   "n-grams of words, of characters, or of characters inside words"},                              \
  {"ngram", HN_OPTION_INTS, "1,1", 1, HN_MAX_NGRAM, 0, NULL,                                                 \
   "shortest and longest n-gram (scikit-learn's ngram_range)"},                                    \
  {"lowercase", HN_OPTION_BOOL, "true", 0, 0, 0, NULL, "lower-case as Python's str.lower"},        \
  {"strip_accents", HN_OPTION_CHOICE, "none", 0, 0, 0, "none|unicode|ascii",                       \
   "drop accents: none, of any letter, or everything that is not ASCII"},                          \
  {"token_pattern", HN_OPTION_TEXT, HN_TOKEN_PATTERN, 0, 0, 0, NULL,                               \
   "what a word is: a pattern of Python's re, with at most one group"},                            \
  {"stop_words", HN_OPTION_TEXT, "none", 0, 0, 1, NULL,                                            \
   "words to leave out, separated by commas, or @FILE with one a line; " HN_STOP_WORDS_LANGUAGES   \
   ": the list of that language"},                                                                 \
  {"stem", HN_OPTION_TEXT, "none", 0, 0, 1, NULL,                                                  \
   "stem words as this language has them (english, german, …: see libstemmer), stop words apart"}, \
  {"decode_error", HN_OPTION_CHOICE, "strict", 0, 0, 0, "strict|replace",                          \
   "invalid UTF-8 is an error, or replaced by U+FFFD"}
/* clang-format on */

#endif
