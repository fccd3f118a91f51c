#include "experiments/songs.h"

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/progress.h"
#include "corpora/credits.h"
#include "corpora/simulate.h"
#include "experiments/cache.h"
#include "experiments/ceilings.h"
#include "experiments/languages.h"
#include "experiments/notes.h"

#include <stdio.h>
#include <string.h>

/* The simulated corpus in the cache; made beside its place and renamed, so that two runs may do so
 * at once. */
static hn_status simulate(const hn_study *study, const char *cache, FILE *messages,
                          char **folder_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer key = {0};
  char *folder = NULL, *scratch = NULL, *manifest = NULL;
  hn_progress *progress = NULL;

  for (const hn_option_spec *s = hn_options_specs(study->simulated); s->name; s++)
    hn_buffer_format(&key, "%s=%s\n", s->name, hn_options_text(study->simulated, s->name));
  HN_TRY(hn_buffer_status(&key, err));
  HN_TRY(hn_cache_entry(cache, "simulated", HN_SIMULATE_VERSION, key.data, "", &folder, err));
  if (!(manifest = hn_path_join(folder, "manifest.csv")) || !(scratch = hn_path_scratch(folder)))
    HN_TRY(hn_fail_memory(err));
  if (!hn_file_exists(manifest)) {
    progress = hn_progress_create(messages, "simulated songs", "songs",
                                  hn_simulate_n_units(study->simulated));
    status = hn_simulate(scratch, study->simulated, progress, NULL, err);
    int is_put = status == HN_OK && rename(scratch, folder) == 0;
    if (!is_put) hn_folder_remove(scratch, NULL);
    if (status == HN_OK && !is_put && !hn_file_exists(manifest))
      status =
          hn_fail(err, HN_IO,
                  "%s: the simulated corpus cannot be put there; remove what lies there", folder);
    if (status != HN_OK) goto done;
  }
  *folder_out = folder;
  folder = NULL;
done:
  hn_progress_destroy(progress);
  hn_buffer_free(&key);
  hn_free(manifest);
  hn_free(scratch);
  hn_free(folder);
  return status;
}

static hn_status read_manifest(const hn_study *study, const char *cache, FILE *messages,
                               hn_songs *songs, hn_error *err) {
  hn_status status = HN_OK;
  char *folder = NULL;
  hn_manifest_options options = {.missing = (const char *const *)study->missing.items,
                                 .n_missing = study->missing.n,
                                 .skip_errors = study->skip_errors};
  if (study->is_simulated) {
    HN_TRY(simulate(study, cache, messages, &folder, err));
    songs->path = hn_path_join(folder, "manifest.csv");
  } else {
    songs->path = hn_strdup(study->manifest);
  }
  if (!songs->path) HN_TRY(hn_fail_memory(err));
  HN_TRY(hn_manifest_read(songs->path, &options, &songs->manifest, err));
  if (study->bow) {
    HN_TRY(hn_bags_read(study->bow, &songs->bags, err));
    HN_TRY(hn_bags_align(&songs->bags, songs->manifest, &songs->bag_rows, err));
  }
done:
  hn_free(folder);
  return status;
}

static hn_status check_column(const hn_manifest *manifest, const char *key, const char *column,
                              hn_error *err) {
  size_t found;
  hn_status status = hn_manifest_require_column(manifest, column, &found, err);
  return status == HN_OK ? HN_OK : hn_fail_prefix(err, status, "%s", key);
}

int hn_songs_derives_guests(const hn_manifest *manifest, const char *column) {
  return strcmp(column, "guests") == 0 && hn_manifest_find_column(manifest, column) == (size_t)-1;
}

/* Every column that the study names, or a slice would end a run that took hours. */
static hn_status check_columns(const hn_study *study, const hn_manifest *manifest, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(check_column(manifest, "target", study->target, err));
  if (!hn_options_is_none(study->split, "column"))
    HN_TRY(check_column(manifest, "split.column", hn_options_text(study->split, "column"), err));
  for (size_t w = 0; w < study->n_where; w++)
    HN_TRY(check_column(manifest, "filters.where", study->where[w].column, err));
  for (size_t m = 0; m < study->n_models; m++)
    for (size_t c = 0;
         study->models[m].modality == HN_MODALITY_TABLE && c < study->models[m].columns.n; c++)
      HN_TRY(check_column(manifest, study->models[m].name, study->models[m].columns.items[c], err));
  for (size_t s = 0; s < study->n_slices; s++) {
    if (hn_songs_derives_guests(manifest, study->slices[s].column) && !study->slices[s].n_edges)
      continue;
    HN_TRY(check_column(manifest, "slices", study->slices[s].column, err));
  }
  for (size_t c = 0; c < study->cluster_compare.n; c++)
    HN_TRY(check_column(manifest, "clusters.compare", study->cluster_compare.items[c], err));
done:
  return status;
}

/* Drop the tracks whose column does not have one of the values of a filter. */
static hn_status drop_by_where(const hn_study_where *where, const hn_manifest *manifest,
                               uint8_t *keep, json_t *account, hn_error *err) {
  hn_status status = HN_OK;
  size_t column, n_dropped = 0;
  HN_TRY(hn_manifest_require_column(manifest, where->column, &column, err));
  for (size_t t = 0; t < hn_manifest_n_tracks(manifest); t++) {
    const char *cell = hn_manifest_cell(manifest, t, column);
    int is_wanted = !keep[t];
    for (size_t v = 0; cell && v < where->values.n; v++)
      is_wanted |= strcmp(cell, where->values.items[v]) == 0;
    if (is_wanted) continue;
    const hn_track *track = hn_manifest_track(manifest, t);
    HN_TRY(hn_json_append(
        json_object_get(account, "dropped"),
        json_pack("{s:s, s:o, s:o}", "track_id", track->id, "title", hn_json_text(track->title),
                  "reason",
                  json_sprintf("where: %s is %s", where->column, cell ? cell : "missing")),
        err));
    keep[t] = 0;
    n_dropped++;
  }
  status =
      hn_note(account, err, "%zu tracks left out by filters.where: %s", n_dropped, where->column);
done:
  return status;
}

hn_status hn_songs_filter(const hn_study *study, const hn_songs *songs, const char *featured,
                          hn_filter *filter_out, hn_error *err) {
  hn_filter_options options = {.drop_kinds = (const char *const *)study->drop_kinds.items,
                               .n_drop_kinds = study->drop_kinds.n,
                               .require = (const char *const *)study->require.items,
                               .n_require = study->require.n,
                               .has_bag = songs->bag_rows.has_bag};
  hn_status status = hn_featured_policy_parse(featured, &options.featured, err);
  if (status == HN_OK) status = hn_manifest_filter(songs->manifest, &options, filter_out, err);
  return status;
}

static hn_status filter_tracks(const hn_study *study, FILE *messages, hn_songs *songs,
                               hn_error *err) {
  hn_status status = hn_songs_filter(study, songs, study->featured, &songs->filter, err);
  for (size_t w = 0; status == HN_OK && w < study->n_where; w++)
    status =
        drop_by_where(&study->where[w], songs->manifest, songs->filter.keep, songs->account, err);
  if (status == HN_OK && study->languages.n)
    status = hn_drop_by_language(study, songs->manifest, messages, songs->filter.keep,
                                 songs->account, err);
  return status;
}

/* Labels, artists and credits of the kept tracks. */
static hn_status index_songs(const hn_study *study, hn_songs *songs, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_tracks = hn_manifest_n_tracks(songs->manifest), target, n_credits = 0;
  hn_credits credits = {0};
  const char **targets = NULL, **guests = NULL;
  uint8_t *seen = NULL;

  HN_TRY(hn_manifest_require_column(songs->manifest, study->target, &target, err));
  HN_TRY(hn_manifest_credits(songs->manifest, &credits, err));
  HN_NEW(songs->tracks, n_tracks, err);
  HN_NEW(songs->ids, n_tracks, err);
  HN_NEW(songs->artists, n_tracks, err);
  HN_NEW(songs->credit_starts, n_tracks + 1, err);
  HN_NEW(songs->credits, credits.starts[n_tracks], err);
  HN_NEW(songs->guests, n_tracks, err);
  HN_NEW(guests, n_tracks, err);
  HN_TRY(hn_manifest_guests(songs->manifest, guests, err));
  HN_NEW(targets, n_tracks, err);
  HN_NEW(seen, credits.n_groups, err);
  for (size_t t = 0; t < n_tracks; t++) {
    if (!songs->filter.keep[t]) continue;
    size_t i = songs->n++, n = credits.starts[t + 1] - credits.starts[t];
    songs->tracks[i] = t;
    songs->ids[i] = hn_manifest_track(songs->manifest, t)->id;
    songs->guests[i] = guests[t];
    songs->artists[i] = credits.groups[t];
    songs->n_artists += !seen[credits.groups[t]];
    seen[credits.groups[t]] = 1;
    if (n)
      memcpy(songs->credits + n_credits, credits.artists + credits.starts[t],
             n * sizeof *songs->credits);
    n_credits += n;
    songs->credit_starts[i + 1] = n_credits;
    targets[i] = hn_manifest_cell(songs->manifest, t, target);
  }
  if (songs->n == 0)
    HN_TRY(hn_fail(err, HN_INVALID, "%s: the study's filters leave none of its %zu tracks",
                   songs->path, n_tracks));
  HN_TRY(hn_labels_encode(targets, songs->n, &songs->labels, err));
  if (songs->labels.n_classes < 2)
    HN_TRY(hn_fail(err, HN_INVALID,
                   "%s: the target \"%s\" has %s%s%s among the %zu tracks of the study; two "
                   "classes are needed at least: choose another target or other filters",
                   songs->path, study->target,
                   songs->labels.n_classes ? "one class only, \"" : "no value",
                   songs->labels.n_classes ? songs->labels.classes[0] : "",
                   songs->labels.n_classes ? "\"," : "", songs->n));
done:
  hn_credits_free(&credits);
  hn_free(targets);
  hn_free(guests);
  hn_free(seen);
  return status;
}

static hn_status account_for_problems(const hn_songs *songs, hn_error *err) {
  hn_status status = HN_OK;
  json_t *problems = json_object_get(songs->account, "problems");
  for (size_t i = 0; i < hn_manifest_n_problems(songs->manifest); i++) {
    const hn_manifest_problem *p = hn_manifest_problem_at(songs->manifest, i);
    HN_TRY(
        hn_json_append(problems,
                       json_pack("{s:I, s:o, s:o, s:o, s:s}", "line", (json_int_t)p->line, "column",
                                 hn_json_text(p->column), "value", hn_json_text(p->value),
                                 "problem", hn_json_text(p->text), "consequence",
                                 p->drops_track ? "track left out" : "cell taken as missing"),
                       err));
  }
done:
  return status;
}

static hn_status account_for_drops(const hn_songs *songs, hn_error *err) {
  hn_status status = HN_OK;
  json_t *dropped = json_object_get(songs->account, "dropped");
  for (size_t i = 0; i < songs->filter.n_drops; i++) {
    const hn_filter_drop *drop = &songs->filter.drops[i];
    const hn_track *track = hn_manifest_track(songs->manifest, drop->track);
    HN_TRY(
        hn_json_append(dropped,
                       json_pack("{s:s, s:o, s:o}", "track_id", track->id, "title",
                                 hn_json_text(track->title), "reason", hn_json_text(drop->reason)),
                       err));
  }
done:
  return status;
}

static hn_status account_for_guests(const hn_songs *songs, hn_error *err) {
  hn_status status = HN_OK;
  json_t *guests = json_object_get(songs->account, "guests_from_titles");
  for (size_t i = 0; i < songs->n; i++) {
    const hn_track *track = hn_songs_track(songs, i);
    for (size_t g = 0; track->featured_from_title && g < track->n_featured; g++)
      HN_TRY(hn_json_append(guests,
                            json_pack("{s:s, s:o, s:o}", "track_id", track->id, "title",
                                      hn_json_text(track->title), "guest",
                                      hn_json_text(track->featured[g])),
                            err));
  }
done:
  return status;
}

static size_t n_missing(const hn_songs *songs) {
  size_t n = 0;
  for (size_t i = 0; i < songs->n; i++) n += songs->labels.values[i] == HN_LABEL_MISSING;
  return n;
}

/* Counts and the sentences that stand at the head of table and report. */
static hn_status account_for_counts(const hn_study *study, const hn_songs *songs, hn_error *err) {
  hn_status status = HN_OK;
  json_t *account = songs->account;
  const hn_manifest *manifest = songs->manifest;
  size_t missing = n_missing(songs), n_skipped = hn_manifest_n_skipped(manifest);
  size_t n_tracks = hn_manifest_n_tracks(manifest) + n_skipped;
  size_t n_anonymous = 0;
  for (size_t i = 0; i < songs->n; i++) n_anonymous += !hn_songs_track(songs, i)->artist;
  HN_TRY(hn_json_set(account, "tracks", json_integer((json_int_t)n_tracks), err));
  HN_TRY(hn_json_set(account, "used", json_integer((json_int_t)songs->n), err));
  HN_TRY(hn_json_set(account, "labelled", json_integer((json_int_t)(songs->n - missing)), err));
  HN_TRY(hn_json_set(account, "artists", json_integer((json_int_t)songs->n_artists), err));
  if (n_anonymous)
    HN_TRY(hn_note(account, err,
                   "%zu of %zu tracks name no artist; each counts as an artist of its own, so that "
                   "one artist's songs may stand in training and test",
                   n_anonymous, songs->n));
  if (missing)
    HN_TRY(hn_note(account, err,
                   "%zu of %zu tracks: %s missing; they are left out of training and scoring",
                   missing, songs->n, study->target));
  if (songs->filter.n_drops)
    HN_TRY(hn_note(account, err, "%zu of %zu tracks dropped by filters", songs->filter.n_drops,
                   n_tracks));
  if (hn_manifest_n_problems(manifest))
    HN_TRY(hn_note(account, err,
                   "%zu problems in the manifest were skipped (%zu of %zu tracks left out)",
                   hn_manifest_n_problems(manifest), n_skipped, n_tracks));
  if (songs->bag_rows.n_without)
    HN_TRY(hn_note(account, err, "%zu of %zu tracks have no bag of words",
                   songs->bag_rows.n_without, n_tracks));
  if (songs->bag_rows.n_ignored)
    HN_TRY(hn_note(account, err,
                   "%zu bags of words belong to no track of the manifest and were ignored",
                   songs->bag_rows.n_ignored));
done:
  return status;
}

static hn_status account_for_all(const hn_study *study, hn_songs *songs, hn_error *err) {
  hn_status status = HN_OK;
  json_t *ceilings = NULL;
  HN_TRY(account_for_problems(songs, err));
  HN_TRY(account_for_drops(songs, err));
  HN_TRY(account_for_guests(songs, err));
  HN_TRY(account_for_counts(study, songs, err));
  if (!songs->is_simulated) return HN_OK;
  HN_TRY(hn_ceilings_read(songs, study->target, &ceilings, err));
  if (ceilings) status = hn_json_set(songs->account, "ceilings", ceilings, err);
done:
  return status;
}

hn_status hn_songs_load(const hn_study *study, const char *cache, FILE *messages,
                        hn_songs *songs_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_songs songs = {.account = json_pack("{s:[], s:[], s:[], s:[]}", "notes", "dropped", "problems",
                                         "guests_from_titles")};
  if (!songs.account) return hn_fail_memory(err);
  HN_TRY(read_manifest(study, cache, messages, &songs, err));
  songs.is_simulated = hn_corpus_is_simulated(songs.path);
  if (songs.is_simulated)
    HN_TRY(hn_note(songs.account, err,
                   "these songs are simulated: the figures say what the method finds in songs made "
                   "for it, nothing about music"));
  HN_TRY(check_columns(study, songs.manifest, err));
  HN_TRY(filter_tracks(study, messages, &songs, err));
  HN_TRY(index_songs(study, &songs, err));
  HN_TRY(account_for_all(study, &songs, err));
  *songs_out = songs;
  songs = (hn_songs){0};
done:
  hn_songs_free(&songs);
  return status;
}

void hn_songs_free(hn_songs *songs) {
  if (!songs) return;
  hn_filter_free(&songs->filter);
  hn_bags_alignment_free(&songs->bag_rows);
  hn_bags_free(&songs->bags);
  hn_manifest_destroy(songs->manifest);
  hn_labels_free(&songs->labels);
  hn_free(songs->path);
  hn_free(songs->tracks);
  hn_free(songs->ids);
  hn_free(songs->artists);
  hn_free(songs->guests);
  hn_free(songs->credit_starts);
  hn_free(songs->credits);
  json_decref(songs->account);
  *songs = (hn_songs){0};
}

const hn_track *hn_songs_track(const hn_songs *songs, size_t song) {
  return hn_manifest_track(songs->manifest, songs->tracks[song]);
}
