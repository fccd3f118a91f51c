/* The probability table: what a classifier says of each track, the one thing in which the
 * modalities, fusion and evaluation meet. As a file: CSV with the columns
 * track_id,fold,truth,<one a class>; a track that the model could not see has empty class cells. */
#ifndef HN_BASE_PROBABILITY_H
#define HN_BASE_PROBABILITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* N tracks, K classes. p is (N, K) row-major, probabilities, each row sums to 1 or is all NaN
 * (absent). truth indexes classes, HN_LABEL_MISSING where unknown; fold is -1 where none. Classes
 * ascend (hn_labels_compare). Owns everything. */
typedef struct {
  size_t n_rows, n_classes;
  char **ids;
  char **classes;
  int32_t *fold;
  int32_t *truth;
  float *p;
} hn_probability;

/* Copies ids and classes; p all NaN, fold -1, truth missing. Errors: HN_NO_MEMORY. */
hn_status hn_probability_init(hn_probability *table, size_t n_rows, const char *const *ids,
                              size_t n_classes, const char *const *classes, hn_error *err);
void hn_probability_free(hn_probability *table);
/* Has row i probabilities? */
int hn_probability_has(const hn_probability *table, size_t i);
/* The most probable class of row i, the lowest index on ties; HN_LABEL_MISSING when absent. */
int32_t hn_probability_argmax(const hn_probability *table, size_t i);

/* Read and write the CSV; floats with nine digits, so that they come back bit for bit. A table
 * without truth or fold leaves those cells empty. Class columns in another order are sorted on
 * reading. Errors of reading (HN_FORMAT) name file, line, column and value: a missing column, a
 * truth that is no class, a probability outside [0, 1], a row that is partly empty or whose sum is
 * off by more than 1e-3, an empty or repeated id. Writing is atomic. */
hn_status hn_probability_read(const char *path, hn_probability *table_out, hn_error *err);
/* Reading from memory; name stands for the path in messages. */
hn_status hn_probability_parse(const char *name, const char *bytes, size_t n,
                               hn_probability *table_out, hn_error *err);
hn_status hn_probability_write(const char *path, const hn_probability *table, hn_error *err);

#endif
