/* The learning-rate range test (Smith, 2017, "Cyclical Learning Rates for Training Neural
 * Networks"): a network takes a mini-batch after another while the rate rises, and the rate at
 * which its loss falls fastest is one to train with. Rates, smoothing and the point to stop at are
 * those of fastai and Lightning. */
#ifndef HN_LEARN_NN_RATE_FINDER_H
#define HN_LEARN_NN_RATE_FINDER_H

#include "learn/nn/trainer.h"

enum { HN_RATE_STEPS = 100 };

/* The rate of a step, 0 … HN_RATE_STEPS - 1: evenly in its logarithm from 1e-6 to 10. */
double hn_rate_at(size_t step);

/* What the steps so far have shown; begins as zeros. */
typedef struct {
  size_t n;
  double losses[HN_RATE_STEPS]; /* (n) running mean of the losses before each step: weight 0.98 on
                                   what was, and corrected for its beginning at 0, as in Adam */
  double sum, lowest;           /* the mean before the correction; the lowest loss here */
} hn_rate_curve;

/* Take the loss of the next step in; does the test go on? It ends with its last step, where the
 * smoothed loss is above four times its lowest, and at a loss that is not finite, which the curve
 * does not keep. */
int hn_rate_curve_add(hn_rate_curve *curve, double loss);

/* The rate at which the smoothed loss falls fastest against the logarithm of the rate. The first
 * ten points and the last have no say, as in Lightning. Between neighbours, as there, the slope is
 * mostly the noise of the batches, and took rates with which hardly anything is learned. Here it is
 * that of the straight line through 21 points (a factor of 26 in the rate), none of which lies
 * behind the lowest loss, since what falls there falls from a divergence. Errors: HN_NUMERIC,
 * saying what was tried, where the loss does not fall over so many points. */
hn_status hn_rate_suggest(const hn_rate_curve *curve, double *rate_out, hn_error *err);

/* Test the rates on the rows to train on, in batches as in training but of random streams of their
 * own, and tell options->on_rate. The network is left as it was. rate_out: to train with instead
 * of options->learning_rate. Same seed and data, same rate for every thread count. Progress counts
 * rates. Errors: HN_NO_MEMORY; those of hn_rate_suggest. O(HN_RATE_STEPS batches). */
hn_status hn_rate_find(hn_network *network, const hn_train_data *data,
                       const hn_train_options *options, double *rate_out, hn_error *err);

#endif
