/* k-means clustering. N rows, D columns, k clusters. */
#ifndef HN_EVAL_KMEANS_H
#define HN_EVAL_KMEANS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/matrix.h"
#include "base/options.h"

/* k, n_init, max_iter, tol: as scikit-learn's KMeans, with its k-means++ and its Lloyd. */
extern const hn_option_spec hn_kmeans_options[];

/* Owns labels and centers. */
typedef struct {
  size_t n_rows, n_clusters, n_cols;
  int32_t *labels; /* (N) 0 … k - 1, numbered by first appearance */
  double *centers; /* (k, D) row-major */
  double inertia;  /* sum of squared distances of the rows to their centers */
  size_t n_iter;   /* rounds of the restart that won */
} hn_kmeans;

/* Cluster dense or sparse rows as they are (scale or normalise them beforehand). The best of n_init
 * restarts by inertia, the earliest on ties; each starts with greedy k-means++ (Arthur and
 * Vassilvitskii, 2007; 2 + ln k trials a center) and runs Lloyd's rounds until no label changes or
 * the centers move by less than tol times the mean variance of a column. A cluster that runs empty
 * takes the row farthest from its center. Restarts run in parallel with their own random streams:
 * same seed, same bytes for every thread count.
 * Errors: HN_INVALID: pictures, more clusters than distinct rows, a value that is not finite;
 * HN_NO_MEMORY. O(n_init · rounds · k · entries); 8 k D bytes a restart. */
hn_status hn_kmeans_fit(const hn_features *x, const hn_options *options, uint64_t seed,
                        hn_kmeans *kmeans_out, hn_error *err);
/* The same from given centers, (k, D) row-major, instead of drawn ones: a single run of Lloyd's
 * rounds, as KMeans(init=centers, n_init=1). Duplicate rows are no error here. */
hn_status hn_kmeans_fit_from(const hn_features *x, const hn_options *options, const double *centers,
                             hn_kmeans *kmeans_out, hn_error *err);
void hn_kmeans_free(hn_kmeans *kmeans);

#endif
