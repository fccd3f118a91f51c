#include "eval/kmeans.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

const hn_option_spec hn_kmeans_options[] = {
    {"k", HN_OPTION_INT, "8", 1, 1e6, 0, NULL, "number of clusters"},
    {"n_init", HN_OPTION_INT, "10", 1, 1e4, 0, NULL, "restarts, of which the best is kept"},
    {"max_iter", HN_OPTION_INT, "300", 1, 1e6, 0, NULL, "rounds of one restart at most"},
    {"tol", HN_OPTION_REAL, "1e-4", 0, INFINITY, 0, NULL,
     "stop when the centers move less than this, relative to the columns' mean variance"},
    {0}};

/* What the restarts share. */
typedef struct {
  const hn_features *x;
  size_t n, d, k, max_iter;
  double tolerance;
  const double *norms;   /* (N) squared length of each row */
  const double *centers; /* (k, D) to start from; NULL: k-means++ */
} problem;

/* One restart: its result, and the scratch of its rounds. */
typedef struct {
  hn_status status;
  hn_error err;
  int32_t *labels; /* (N) */
  double *centers; /* (k, D) */
  double inertia;
  size_t n_iter;

  int32_t *last_labels;                   /* (N) */
  double *sums, *center_norms;            /* (k, D), (k) */
  size_t *counts;                         /* (k) */
  double *distances, *trial, *best_trial; /* (N) squared */
} restart;

static void free_scratch(restart *r) {
  hn_free(r->last_labels);
  hn_free(r->sums);
  hn_free(r->center_norms);
  hn_free(r->counts);
  hn_free(r->distances);
  hn_free(r->trial);
  hn_free(r->best_trial);
}

/* target += sign * row i */
static void add_row(const hn_features *x, size_t i, double sign, double *target) {
  if (x->kind == HN_FEATURES_CSR) {
    const hn_csr *m = &x->as.csr;
    for (int64_t e = m->indptr[i]; e < m->indptr[i + 1]; e++)
      target[m->indices[e]] += sign * (double)m->values[e];
  } else {
    const float *row = x->as.dense.values + i * x->as.dense.n_cols;
    for (size_t j = 0; j < x->as.dense.n_cols; j++) target[j] += sign * (double)row[j];
  }
}

static void set_row(const problem *p, size_t i, double *target) {
  memset(target, 0, p->d * sizeof *target);
  add_row(p->x, i, 1, target);
}

static double squared_length(const double *v, size_t n) {
  double sum = 0;
  for (size_t j = 0; j < n; j++) sum += v[j] * v[j];
  return sum;
}

/* Four sums, so that the additions overlap. */
static double dense_distance(const float *row, const double *center, size_t d) {
  double sums[4] = {0};
  size_t j = 0;
  for (; j + 4 <= d; j += 4)
    for (size_t s = 0; s < 4; s++) {
      double off = (double)row[j + s] - center[j + s];
      sums[s] += off * off;
    }
  for (; j < d; j++) sums[0] += ((double)row[j] - center[j]) * ((double)row[j] - center[j]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* Sparse rows by |x|² - 2 x·c + |c|², which costs their entries only. The dot product adds in the
 * order of squared_length: the distance of a row to itself is exactly 0. */
static double squared_distance(const problem *p, size_t i, const double *center, double norm) {
  if (p->x->kind == HN_FEATURES_DENSE)
    return dense_distance(p->x->as.dense.values + i * p->d, center, p->d);
  const hn_csr *m = &p->x->as.csr;
  double dot = 0;
  for (int64_t e = m->indptr[i]; e < m->indptr[i + 1]; e++)
    dot += (double)m->values[e] * center[m->indices[e]];
  return fmax(0, p->norms[i] - 2 * dot + norm);
}

/* The row that a share in [0, 1) of the potential falls on; never one that is a center already. */
static size_t pick_row(const double *closest, size_t n, double target) {
  double cumulated = 0;
  size_t last = 0;
  for (size_t i = 0; i < n; i++) {
    cumulated += closest[i];
    if (closest[i] > 0) last = i;
    if (cumulated > target) return i;
  }
  return last;
}

/* trial (N): squared distance to the nearest center once `row` is one too; their sum returned. */
static double try_center(const problem *p, size_t row, const double *closest, double *center,
                         double *trial) {
  double sum = 0;
  set_row(p, row, center);
  for (size_t i = 0; i < p->n; i++) {
    double distance = squared_distance(p, i, center, p->norms[row]);
    trial[i] = closest ? fmin(closest[i], distance) : distance;
    sum += trial[i];
  }
  return sum;
}

/* Greedy k-means++. */
static hn_status seed_centers(const problem *p, hn_rng *rng, restart *r, hn_error *err) {
  size_t n_trials = 2 + (size_t)log((double)p->k);
  size_t row = (size_t)hn_rng_below(rng, p->n);
  double potential = try_center(p, row, NULL, r->centers, r->distances);
  for (size_t c = 1; c < p->k; c++) {
    double *center = r->centers + c * p->d, least = INFINITY;
    if (!(potential > 0))
      return hn_fail(err, HN_INVALID,
                     "%zu clusters of rows of which only %zu differ: ask for fewer", p->k, c);
    for (size_t t = 0; t < n_trials; t++) {
      size_t tried = pick_row(r->distances, p->n, hn_rng_uniform(rng) * potential);
      double sum = try_center(p, tried, r->distances, center, r->trial);
      if (sum >= least) continue;
      least = sum;
      row = tried;
      double *swapped = r->trial;
      r->trial = r->best_trial;
      r->best_trial = swapped;
    }
    set_row(p, row, center);
    double *swapped = r->distances;
    r->distances = r->best_trial;
    r->best_trial = swapped;
    potential = least;
  }
  return HN_OK;
}

static void assign_rows(const problem *p, restart *r) {
  for (size_t c = 0; c < p->k; c++)
    r->center_norms[c] = squared_length(r->centers + c * p->d, p->d);
  for (size_t i = 0; i < p->n; i++) {
    r->distances[i] = INFINITY;
    for (size_t c = 0; c < p->k; c++) {
      double distance = squared_distance(p, i, r->centers + c * p->d, r->center_norms[c]);
      if (distance >= r->distances[i]) continue;
      r->distances[i] = distance;
      r->labels[i] = (int32_t)c;
    }
  }
}

/* Give cluster c the row that lies farthest from its center, out of a cluster that keeps others. */
static void fill_empty(const problem *p, size_t c, restart *r) {
  size_t farthest = p->n;
  for (size_t i = 0; i < p->n; i++)
    if (r->counts[r->labels[i]] > 1 &&
        (farthest == p->n || r->distances[i] > r->distances[farthest]))
      farthest = i;
  int32_t from = r->labels[farthest];
  add_row(p->x, farthest, -1, r->sums + (size_t)from * p->d);
  r->counts[from]--;
  add_row(p->x, farthest, 1, r->sums + c * p->d);
  r->counts[c] = 1;
  r->labels[farthest] = (int32_t)c;
}

/* Move the centers to the means of their rows; the sum of the squared moves. */
static double move_centers(const problem *p, restart *r) {
  double moved = 0;
  memset(r->sums, 0, p->k * p->d * sizeof *r->sums);
  memset(r->counts, 0, p->k * sizeof *r->counts);
  for (size_t i = 0; i < p->n; i++) {
    add_row(p->x, i, 1, r->sums + (size_t)r->labels[i] * p->d);
    r->counts[r->labels[i]]++;
  }
  for (size_t c = 0; c < p->k; c++)
    if (r->counts[c] == 0) fill_empty(p, c, r);
  for (size_t c = 0; c < p->k; c++)
    for (size_t j = 0; j < p->d; j++) {
      double mean = r->sums[c * p->d + j] / (double)r->counts[c];
      double off = mean - r->centers[c * p->d + j];
      moved += off * off;
      r->centers[c * p->d + j] = mean;
    }
  return moved;
}

static hn_status run_restart(const problem *p, uint64_t seed, size_t index, restart *r) {
  hn_status status = HN_OK;
  hn_error *err = &r->err;
  hn_rng rng;
  size_t size = p->n * sizeof *r->labels;

  HN_NEW(r->labels, p->n, err);
  HN_NEW(r->last_labels, p->n, err);
  HN_NEW(r->centers, p->k * p->d, err);
  HN_NEW(r->sums, p->k * p->d, err);
  HN_NEW(r->center_norms, p->k, err);
  HN_NEW(r->counts, p->k, err);
  HN_NEW(r->distances, p->n, err);
  HN_NEW(r->trial, p->n, err);
  HN_NEW(r->best_trial, p->n, err);

  hn_rng_init(&rng, seed, "kmeans", index);
  if (p->centers)
    memcpy(r->centers, p->centers, p->k * p->d * sizeof *r->centers);
  else
    HN_TRY(seed_centers(p, &rng, r, err));
  memset(r->last_labels, -1, size);
  while (r->n_iter < p->max_iter) {
    r->n_iter++;
    assign_rows(p, r);
    double moved = move_centers(p, r);
    if (memcmp(r->labels, r->last_labels, size) == 0 || moved <= p->tolerance) break;
    memcpy(r->last_labels, r->labels, size);
  }
  assign_rows(p, r);
  for (size_t i = 0; i < p->n; i++) r->inertia += r->distances[i];
done:
  free_scratch(r);
  return status;
}

/* norms (N); the mean over the columns of their variance. Refuses what is not finite. */
static hn_status measure_rows(const hn_features *x, double *norms, double *variance_out,
                              hn_error *err) {
  hn_status status = HN_OK;
  size_t n = hn_features_n_rows(x), d = hn_features_n_cols(x);
  double *row = NULL, *sums = NULL, squares = 0, mean_squares = 0;

  HN_NEW(row, d, err);
  HN_NEW(sums, d, err);
  for (size_t i = 0; i < n; i++) {
    memset(row, 0, d * sizeof *row);
    add_row(x, i, 1, row);
    for (size_t j = 0; j < d; j++) sums[j] += row[j];
    norms[i] = squared_length(row, d);
    squares += norms[i];
    if (!isfinite(norms[i])) {
      status = hn_fail(err, HN_INVALID,
                       "row %zu (from 0) has a value that is not finite: no distances", i);
      goto done;
    }
  }
  for (size_t j = 0; j < d; j++) mean_squares += sums[j] / (double)n * (sums[j] / (double)n);
  *variance_out = d ? fmax(0, squares / (double)n - mean_squares) / (double)d : 0;
done:
  hn_free(row);
  hn_free(sums);
  return status;
}

/* Number the clusters by first appearance; those without rows come last. */
static hn_status take_result(const problem *p, const restart *r, hn_kmeans *out, hn_error *err) {
  hn_status status = HN_OK;
  hn_kmeans made = {p->n, p->k, p->d, NULL, NULL, r->inertia, r->n_iter};
  int32_t *rank = NULL, n_ranked = 0;

  HN_NEW(made.labels, p->n, err);
  HN_NEW(made.centers, p->k * p->d, err);
  HN_NEW(rank, p->k, err);
  memset(rank, -1, p->k * sizeof *rank);
  for (size_t i = 0; i < p->n; i++) {
    if (rank[r->labels[i]] < 0) rank[r->labels[i]] = n_ranked++;
    made.labels[i] = rank[r->labels[i]];
  }
  for (size_t c = 0; c < p->k; c++) {
    if (rank[c] < 0) rank[c] = n_ranked++;
    memcpy(made.centers + (size_t)rank[c] * p->d, r->centers + c * p->d,
           p->d * sizeof *made.centers);
  }
  *out = made;
  made = (hn_kmeans){0};
done:
  hn_free(rank);
  hn_kmeans_free(&made);
  return status;
}

static hn_status fit(const hn_features *x, const hn_options *options, const double *centers,
                     uint64_t seed, hn_kmeans *kmeans_out, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_init = centers ? 1 : (size_t)hn_options_int(options, "n_init");
  double *norms = NULL, variance = 0;
  restart *restarts = NULL, *best = NULL;
  problem p = {.x = x,
               .n = hn_features_n_rows(x),
               .d = hn_features_n_cols(x),
               .k = (size_t)hn_options_int(options, "k"),
               .max_iter = (size_t)hn_options_int(options, "max_iter"),
               .centers = centers};

  if (x->kind == HN_FEATURES_IMAGES)
    return hn_fail(err, HN_INVALID, "k-means takes dense or sparse rows, not pictures");
  if (p.k > p.n)
    return hn_fail(err, HN_INVALID, "%zu clusters of %zu rows: ask for fewer", p.k, p.n);
  HN_NEW(norms, p.n, err);
  HN_TRY(measure_rows(x, norms, &variance, err));
  p.norms = norms;
  p.tolerance = hn_options_real(options, "tol") * variance;

  HN_NEW(restarts, n_init, err);
#pragma omp parallel for schedule(dynamic, 1)
  for (size_t r = 0; r < n_init; r++) restarts[r].status = run_restart(&p, seed, r, &restarts[r]);
  for (size_t r = 0; r < n_init; r++) {
    if (restarts[r].status != HN_OK) {
      status = hn_fail(err, restarts[r].status, "%s", restarts[r].err.message);
      goto done;
    }
    if (!best || restarts[r].inertia < best->inertia) best = &restarts[r];
  }
  HN_TRY(take_result(&p, best, kmeans_out, err));
done:
  for (size_t r = 0; restarts && r < n_init; r++) {
    hn_free(restarts[r].labels);
    hn_free(restarts[r].centers);
  }
  hn_free(restarts);
  hn_free(norms);
  return status;
}

hn_status hn_kmeans_fit(const hn_features *x, const hn_options *options, uint64_t seed,
                        hn_kmeans *kmeans_out, hn_error *err) {
  return fit(x, options, NULL, seed, kmeans_out, err);
}

hn_status hn_kmeans_fit_from(const hn_features *x, const hn_options *options, const double *centers,
                             hn_kmeans *kmeans_out, hn_error *err) {
  return fit(x, options, centers, 0, kmeans_out, err);
}

void hn_kmeans_free(hn_kmeans *kmeans) {
  if (!kmeans) return;
  hn_free(kmeans->labels);
  hn_free(kmeans->centers);
  *kmeans = (hn_kmeans){0};
}
