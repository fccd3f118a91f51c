/* What the figures are worth: intervals and tests. N tracks; an outcome is 1 where a model is
 * right, 0 where it is wrong, -1 where it is not scored. */
#ifndef HN_EVAL_SIGNIFICANCE_H
#define HN_EVAL_SIGNIFICANCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/probability.h"

/* outcomes_out (N of table): the outcome of each row; -1 without truth or probabilities. */
void hn_outcomes(const hn_probability *table, int32_t *outcomes_out);
/* The same for tracks listed by id, in whatever order the table has them; -1 for an id that it
 * lacks. ids (n_ids), outcomes_out (n_ids). Errors: HN_NO_MEMORY. O((N + n_ids) log N). */
hn_status hn_outcomes_by_id(const hn_probability *table, const char *const *ids, size_t n_ids,
                            int32_t *outcomes_out, hn_error *err);

typedef struct {
  double level;       /* of the interval, 0.95 */
  size_t n_resamples; /* 2000 */
  uint64_t seed;
} hn_bootstrap_options;

hn_bootstrap_options hn_bootstrap_options_default(void);

/* A figure with its interval. With no track scored, all of them are NaN. */
typedef struct {
  double estimate, low, high;
  double p_value;  /* of a difference: two-sided; NaN for a single accuracy */
  size_t n_tracks; /* scored (by both, for a difference) */
  size_t n_artists;
  size_t n_largest; /* tracks of the artist with the most */
  int by_track;     /* tracks were resampled, not artists: fewer than ten artists, or one holds a
                       third of the tracks or more, or artists are not known */
} hn_interval;

/* Accuracy (0 … 1) with the percentile interval of a bootstrap over artists: as many artists as
 * there are, drawn with replacement, each with all its tracks; the accuracy is over the tracks
 * drawn. Percentiles are interpolated linearly, as numpy.percentile.
 *   artists  (N) id, -1: unknown, an artist of its own; NULL: not known at all
 * Same seed, same interval, for every thread count: resample r has its own random stream.
 * Errors: HN_INVALID (options), HN_NO_MEMORY. O(n_resamples · artists). */
hn_status hn_bootstrap_accuracy(const int32_t *outcomes, const int32_t *artists, size_t n_rows,
                                const hn_bootstrap_options *options, hn_interval *interval_out,
                                hn_error *err);

/* accuracy(a) - accuracy(b), -1 … 1, over the tracks that both score, paired: each resample is
 * applied to both. p_value = 2 (1 + min(r≤0, r≥0)) / (1 + R), at most 1: the test that this
 * interval inverts, with R resamples of which r≤0 have a difference of 0 or less. */
hn_status hn_bootstrap_difference(const int32_t *outcomes_a, const int32_t *outcomes_b,
                                  const int32_t *artists, size_t n_rows,
                                  const hn_bootstrap_options *options, hn_interval *interval_out,
                                  hn_error *err);

/* "95% interval, 48 artists resampled" or "95% interval, tracks resampled: …" with the reason. */
void hn_interval_describe(const hn_interval *interval, double level, char text_out[160]);

/* McNemar's exact test on the tracks that both score. */
typedef struct {
  size_t n_tracks;
  size_t only_a_right, only_b_right;
  double p_value; /* two-sided binomial test of only_a_right in their sum at 1/2 (as SciPy's
                     binomtest), 0 … 1; 1 where the models never disagree */
} hn_mcnemar;

hn_mcnemar hn_mcnemar_test(const int32_t *outcomes_a, const int32_t *outcomes_b, size_t n_rows);

/* Holm's step-down correction of n p values: adjusted_out (n), in the order given; the i-th
 * smallest is max over j ≤ i of (n - j + 1) p_j, at most 1. adjusted_out may be p_values.
 * Errors: HN_INVALID for a p value outside [0, 1]. (Holm, 1979) */
hn_status hn_holm(const double *p_values, size_t n, double *adjusted_out, hn_error *err);

#endif
