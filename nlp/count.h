/* How often each term stands in each of many documents, counted by all threads at once.
 * N documents, V terms. What comes out does not depend on the number of threads, but for the
 * numbering of the terms: bring them into code-point order (hn_vocabulary_order). */
#ifndef HN_NLP_COUNT_H
#define HN_NLP_COUNT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/matrix.h"
#include "base/progress.h"
#include "nlp/analyze.h"
#include "nlp/vocabulary.h"

typedef struct hn_counter hn_counter;

/* known NULL: count every term; else only those of known. Both are borrowed until the end.
 * Errors: HN_NO_MEMORY. */
hn_status hn_counter_create(const hn_analyzer *analyzer, const hn_vocabulary *known,
                            hn_counter **counter_out, hn_error *err);
void hn_counter_destroy(hn_counter *counter);

/* Count n more documents (borrowed for the call); memory grows with what is counted, not with the
 * text, so that a corpus can come in batches. progress (or NULL) advances by one a document.
 * Errors: those of hn_analyzer_apply, prefixed by "document i: " with the lowest i (counted over
 * all batches); afterwards the counter can only be destroyed. */
hn_status hn_counter_add(hn_counter *counter, const hn_text *documents, size_t n,
                         hn_progress *progress, hn_error *err);
/* Bring the threads' counts together; nothing can be added afterwards. Errors: HN_NO_MEMORY. */
hn_status hn_counter_finish(hn_counter *counter, hn_error *err);

/* Of a finished counter: the terms (borrowed), N, and for each term the number of documents that
 * hold it and of its occurrences; df_out and total_out (V), caller-allocated. */
const hn_vocabulary *hn_counter_vocabulary(const hn_counter *counter);
size_t hn_counter_n_documents(const hn_counter *counter);
void hn_counter_frequencies(const hn_counter *counter, uint32_t *df_out, double *total_out);
/* The counts as (N, n_columns), term t in column columns[t], left out where that is negative.
 * Errors: HN_NO_MEMORY. */
hn_status hn_counter_csr(const hn_counter *counter, const int32_t *columns, size_t n_columns,
                         hn_csr *counts_out, hn_error *err);

#endif
