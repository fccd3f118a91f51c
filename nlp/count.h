/* How often each term stands in each of many documents, counted by all threads at once. What comes
 * out does not depend on the number of threads. */
#ifndef HN_NLP_COUNT_H
#define HN_NLP_COUNT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "nlp/analyze.h"
#include "nlp/ngrams.h"
#include "nlp/vocabulary.h"

typedef struct hn_counter hn_counter;

/* known NULL: count every term; else only those of known. Both are borrowed until the end.
 * Errors: HN_NO_MEMORY. */
hn_status hn_counter_create(const hn_analyzer *analyzer, const hn_vocabulary *known,
                            hn_counter **counter_out, hn_error *err);
void hn_counter_destroy(hn_counter *counter);

/* Take in n more documents (borrowed for the call), so that a corpus can come in batches; kept are
 * four bytes a word. progress (or NULL) advances by one a document.
 * Errors: those of hn_analyzer_apply, prefixed by "document i: " with the lowest i (counted over
 * all batches); afterwards the counter can only be destroyed. */
hn_status hn_counter_add(hn_counter *counter, const hn_text *documents, size_t n,
                         hn_progress *progress, hn_error *err);
/* Count; nothing can be added afterwards. The terms are numbered as known numbers them, else words
 * in code-point order and n-grams as hn_ngrams says. Errors: those of hn_ngrams_count. */
hn_status hn_counter_finish(hn_counter *counter, hn_error *err);

/* Of a finished counter, borrowed; with known, terms[0] holds terms of any length and df, total and
 * grams are NULL. Take an array out by putting NULL in its place. */
hn_ngrams *hn_counter_ngrams(hn_counter *counter);
/* The spelling of a term, counted without known: its words with the analyzer's joint between them.
 * Its length, and the same written to `to`, whose end is returned. */
size_t hn_counter_spelled_length(const hn_counter *counter, uint32_t term);
char *hn_counter_spell(const hn_counter *counter, uint32_t term, char *to);

#endif
