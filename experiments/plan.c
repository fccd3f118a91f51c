#include "experiments/plan.h"

#include "base/memory.h"
#include "base/random.h"
#include "eval/training.h"
#include "experiments/notes.h"

#include <math.h>
#include <string.h>

/* What the split asks about the songs. */
typedef struct {
  hn_split_input input;
  double *years;
  hn_labels column;
} split_facts;

static hn_status gather_facts(const hn_study *study, const hn_songs *songs, split_facts *facts,
                              hn_error *err) {
  hn_status status = HN_OK;
  const char **cells = NULL;
  facts->input = (hn_split_input){.n_rows = songs->n,
                                  .n_classes = songs->labels.n_classes,
                                  .classes = (const char *const *)songs->labels.classes,
                                  .labels = songs->labels.values,
                                  .groups = songs->artists};
  if (hn_options_is(study->split, "method", "time")) {
    HN_NEW(facts->years, songs->n, err);
    for (size_t i = 0; i < songs->n; i++) {
      int year = hn_songs_track(songs, i)->year;
      facts->years[i] = year == HN_YEAR_MISSING ? (double)NAN : (double)year;
    }
    facts->input.years = facts->years;
  }
  if (hn_options_is(study->split, "method", "column")) {
    size_t column;
    HN_TRY(hn_manifest_require_column(songs->manifest, hn_options_text(study->split, "column"),
                                      &column, err));
    HN_NEW(cells, songs->n, err);
    for (size_t i = 0; i < songs->n; i++)
      cells[i] = hn_manifest_cell(songs->manifest, songs->tracks[i], column);
    HN_TRY(hn_labels_encode(cells, songs->n, &facts->column, err));
    facts->input.values = facts->column.values;
  }
done:
  hn_free(cells);
  return status;
}

/* Where a split by artist into as many folds is out of the question, say why. */
static hn_status explain_impossible(const hn_songs *songs, size_t n_folds, json_t *account,
                                    hn_error *err) {
  hn_status status = HN_OK;
  size_t *counts = NULL, largest = 0, n_labelled = 0;
  int32_t n_groups = 0;

  for (size_t i = 0; i < songs->n; i++)
    if (songs->artists[i] >= n_groups) n_groups = songs->artists[i] + 1;
  HN_NEW(counts, (size_t)n_groups, err);
  for (size_t i = 0; i < songs->n; i++) {
    if (songs->labels.values[i] == HN_LABEL_MISSING) continue;
    n_labelled++;
    counts[songs->artists[i]]++;
    if (counts[songs->artists[i]] > counts[songs->artists[largest]]) largest = i;
  }
  size_t n_most = counts[songs->artists[largest]];
  const char *name = hn_songs_track(songs, largest)->artist;
  if (n_most * n_folds > n_labelled)
    status = hn_note(account, err,
                     "an artist-disjoint split into %zu folds is not possible here: \"%s\" alone "
                     "has %zu of the %zu songs, more than a fold holds",
                     n_folds, name ? name : "(no artist)", n_most, n_labelled);
done:
  hn_free(counts);
  return status;
}

/* What the test songs share with the songs that their fold learns from. */
typedef struct {
  size_t n_tested;
  size_t n_known; /* credit an artist who is credited on a song learned from, too */
} split_leaks;

static hn_status count_leaks(const hn_songs *songs, const hn_plan *plan, split_leaks *leaks_out,
                             hn_error *err) {
  hn_status status = HN_OK;
  const size_t *starts = songs->credit_starts;
  split_leaks leaks = {0};
  int32_t n_artists = 0;
  size_t *heard_in = NULL; /* of an artist: 1 + the last fold that learns from one of their songs */

  for (size_t c = 0; c < starts[songs->n]; c++)
    if (songs->credits[c] >= n_artists) n_artists = songs->credits[c] + 1;
  HN_NEW(heard_in, (size_t)n_artists, err);
  for (size_t f = 0; f < plan->n_folds; f++) {
    for (size_t i = 0; i < songs->n; i++) {
      hn_role role = hn_plan_role(plan, f, i);
      if (role != HN_ROLE_TRAIN && role != HN_ROLE_VALIDATION) continue;
      for (size_t c = starts[i]; c < starts[i + 1]; c++) heard_in[songs->credits[c]] = f + 1;
    }
    for (size_t i = 0; i < songs->n; i++) {
      int is_known = 0;
      if (hn_plan_role(plan, f, i) != HN_ROLE_TEST) continue;
      for (size_t c = starts[i]; c < starts[i + 1]; c++)
        is_known |= heard_in[songs->credits[c]] == f + 1;
      leaks.n_tested++;
      leaks.n_known += is_known != 0;
    }
  }
  *leaks_out = leaks;
done:
  hn_free(heard_in);
  return status;
}

static hn_status warn_of_leaks(const hn_songs *songs, const char *method, const split_leaks *leaks,
                               hn_plan *plan, hn_error *err) {
  hn_status status =
      leaks->n_known
          ? hn_note(plan->account, err,
                    "the split (%s) leaks: %zu of %zu test songs credit an artist who is credited "
                    "on a training song too, which makes every accuracy look better than it would "
                    "be for an artist that no model has heard",
                    method, leaks->n_known, leaks->n_tested)
          : hn_note(plan->account, err,
                    "the split (%s) does not keep artists apart; no test song is known to credit "
                    "an artist of a training song, but what else songs share (source, album, "
                    "artists that the manifest does not name) leaks and makes every accuracy look "
                    "better",
                    method);
  if (status == HN_OK) status = explain_impossible(songs, plan->n_folds, plan->account, err);
  return status;
}

/* Roles of one fold: test, training, and for fusion a validation part of the training songs. */
static hn_status plan_fold(const hn_study *study, const hn_songs *songs, const split_facts *facts,
                           const hn_split *split, size_t fold, hn_plan *plan, size_t *n_left_out,
                           hn_error *err) {
  hn_status status = HN_OK;
  uint8_t *training = NULL, *validation = NULL, *roles = plan->roles + fold * plan->n;
  int by_artist = hn_options_is(study->split, "method", "artist-disjoint");
  hn_credit_lists credits = {songs->credit_starts, songs->credits};

  HN_NEW(training, plan->n, err);
  HN_NEW(validation, plan->n, err);
  HN_TRY(hn_training_rows(split, by_artist ? &credits : NULL, fold, training, n_left_out, err));
  if (hn_study_fuses(study)) {
    hn_validation_options options = {.share = study->validation_fraction,
                                     .by_artist = by_artist,
                                     .seed = hn_seed_derive(study->seed, "validation", fold)};
    size_t n_left = 0;
    HN_TRY(hn_validation_rows(&facts->input, by_artist ? &credits : NULL, &options, training,
                              validation, &n_left, err));
    *n_left_out += n_left;
  }
  for (size_t i = 0; i < plan->n; i++) {
    if (songs->labels.values[i] == HN_LABEL_MISSING)
      roles[i] = HN_ROLE_UNLABELLED;
    else if (split->folds[i] == (int32_t)fold)
      roles[i] = HN_ROLE_TEST;
    else if (validation[i])
      roles[i] = HN_ROLE_VALIDATION;
    else
      roles[i] = training[i] ? HN_ROLE_TRAIN : HN_ROLE_LEFT_OUT;
  }
done:
  hn_free(training);
  hn_free(validation);
  return status;
}

static hn_status account_for(const hn_songs *songs, const char *method, size_t n_left_out,
                             const hn_split *split, hn_plan *plan, hn_error *err) {
  hn_status status = HN_OK;
  split_leaks leaks = {0};
  size_t n_only_train = 0;
  HN_TRY(count_leaks(songs, plan, &leaks, err));
  int is_leaky = leaks.n_known > 0 || strcmp(method, "random") == 0;
  for (size_t i = 0; i < plan->n; i++) n_only_train += plan->fold[i] == HN_FOLD_TRAIN_ONLY;
  plan->account =
      json_pack("{s:s, s:I, s:b, s:I, s:I, s:I, s:I, s:[]}", "method", method, "folds",
                (json_int_t)plan->n_folds, "leaks", is_leaky, "tested", (json_int_t)leaks.n_tested,
                "tested_with_known_artist", (json_int_t)leaks.n_known, "left_out",
                (json_int_t)n_left_out, "unplaced", (json_int_t)split->n_unplaced, "notes");
  if (!plan->account) HN_TRY(hn_fail_memory(err));
  if (is_leaky) HN_TRY(warn_of_leaks(songs, method, &leaks, plan, err));
  if (split->n_unplaced)
    HN_TRY(hn_note(plan->account, err,
                   "%zu labelled tracks have no %s and belong to no fold: they are neither learned "
                   "from nor tested",
                   split->n_unplaced,
                   strcmp(method, "time") == 0 ? "year" : "value in the column of the split"));
  if (n_only_train)
    HN_TRY(hn_note(plan->account, err, "the %zu earliest tracks are learned from, but not tested",
                   n_only_train));
  if (n_left_out)
    HN_TRY(hn_note(plan->account, err,
                   "%zu times a song was left out of a fold's training because it credits an "
                   "artist of that fold's test or validation songs",
                   n_left_out));
done:
  return status;
}

hn_status hn_plan_make(const hn_study *study, const hn_songs *songs, hn_plan *plan_out,
                       hn_error *err) {
  hn_status status = HN_OK;
  const char *method = hn_options_text(study->split, "method");
  split_facts facts = {0};
  hn_split split = {0};
  hn_plan plan = {.n = songs->n};
  size_t n_left_out = 0;

  HN_TRY(gather_facts(study, songs, &facts, err));
  HN_TRY(hn_split_make(&facts.input, study->split, study->seed, &split, err));
  plan.n_folds = split.n_folds;
  HN_NEW(plan.fold, plan.n, err);
  HN_NEW(plan.roles, plan.n * plan.n_folds, err);
  memcpy(plan.fold, split.folds, plan.n * sizeof *plan.fold);
  for (size_t f = 0; f < plan.n_folds; f++) {
    size_t n = 0;
    HN_TRY(plan_fold(study, songs, &facts, &split, f, &plan, &n, err));
    n_left_out += n;
  }
  HN_TRY(account_for(songs, method, n_left_out, &split, &plan, err));
  *plan_out = plan;
  plan = (hn_plan){0};
done:
  hn_split_free(&split);
  hn_labels_free(&facts.column);
  hn_free(facts.years);
  hn_plan_free(&plan);
  return status;
}

void hn_plan_free(hn_plan *plan) {
  if (!plan) return;
  hn_free(plan->fold);
  hn_free(plan->roles);
  json_decref(plan->account);
  *plan = (hn_plan){0};
}
