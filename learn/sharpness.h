/* How sure are scores? Temperature scaling: the one factor that turns the scores of a classifier
 * into probabilities, learned from rows that the classifier was not fitted on. */
#ifndef HN_LEARN_SHARPNESS_H
#define HN_LEARN_SHARPNESS_H

#include <stddef.h>
#include <stdint.h>

/* The b in [0.001, 10000] for which softmax(b * scores) has the least cross-entropy over N rows;
 * 1 without rows. A factor keeps the order of the classes, so no prediction changes.
 *   scores  (N, K); -INFINITY where a class could not be scored
 *   y       (N) class, 0 … K - 1, whose score is finite
 * The truth is counted as (N + 1) / (N + m) of a row and each of its m - 1 other classes as
 * 1 / (N + m), as in Platt's scaling (1999), so that scores without an error get a finite b.
 * Convex in b: bisection of the derivative, O(60 N K). Guo et al., 2017 (b is 1 / temperature). */
double hn_sharpness_fit(const double *scores, const int32_t *y, size_t n_rows, size_t n_classes);

#endif
