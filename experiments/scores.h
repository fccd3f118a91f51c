/* The scores of a run: metrics.json and the confusion matrices.
 *
 * metrics.json is an object:
 *   study, target, seed, simulated, classes
 *   notes        sentences for the head of table and report
 *   corpus       counts, dropped, problems, guests_from_titles, ceilings, notes
 *   split        method, folds, leaks, left_out, notes
 *   lyrics       rules (what cleaning removed), failed, guests
 *   audio        by model: decoded, cached, failed, warnings
 *   models       list of {name, role (model, fused, dummy), headline, n, absent, accuracy, low,
 *                high, note, training_accuracy, balanced_accuracy, macro_f1, log_loss, brier,
 *                calibration_error, per_class, confusion, ceiling}
 *   comparisons  list of {a, b, n, difference, low, high, p_bootstrap, p_mcnemar, p_holm}
 *   slices       list of {slice, column, one_against_rest, notes, values: [{value, n, classes,
 *                models: [{name, role, n, accuracy, low, high, macro_f1, log_loss, confusion}]}]}
 *   clusters     list of {of, k, inertia, sizes, agreement: [{column, n, ari, nmi, v_measure}]}
 *   stages       list of {stage, seconds} */
#ifndef HN_EXPERIMENTS_SCORES_H
#define HN_EXPERIMENTS_SCORES_H

#include <jansson.h>

#include "experiments/results.h"

/* Slices of fewer songs are named, not scored. */
enum { HN_SCORES_MIN_SLICE = 10 };

/* Add models, comparisons and slices to metrics, and write confusion/<model>.csv and
 * confusion/<model>.<slice>=<value>.csv into folder. ceilings (may be NULL): an object with the
 * best possible accuracy of "lyrics", "audio" and "fused". */
hn_status hn_scores_add(const hn_study *study, const hn_songs *songs, const hn_results *results,
                        const json_t *ceilings, const char *folder, json_t *metrics, hn_error *err);

#endif
