#include "eval/partition.h"

#include "base/memory.h"
#include "eval/compact.h"

#include <math.h>
#include <stdlib.h>

/* Letters: G groups, K classes that occur, B bins. */
typedef struct {
  size_t n_groups, n_classes, n_bins;
  double *group_counts; /* (G, K) */
  double *bin_counts;   /* (B, K) */
  double *class_counts; /* (K) */
  const double *weights;
} deal;

typedef struct {
  double spread;
  size_t position, group;
} queued;

static int compare_queued(const void *a, const void *b) {
  const queued *x = a, *y = b;
  if (x->spread != y->spread) return x->spread < y->spread ? 1 : -1;
  return (x->position > y->position) - (x->position < y->position);
}

/* Population standard deviation. */
static double deviation(const double *values, size_t n) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < n; i++) sum += values[i];
  double mean = sum / (double)n;
  for (size_t i = 0; i < n; i++) squares += (values[i] - mean) * (values[i] - mean);
  return sqrt(squares / (double)n);
}

/* How unevenly the bins share each class if `bin` took the group: mean over the classes of the
 * deviation over the bins. shares is scratch (B). */
static double unevenness(const deal *d, size_t bin, const double *group, double *shares) {
  double sum = 0;
  for (size_t k = 0; k < d->n_classes; k++) {
    for (size_t b = 0; b < d->n_bins; b++) {
      double count = d->bin_counts[b * d->n_classes + k] + (b == bin ? group[k] : 0);
      shares[b] = count / (d->class_counts[k] * d->weights[b]);
    }
    sum += deviation(shares, d->n_bins);
  }
  return sum / (double)d->n_classes;
}

static size_t best_bin(const deal *d, const double *group, double *shares) {
  size_t best = 0;
  double least = INFINITY, fewest = INFINITY;
  for (size_t b = 0; b < d->n_bins; b++) {
    double value = unevenness(d, b, group, shares), n_rows = 0;
    for (size_t k = 0; k < d->n_classes; k++) n_rows += d->bin_counts[b * d->n_classes + k];
    int close = fabs(value - least) <= 1e-8 + 1e-5 * fabs(least); /* numpy.isclose */
    if (value < least || (close && n_rows < fewest)) {
      least = value;
      fewest = n_rows;
      best = b;
    }
  }
  return best;
}

static hn_status count_classes(deal *d, const int32_t *classes, const int32_t *ids, size_t n_rows,
                               hn_error *err) {
  hn_status status = HN_OK;
  HN_NEW(d->group_counts, d->n_groups * d->n_classes, err);
  HN_NEW(d->bin_counts, d->n_bins * d->n_classes, err);
  HN_NEW(d->class_counts, d->n_classes, err);
  for (size_t i = 0; i < n_rows; i++) {
    if (ids[i] < 0) continue;
    d->group_counts[(size_t)ids[i] * d->n_classes + (size_t)classes[i]]++;
    d->class_counts[classes[i]]++;
  }
done:
  return status;
}

hn_status hn_partition_groups(const int32_t *labels, const int32_t *groups, size_t n_rows,
                              const double *weights, size_t n_bins, int shuffle, hn_rng *rng,
                              int32_t *bins_out, hn_error *err) {
  hn_status status = HN_OK;
  deal d = {.n_bins = n_bins, .weights = weights};
  int32_t *ids = NULL, *classes = NULL, *bin_of = NULL;
  size_t *order = NULL;
  queued *queue = NULL;
  double *shares = NULL;

  HN_NEW(ids, n_rows, err);
  HN_NEW(classes, n_rows, err);
  HN_TRY(hn_compact_groups(labels, groups, n_rows, ids, &d.n_groups, err));
  HN_TRY(hn_compact(labels, n_rows, classes, &d.n_classes, err)); /* classes that occur */
  HN_TRY(count_classes(&d, classes, ids, n_rows, err));

  HN_NEW(order, d.n_groups, err);
  for (size_t g = 0; g < d.n_groups; g++) order[g] = g;
  if (shuffle) hn_rng_shuffle(rng, order, d.n_groups);
  HN_NEW(queue, d.n_groups, err);
  for (size_t g = 0; g < d.n_groups; g++) {
    const double *counts = d.group_counts + order[g] * d.n_classes;
    queue[g] = (queued){deviation(counts, d.n_classes), g, order[g]};
  }
  qsort(queue, d.n_groups, sizeof *queue, compare_queued);

  HN_NEW(shares, n_bins, err);
  HN_NEW(bin_of, d.n_groups, err);
  for (size_t q = 0; q < d.n_groups; q++) {
    const double *counts = d.group_counts + queue[q].group * d.n_classes;
    size_t bin = best_bin(&d, counts, shares);
    for (size_t k = 0; k < d.n_classes; k++) d.bin_counts[bin * d.n_classes + k] += counts[k];
    bin_of[queue[q].group] = (int32_t)bin;
  }
  for (size_t i = 0; i < n_rows; i++) bins_out[i] = ids[i] < 0 ? -1 : bin_of[ids[i]];
done:
  hn_free(ids);
  hn_free(classes);
  hn_free(bin_of);
  hn_free(order);
  hn_free(queue);
  hn_free(shares);
  hn_free(d.group_counts);
  hn_free(d.bin_counts);
  hn_free(d.class_counts);
  return status;
}
