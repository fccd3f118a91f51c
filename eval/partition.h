/* Rows dealt into bins, whole groups at a time, so that each bin holds its share of every class:
 * what an artist-disjoint split and a validation part by artist have in common. */
#ifndef HN_EVAL_PARTITION_H
#define HN_EVAL_PARTITION_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/random.h"

/* N rows, K classes that occur, B bins.
 *   labels   (N) any class index, or -1: the row stays out (bin -1)
 *   groups   (N) any id, rows of one id stay together; NULL or a negative id: a group of its own
 *   weights  (B) share of each bin, relative to 1 / B
 *   shuffle  deal groups of equal spread in the order of rng, not of their ids
 *   bins_out (N) 0 … B - 1, or -1
 * Groups are dealt in descending spread (standard deviation of their class counts), each to the
 * bin that then leaves the least spread of the bins' class shares; near-ties go to the bin with
 * the fewest rows. Errors: HN_NO_MEMORY. O(N log N + groups · B² · K).
 * Matches scikit-learn's StratifiedGroupKFold where all weights are 1. */
hn_status hn_partition_groups(const int32_t *labels, const int32_t *groups, size_t n_rows,
                              const double *weights, size_t n_bins, int shuffle, hn_rng *rng,
                              int32_t *bins_out, hn_error *err);

#endif
