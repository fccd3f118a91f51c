/* Texts as counts of hashed terms: what scikit-learn's HashingVectorizer computes, with its option
 * names and defaults. Nothing is learned and no vocabulary kept, so that documents can come in
 * batches without memory growing; what a column means cannot be told afterwards. */
#ifndef HN_NLP_HASHING_H
#define HN_NLP_HASHING_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/matrix.h"
#include "base/options.h"
#include "base/progress.h"
#include "nlp/text.h"

typedef struct hn_hashing hn_hashing;

/* Those of the analyzer, as in hn_tfidf_options; n_features, alternate_sign, binary, norm. */
extern const hn_option_spec hn_hashing_options[];

/* Errors: HN_INVALID for bad options; HN_NO_MEMORY. A created one is const. */
hn_status hn_hashing_create(const hn_options *options, hn_hashing **hashing_out, hn_error *err);
void hn_hashing_destroy(hn_hashing *hashing);
/* D */
size_t hn_hashing_n_features(const hn_hashing *hashing);

/* The matrix (n, D) of n documents. A term whose 32-bit MurmurHash3 (seed 0, signed) is h counts in
 * column |h| mod D, with alternate_sign as -1 where h < 0; terms of one column add up (an entry
 * may be 0); binary: every entry is 1; then each row is divided by its norm. Computed in double.
 * Errors: HN_FORMAT for invalid UTF-8, naming document and byte; HN_NO_MEMORY. Same bytes for
 * every number of threads. Thread-safe. */
hn_status hn_hashing_transform(const hn_hashing *hashing, const hn_text *documents, size_t n,
                               hn_progress *progress, hn_csr *x_out, hn_error *err);

#endif
