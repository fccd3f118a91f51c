/* Do guests blur what the lyrics tell? The models that see lyrics learn once more under each policy
 * of filters.compare_featured: with the same songs, folds, options and random streams as under
 * filters.featured, so that nothing but the policy makes a difference. A song that a policy leaves
 * out, or leaves no word of, counts as without lyrics there, in training and in testing.
 *
 * The intervals are over artists or songs, as everywhere; they do not hold the luck of training. On
 * rapcast-regions, a forest of 200 trees that learns from 6 of 4,000 songs fewer
 * (drop-other-region) is right 1.2 points less often (-2.6 to +0.2): a small difference needs other
 * seeds before it is believed. */
#ifndef HN_EXPERIMENTS_GUEST_POLICIES_H
#define HN_EXPERIMENTS_GUEST_POLICIES_H

#include <jansson.h>
#include <stdio.h>

#include "experiments/results.h"

/* One policy. songs are the run's, of which it owns but the filter. */
typedef struct {
  const char *policy;
  hn_songs songs;
  hn_lyrics lyrics;
  hn_model_data *data; /* a model of hn_guest_policies.study */
  size_t n_left_out;   /* songs that the policy drops */
  hn_results results;  /* after hn_guest_policies_train */
} hn_guest_policy;

/* Owns its policies and the list of models; borrows all else from the run's study and songs. */
typedef struct {
  hn_study study; /* the run's with its models of lyrics and style alone, without fusion */
  hn_guest_policy *policies;
  size_t n;
} hn_guest_policies;

/* The lyrics under each policy; none when the study compares none. messages as in hn_lyrics_load.
 * Errors: those of filters and lyrics, as "compare_featured: lead-only: …". */
hn_status hn_guest_policies_load(const hn_study *study, const hn_songs *songs, FILE *messages,
                                 hn_guest_policies *guests_out, hn_error *err);
void hn_guest_policies_free(hn_guest_policies *guests);

/* Train and predict. folder/guests/<policy>/ gets folds/, models/ and predictions/ as the run
 * folder has them; folds that it holds already are not trained again. */
hn_status hn_guest_policies_train(hn_guest_policies *guests, const hn_plan *plan,
                                  hn_run_folder *folder, FILE *messages, hn_error *err);

/* Add "guests" to metrics, see experiments/scores.h: the accuracy of each model under each policy
 * and under filters.featured, on the songs that have lyrics under both, and the paired difference;
 * over all of them, and over those with and those without guests.
 *   lyrics, results  of the run itself */
hn_status hn_guest_policies_add(const hn_guest_policies *guests, const hn_songs *songs,
                                const hn_lyrics *lyrics, const hn_results *results, json_t *metrics,
                                hn_error *err);

#endif
