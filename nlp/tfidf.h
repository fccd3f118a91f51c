/* Texts, or ready bags of words, as a TF-IDF matrix: what scikit-learn's TfidfVectorizer and
 * CountVectorizer compute, with their option names and defaults (`ngram` is their ngram_range).
 * N documents, D terms. Terms, and so columns, stand in code-point order.
 *
 * Fitting learns the vocabulary and the inverse document frequencies; do it on training documents
 * only. A fitted model is const and can be shared between threads. */
#ifndef HN_NLP_TFIDF_H
#define HN_NLP_TFIDF_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/matrix.h"
#include "base/options.h"
#include "base/progress.h"
#include "base/tensors.h"
#include "nlp/text.h"

typedef struct hn_tfidf hn_tfidf;

/* analyzer, ngram, lowercase, strip_accents, token_pattern, stop_words, stem, decode_error; min_df,
 * max_df, max_features, binary, sublinear_tf, use_idf, smooth_idf, norm. */
extern const hn_option_spec hn_tfidf_options[];

/* Make options (of hn_tfidf_options) those of CountVectorizer: no idf, no norm, no sublinear tf.
 * Errors: HN_NO_MEMORY. */
hn_status hn_tfidf_options_count(hn_options *options, hn_error *err);

/* Learn from n documents (borrowed; N = n).
 *   tfidf_out  the model, owned by the caller
 *   x_out      (N, D) their matrix, owned by the caller; NULL: not wanted
 *   progress   advances by one a document; or NULL
 * Term t of document d weighs tf * idf, with tf the count c (binary: 1; sublinear_tf: 1 + ln c) and
 * idf = 1 + ln((N + s) / (df(t) + s)), s = 1 with smooth_idf and else 0; then each row is divided
 * by its norm (a row of zeros stays). Computed in double. Terms are kept if min_df <= df <= max_df
 * (fractions times N); then the max_features most frequent, of equal ones the first in code-point
 * order (scikit-learn leaves that open). Terms that no document holds are never kept.
 * Errors: HN_INVALID: no document, bad options, max_df below min_df, no term left; HN_FORMAT:
 * invalid UTF-8, naming document and byte; HN_NO_MEMORY. Same input, same bytes, for every number
 * of threads. */
hn_status hn_tfidf_fit_transform(const hn_text *documents, size_t n, const hn_options *options,
                                 hn_progress *progress, hn_tfidf **tfidf_out, hn_csr *x_out,
                                 hn_error *err);
/* The same of documents that come in batches, whose texts need not be kept: memory grows with the
 * vocabulary and the counts alone. */
typedef struct hn_tfidf_fitter hn_tfidf_fitter;
/* Errors: bad options; HN_NO_MEMORY. */
hn_status hn_tfidf_fitter_create(const hn_options *options, hn_tfidf_fitter **fitter_out,
                                 hn_error *err);
/* n more documents, borrowed for the call. Errors: HN_FORMAT naming the document (counted over all
 * batches) and byte; afterwards the fitter can only be destroyed. */
hn_status hn_tfidf_fitter_add(hn_tfidf_fitter *fitter, const hn_text *documents, size_t n,
                              hn_progress *progress, hn_error *err);
/* The results, as above; the fitter can only be destroyed. for_transform 0: a model that is not
 * prepared for hn_tfidf_transform, which saves time. */
hn_status hn_tfidf_fitter_finish(hn_tfidf_fitter *fitter, int for_transform, hn_tfidf **tfidf_out,
                                 hn_csr *x_out, hn_error *err);
void hn_tfidf_fitter_destroy(hn_tfidf_fitter *fitter);

/* The matrix (n, D) of other documents under the model; unknown terms are ignored. Errors: as
 * above; HN_INVALID for a model of bags. Thread-safe. */
hn_status hn_tfidf_transform(const hn_tfidf *tfidf, const hn_text *documents, size_t n,
                             hn_progress *progress, hn_csr *x_out, hn_error *err);

/* The same from bags of words: counts (N, T) and the T distinct terms of its columns, taken as they
 * are, so that the analyzer's options do not apply. Errors also: HN_INVALID for n-grams above 1,
 * stems, a term given twice. */
hn_status hn_tfidf_fit_transform_counts(const hn_csr *counts, const char *const *terms,
                                        const hn_options *options, hn_tfidf **tfidf_out,
                                        hn_csr *x_out, hn_error *err);
/* counts has the T columns of fitting. Errors also: HN_INVALID for another number of columns or a
 * model of texts. Thread-safe. */
hn_status hn_tfidf_transform_counts(const hn_tfidf *tfidf, const hn_csr *counts, hn_csr *x_out,
                                    hn_error *err);
void hn_tfidf_destroy(hn_tfidf *tfidf);

const hn_options *hn_tfidf_fitted_options(const hn_tfidf *tfidf);
/* D */
size_t hn_tfidf_n_terms(const hn_tfidf *tfidf);
/* The term of column i, borrowed, with a 0 behind; its bytes in *length_out (may be NULL). */
const char *hn_tfidf_term(const hn_tfidf *tfidf, size_t i, size_t *length_out);
/* (D) inverse document frequencies, borrowed; NULL without use_idf. */
const double *hn_tfidf_idf(const hn_tfidf *tfidf);
/* Append the vocabulary to out, one term a line, with \\, \n and \t for backslash, newline and tab.
 * Errors: HN_NO_MEMORY. */
hn_status hn_tfidf_write_terms(const hn_tfidf *tfidf, hn_buffer *out, hn_error *err);

/* Add the model to tensors, or read it from there: the texts "tfidf.<option>", the tensors
 * "tfidf.terms" (bytes, as hn_tfidf_write_terms), "tfidf.idf" (D), and of a bag's model
 * "tfidf.columns" (D, the bag's column of each term) and the text "tfidf.n_columns" (T).
 * Errors: HN_NO_MEMORY; of loading HN_FORMAT for what is missing or contradicts itself. */
hn_status hn_tfidf_save(const hn_tfidf *tfidf, hn_tensors *tensors, hn_error *err);
hn_status hn_tfidf_load(const hn_tensors *tensors, hn_tfidf **tfidf_out, hn_error *err);

#endif
