#include "eval/significance.h"

#include "base/labels.h"
#include "base/memory.h"
#include "base/random.h"
#include "eval/compact.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIN_ARTISTS = 10 };

static int32_t outcome_of(const hn_probability *table, size_t i) {
  int32_t predicted = hn_probability_argmax(table, i);
  if (table->truth[i] == HN_LABEL_MISSING || predicted == HN_LABEL_MISSING) return -1;
  return predicted == table->truth[i];
}

void hn_outcomes(const hn_probability *table, int32_t *outcomes_out) {
  for (size_t i = 0; i < table->n_rows; i++) outcomes_out[i] = outcome_of(table, i);
}

typedef struct {
  const char *id;
  size_t row;
} id_row;

static int compare_id_rows(const void *a, const void *b) {
  return strcmp(((const id_row *)a)->id, ((const id_row *)b)->id);
}

hn_status hn_outcomes_by_id(const hn_probability *table, const char *const *ids, size_t n_ids,
                            int32_t *outcomes_out, hn_error *err) {
  hn_status status = HN_OK;
  id_row *rows = NULL;
  HN_NEW(rows, table->n_rows, err);
  for (size_t i = 0; i < table->n_rows; i++) rows[i] = (id_row){table->ids[i], i};
  qsort(rows, table->n_rows, sizeof *rows, compare_id_rows);
  for (size_t i = 0; i < n_ids; i++) {
    id_row wanted = {ids[i], 0};
    id_row *found = bsearch(&wanted, rows, table->n_rows, sizeof *rows, compare_id_rows);
    outcomes_out[i] = found ? outcome_of(table, found->row) : -1;
  }
done:
  hn_free(rows);
  return status;
}

hn_bootstrap_options hn_bootstrap_options_default(void) {
  return (hn_bootstrap_options){.level = 0.95, .n_resamples = 2000, .seed = 0};
}

/* What is resampled: U units (artists or tracks), each with the sum of its values and the number
 * of its tracks. The statistic of a draw is the ratio of the two sums. */
typedef struct {
  size_t n_units;
  int64_t *sum, *count;
} units;

static void free_units(units *u) {
  hn_free(u->sum);
  hn_free(u->count);
}

static hn_status group_units(const int32_t *take, const int8_t *values, const int32_t *groups,
                             size_t n, units *out, hn_error *err) {
  hn_status status = HN_OK;
  units u = {0};
  int32_t *ids = NULL;
  HN_NEW(ids, n, err);
  HN_TRY(hn_compact_groups(take, groups, n, ids, &u.n_units, err));
  HN_NEW(u.sum, u.n_units, err);
  HN_NEW(u.count, u.n_units, err);
  for (size_t i = 0; i < n; i++)
    if (ids[i] >= 0) {
      u.sum[ids[i]] += values[i];
      u.count[ids[i]]++;
    }
  *out = u;
  u = (units){0};
done:
  free_units(&u);
  hn_free(ids);
  return status;
}

static double resample(const units *u, uint64_t seed, size_t r) {
  hn_rng rng;
  int64_t sum = 0, count = 0;
  hn_rng_init(&rng, seed, "bootstrap", r);
  for (size_t i = 0; i < u->n_units; i++) {
    size_t drawn = (size_t)hn_rng_below(&rng, u->n_units);
    sum += u->sum[drawn];
    count += u->count[drawn];
  }
  return (double)sum / (double)count;
}

static int compare_values(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double percentile(const double *sorted, size_t n, double share) {
  double at = share * (double)(n - 1);
  size_t below = (size_t)at;
  if (below + 1 >= n) return sorted[n - 1];
  return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

/* Interval and p value of the ratio; estimate and counts are in place already. */
static hn_status bootstrap(const units *u, const hn_bootstrap_options *o, hn_interval *out,
                           hn_error *err) {
  hn_status status = HN_OK;
  double *draws = NULL;
  size_t n_low = 0, n_high = 0;
  HN_NEW(draws, o->n_resamples, err);
#pragma omp parallel for schedule(static)
  for (size_t r = 0; r < o->n_resamples; r++) draws[r] = resample(u, o->seed, r);
  for (size_t r = 0; r < o->n_resamples; r++) {
    n_low += draws[r] <= 0;
    n_high += draws[r] >= 0;
  }
  qsort(draws, o->n_resamples, sizeof *draws, compare_values);
  out->low = percentile(draws, o->n_resamples, (1 - o->level) / 2);
  out->high = percentile(draws, o->n_resamples, (1 + o->level) / 2);
  double tail = (double)(1 + (n_low < n_high ? n_low : n_high));
  out->p_value = fmin(1, 2 * tail / (double)(1 + o->n_resamples));
done:
  hn_free(draws);
  return status;
}

/* Mean of values over the rows taken, by artists where they carry it, else by tracks. */
static hn_status interval_of_mean(const int32_t *take, const int8_t *values, const int32_t *artists,
                                  size_t n, const hn_bootstrap_options *o,
                                  hn_interval *interval_out, hn_error *err) {
  hn_status status = HN_OK;
  units u = {0};
  hn_interval made = {NAN, NAN, NAN, NAN, 0, 0, 0, 0};
  int64_t sum = 0;

  if (!(o->level > 0 && o->level < 1) || o->n_resamples == 0)
    return hn_fail(err, HN_INVALID,
                   "bootstrap: level %g and %zu resamples; allowed: a level between 0 and 1, one "
                   "resample at least",
                   o->level, o->n_resamples);
  HN_TRY(group_units(take, values, artists, n, &u, err));
  for (size_t g = 0; g < u.n_units; g++) {
    sum += u.sum[g];
    made.n_tracks += (size_t)u.count[g];
    if ((size_t)u.count[g] > made.n_largest) made.n_largest = (size_t)u.count[g];
  }
  made.n_artists = artists ? u.n_units : 0;
  made.by_track = made.n_artists < MIN_ARTISTS || 3 * made.n_largest >= made.n_tracks;
  if (made.by_track && artists) {
    free_units(&u);
    u = (units){0};
    HN_TRY(group_units(take, values, NULL, n, &u, err));
  }
  if (made.n_tracks > 0) {
    made.estimate = (double)sum / (double)made.n_tracks;
    HN_TRY(bootstrap(&u, o, &made, err));
  }
  *interval_out = made;
done:
  free_units(&u);
  return status;
}

hn_status hn_bootstrap_accuracy(const int32_t *outcomes, const int32_t *artists, size_t n_rows,
                                const hn_bootstrap_options *options, hn_interval *interval_out,
                                hn_error *err) {
  hn_status status = HN_OK;
  int8_t *values = NULL;
  HN_NEW(values, n_rows, err);
  for (size_t i = 0; i < n_rows; i++) values[i] = outcomes[i] == 1;
  HN_TRY(interval_of_mean(outcomes, values, artists, n_rows, options, interval_out, err));
  interval_out->p_value = NAN;
done:
  hn_free(values);
  return status;
}

hn_status hn_bootstrap_difference(const int32_t *outcomes_a, const int32_t *outcomes_b,
                                  const int32_t *artists, size_t n_rows,
                                  const hn_bootstrap_options *options, hn_interval *interval_out,
                                  hn_error *err) {
  hn_status status = HN_OK;
  int8_t *values = NULL;
  int32_t *take = NULL;
  HN_NEW(values, n_rows, err);
  HN_NEW(take, n_rows, err);
  for (size_t i = 0; i < n_rows; i++) {
    take[i] = outcomes_a[i] < 0 || outcomes_b[i] < 0 ? -1 : 0;
    values[i] = (int8_t)((outcomes_a[i] == 1) - (outcomes_b[i] == 1));
  }
  HN_TRY(interval_of_mean(take, values, artists, n_rows, options, interval_out, err));
done:
  hn_free(values);
  hn_free(take);
  return status;
}

void hn_interval_describe(const hn_interval *v, double level, char text_out[160]) {
  enum { SIZE = 160 };
  int n = snprintf(text_out, SIZE, "%g%% interval, ", 100 * level);
  char *at = text_out + n;
  size_t room = SIZE - (size_t)n;
  if (!v->by_track)
    snprintf(at, room, "%zu artists resampled", v->n_artists);
  else if (v->n_artists == 0)
    snprintf(at, room, "tracks resampled: artists are not known");
  else if (v->n_artists < MIN_ARTISTS)
    snprintf(at, room, "tracks resampled: %zu %s, fewer than %d", v->n_artists,
             v->n_artists == 1 ? "artist" : "artists", MIN_ARTISTS);
  else
    snprintf(at, room, "tracks resampled: one artist holds %zu of %zu tracks", v->n_largest,
             v->n_tracks);
}

/* Twice the lower tail of Binomial(n, 1/2) at k <= n/2. Terms relative to the k-th, from there
 * down, so that nothing underflows. */
static double binomial_p_value(size_t k, size_t n) {
  int sign;
  double x = (double)n, term = 1, sum = 1;
  double log_term = lgamma_r(x + 1, &sign) - lgamma_r((double)k + 1, &sign) -
                    lgamma_r(x - (double)k + 1, &sign) - x * log(2);
  for (size_t j = k; j > 0; j--) {
    term *= (double)j / (x - (double)j + 1);
    sum += term;
  }
  return fmin(1, 2 * sum * exp(log_term));
}

hn_mcnemar hn_mcnemar_test(const int32_t *outcomes_a, const int32_t *outcomes_b, size_t n_rows) {
  hn_mcnemar test = {.p_value = 1};
  for (size_t i = 0; i < n_rows; i++) {
    if (outcomes_a[i] < 0 || outcomes_b[i] < 0) continue;
    test.n_tracks++;
    test.only_a_right += outcomes_a[i] > outcomes_b[i];
    test.only_b_right += outcomes_b[i] > outcomes_a[i];
  }
  size_t n = test.only_a_right + test.only_b_right;
  size_t fewer = test.only_a_right < test.only_b_right ? test.only_a_right : test.only_b_right;
  if (2 * fewer < n) test.p_value = binomial_p_value(fewer, n);
  return test;
}

typedef struct {
  double p;
  size_t index;
} ranked;

static int compare_ranked(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->p != y->p) return x->p < y->p ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

hn_status hn_holm(const double *p_values, size_t n, double *adjusted_out, hn_error *err) {
  hn_status status = HN_OK;
  ranked *order = NULL;
  for (size_t i = 0; i < n; i++)
    if (!(p_values[i] >= 0 && p_values[i] <= 1))
      return hn_fail(err, HN_INVALID, "p value %zu of %zu is %g; allowed: 0 to 1", i + 1, n,
                     p_values[i]);
  HN_NEW(order, n, err);
  for (size_t i = 0; i < n; i++) order[i] = (ranked){p_values[i], i};
  qsort(order, n, sizeof *order, compare_ranked);
  double highest = 0;
  for (size_t i = 0; i < n; i++) {
    highest = fmax(highest, fmin(1, (double)(n - i) * order[i].p));
    adjusted_out[order[i].index] = highest;
  }
done:
  hn_free(order);
  return status;
}
