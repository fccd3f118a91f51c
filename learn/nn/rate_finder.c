#include "learn/nn/rate_finder.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "learn/nn/stepper.h"

static const double lowest_rate = 1e-6, highest_rate = 10;
static const double weight = 0.98, divergence = 4;
/* Points without a say at either end, and those of a slope on either side of its middle. */
enum { FIRST = 10, LAST = 1, REACH = 10 };

double hn_rate_at(size_t step) {
  return lowest_rate * pow(highest_rate / lowest_rate, (double)step / (HN_RATE_STEPS - 1));
}

int hn_rate_curve_add(hn_rate_curve *c, double loss) {
  if (!isfinite(loss)) return 0;
  c->sum = weight * c->sum + (1 - weight) * loss;
  const double smoothed = c->sum / (1 - pow(weight, (double)(c->n + 1)));
  c->lowest = c->n == 0 ? smoothed : fmin(c->lowest, smoothed);
  c->losses[c->n++] = smoothed;
  return c->n < HN_RATE_STEPS && smoothed <= divergence * c->lowest;
}

/* Of the straight line through the points around the middle, by least squares, against the step:
 * the rates are even in their logarithm. */
static double slope_at(const hn_rate_curve *c, size_t middle) {
  const double *losses = c->losses + middle - REACH;
  double sum = 0, squares = 0;
  for (int i = 0; i <= 2 * REACH; i++) {
    const double distance = i - REACH;
    sum += distance * losses[i];
    squares += distance * distance;
  }
  return sum / squares;
}

static hn_status refuse(const hn_rate_curve *c, hn_error *err) {
  if (c->n == 0)
    return hn_fail(err, HN_NUMERIC,
                   "find_learning_rate: the loss is not finite before the first step, whatever the "
                   "rate; look for features of extreme size");
  return hn_fail(
      err, HN_NUMERIC,
      "find_learning_rate: tried %zu rates from %g to %.3g%s, and behind the first %d the "
      "smoothed loss did not fall over %d in a row (%.4g at first, %.4g at its lowest, "
      "%.4g at last), so none can be told; leave it out and set learning_rate, or choose "
      "a larger batch_size",
      c->n, lowest_rate, hn_rate_at(c->n - 1),
      c->n < HN_RATE_STEPS ? ", where the loss diverged" : "", FIRST, 2 * REACH + 1, c->losses[0],
      c->lowest, c->losses[c->n - 1]);
}

hn_status hn_rate_suggest(const hn_rate_curve *c, double *rate_out, hn_error *err) {
  size_t lowest = FIRST, steepest = 0;
  double steepest_slope = 0;
  for (size_t i = FIRST; i + LAST < c->n; i++) {
    if (c->losses[i] < c->losses[lowest]) lowest = i;
  }
  for (size_t i = FIRST + REACH; i + REACH <= lowest; i++) {
    const double slope = slope_at(c, i);
    if (slope >= steepest_slope) continue;
    steepest_slope = slope;
    steepest = i;
  }
  if (steepest == 0) return refuse(c, err);
  *rate_out = hn_rate_at(steepest);
  return HN_OK;
}

static void try_rates(hn_stepper *stepper, hn_progress *progress, hn_rate_curve *curve) {
  hn_loss sums;
  size_t step = 0;
  do {
    const size_t b = step % stepper->n_batches;
    if (b == 0) hn_stepper_begin(stepper, step / stepper->n_batches);
    hn_stepper_step(stepper, b, hn_rate_at(step++), &sums);
    hn_progress_advance(progress, 1);
  } while (hn_rate_curve_add(curve, sums.objective));
}

static void report(const hn_train_options *options, const hn_rate_curve *curve, double rate) {
  double rates[HN_RATE_STEPS];
  for (size_t i = 0; i < curve->n; i++) rates[i] = hn_rate_at(i);
  const hn_rate_search search = {
      .learning_rate = rate, .n = curve->n, .rates = rates, .losses = curve->losses};
  hn_progress_note(options->progress, "learning rate %.3g", rate);
  if (options->on_rate) options->on_rate(options->context, &search);
}

hn_status hn_rate_find(hn_network *network, const hn_train_data *data,
                       const hn_train_options *options, double *rate_out, hn_error *err) {
  hn_status status = HN_OK;
  const size_t n = network->n_parameters;
  hn_stepper stepper = {0};
  hn_rate_curve curve = {0};
  double rate;
  float *first = NULL;
  HN_NEW(first, n, err);
  memcpy(first, network->parameters, n * sizeof *first);
  HN_TRY(hn_stepper_init(&stepper, network, data, options,
                         hn_seed_derive(options->seed, "network.rate", 0), HN_RATE_STEPS, err));
  hn_progress_restart(options->progress, "learning rates", HN_RATE_STEPS);
  try_rates(&stepper, options->progress, &curve);
  memcpy(network->parameters, first, n * sizeof *first);
  HN_TRY(hn_rate_suggest(&curve, &rate, err));
  report(options, &curve, rate);
  *rate_out = rate;
done:
  hn_stepper_free(&stepper);
  hn_free(first);
  return status;
}
