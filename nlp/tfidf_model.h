/* The inside of hn_tfidf, for the files that make it: fitting, saving and loading. */
#ifndef HN_NLP_TFIDF_MODEL_H
#define HN_NLP_TFIDF_MODEL_H

#include "nlp/analyze.h"
#include "nlp/tfidf.h"
#include "nlp/vocabulary.h"

struct hn_tfidf {
  hn_options *options;
  size_t n_terms;
  hn_buffer spelled;    /* the terms in order, a 0 behind each */
  size_t *spelled_ends; /* (n_terms) offsets of those zeros */
  double *idf;          /* (n_terms), or NULL */
  /* Of a model of texts: */
  hn_analyzer *analyzer;
  hn_vocabulary vocabulary; /* the terms and what they are made of */
  int32_t *columns;         /* (vocabulary.n) -1: only a part of terms */
  /* Of a model of bags: */
  int32_t *bag_columns; /* (n_terms) the bag's column of each term */
  size_t n_bag_columns;
};

/* An empty model with a copy of options. Errors: HN_NO_MEMORY. */
hn_status hn_tfidf_model_create(const hn_options *options, hn_tfidf **model_out, hn_error *err);
/* Append a term, which becomes column n_terms. Errors: HN_NO_MEMORY. */
hn_status hn_tfidf_model_add_term(hn_tfidf *model, const char *term, size_t n, hn_error *err);
/* Prepare a model of texts with all its terms for transforming: analyzer, vocabulary, columns.
 * Errors: those of hn_analyzer_create. */
hn_status hn_tfidf_model_index(hn_tfidf *model, hn_error *err);

/* What is known of V terms when it comes to choosing among them. */
typedef struct {
  size_t n;
  uint32_t *order; /* (n of them, V at first) the terms still in question */
  uint32_t *df;    /* (V) documents that hold the term */
  double *total;   /* (V) its occurrences */
} hn_term_statistics;

/* Room for n terms, zeroed; free it in any case. Errors: HN_NO_MEMORY. */
hn_status hn_term_statistics_init(size_t n, hn_term_statistics *s, hn_error *err);
void hn_term_statistics_free(hn_term_statistics *s);

/* Shorten s->order to the terms in min_df to max_df documents. Errors: HN_INVALID when none is. */
hn_status hn_tfidf_model_filter(const hn_options *options, size_t n_documents,
                                hn_term_statistics *s, hn_error *err);
/* Shorten s->order, now in code-point order, to the max_features. Errors: HN_NO_MEMORY. */
hn_status hn_tfidf_model_limit(const hn_options *options, hn_term_statistics *s, hn_error *err);
/* Set the idf of the selected terms, where the options want it. Errors: HN_NO_MEMORY. */
hn_status hn_tfidf_model_learn_idf(hn_tfidf *model, size_t n_documents, const hn_term_statistics *s,
                                   hn_error *err);
/* Counts to weights, in place. */
void hn_tfidf_model_weigh(const hn_tfidf *model, hn_csr *x);

#endif
