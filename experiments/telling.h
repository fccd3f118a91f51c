/* The most telling words of each class: which terms do its songs use more than the other songs?
 * They describe the songs; no model saw them, and none is judged by them. */
#ifndef HN_EXPERIMENTS_TELLING_H
#define HN_EXPERIMENTS_TELLING_H

#include <jansson.h>

#include "experiments/model_data.h"

/* Terms listed a class, at most. */
enum { HN_TELLING_WORDS = 15 };

/* Add "telling_words" to metrics: a list of {model, songs, classes: [{class, songs, words: [{term,
 * z, in_class, in_rest, artists}]}]}, one for each lyrics model with features of its own (of models
 * with the same features, the first). data: one a model of the study.
 *
 * Over all labelled songs with lyrics, with the terms that the model's features keep. A song counts
 * a term once, so that a chorus does not weigh more than a verse. With y(w) the songs of the class
 * that hold w, n = sum of y, y'(w) and n' those of the rest, and the prior a(w) = y(w) + y'(w),
 * a = n + n':
 *   d = ln((y + a(w)) / (n + a - y - a(w))) - ln((y' + a(w)) / (n' + a - y' - a(w)))
 *   z = d / sqrt(1 / (y + a(w)) + 1 / (y' + a(w)))
 * the log-odds ratio with an informative Dirichlet prior of Monroe, Colaresi and Quinn (2008,
 * "Fightin' Words"). Words with z > 0, the largest z first, ties in the order of the terms.
 *   in_class, in_rest  shares of the songs that hold the term, 0 … 1
 *   artists            lead artists of the class among whose songs it is: few mean a name, not a
 *                      region
 * Errors: HN_NO_MEMORY, those of the features. */
hn_status hn_telling_add(const hn_study *study, const hn_songs *songs, const hn_model_data *data,
                         json_t *metrics, hn_error *err);

/* z of a term; all as above. n, n_rest > 0. */
double hn_telling_z(double y, double n, double y_rest, double n_rest);

#endif
