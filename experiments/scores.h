/* The scores of a run: metrics.json and the confusion matrices.
 *
 * metrics.json is an object, the same bytes for the same study, seed, songs and build:
 *   study, target, seed, simulated, classes
 *   notes        sentences for the head of table and report, as in the objects below
 *   corpus       tracks (in the manifest, also those that could not be read), used (by the filters'
 *                leave), labelled, artists, left_out (of tracks: without label, fold or anything
 *                that a model sees, or not used), with_lyrics, with_audio, with_both (of labelled),
 *                dropped: [{track_id, title, reason}], problems: [{line, column, value, problem,
 *                consequence}], guests_from_titles: [{track_id, title, guest}], ceilings, notes
 *   split        method, folds, leaks, tested, tested_with_known_artist, left_out, unplaced, notes
 *   lyrics       rules: [{rule, what, songs, times, bytes}] (what cleaning removed), failed:
 *                [{track_id, path, reason}], guests: [{track_id, sections}], notes
 *   audio        by model: pictures, failed and warnings: [{track_id, path, reason}], notes
 *   models       [{name, role (model, fused, dummy), headline, n, absent, low, high,
 *                tracks_resampled, accuracy, balanced_accuracy, macro_f1, log_loss,
 *                confusion, note, training_accuracy, brier, calibration_error, per_class,
 *                ceiling}]
 *   comparisons  [{a, b, n, tracks_resampled, difference, low, high, p_bootstrap,
 *                p_mcnemar, p_holm}]
 *   slices       [{slice, column, one_against_rest, notes, values: [{value, n, models:
 *                [{name, role, headline, n, absent, low, high, tracks_resampled, accuracy,
 *                balanced_accuracy, macro_f1, log_loss, confusion}]}]}]; a slice over the
 *                target has recall (whose interval low … high is), precision, specificity
 *                and a 2 x 2 confusion instead, and the value's two classes
 *   clusters     [{of, k, inertia, sizes, agreement: [{column, n, ari, nmi, v_measure}]}]
 *   guests       where the study compares policies for them: baseline (filters.featured), policies:
 *                [{policy, sections, songs_cut, songs_left_out}], rows: [{model, policy, songs
 *                (all, with guests, without guests), n, baseline_accuracy, accuracy,
 *                tracks_resampled, difference, low, high, p_bootstrap, p_mcnemar, p_holm}], notes
 *   telling_words, importances, permutation_importances: see experiments/telling.h,
 *                experiments/importances.h */
#ifndef HN_EXPERIMENTS_SCORES_H
#define HN_EXPERIMENTS_SCORES_H

#include <jansson.h>

#include "experiments/results.h"

/* Slices of fewer songs are named, not scored. */
enum { HN_SCORES_MIN_SLICE = 10 };

/* Add models, comparisons and slices to metrics, and write confusion/<model>.csv and
 * confusion/<model>.<slice>=<value>.csv ('/' and '%' in hexadecimal) into folder. ceilings (may be
 * NULL): an object with the best possible accuracy of "lyrics", "audio" and "fused". */
hn_status hn_scores_add(const hn_study *study, const hn_songs *songs, const hn_results *results,
                        const json_t *ceilings, const char *folder, json_t *metrics, hn_error *err);

#endif
