/* Design first, then each track by itself, in parallel; the manifest last. */
#include "corpora/simulate.h"

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "corpora/manifest_writer.h"
#include "corpora/simulate_audio.h"
#include "corpora/simulate_lyrics.h"

#include <errno.h>
#include <fcntl.h>
#include <sndfile.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const hn_option_spec hn_simulate_options[] = {
    {"seed", HN_OPTION_INT, "1", 0, 1e15, 0, NULL, "another seed is another corpus"},
    {"n_artists", HN_OPTION_INT, "12", 1, 1000, 0, NULL, "artists in each of the four regions"},
    {"n_songs", HN_OPTION_INT, "8", 1, 1000, 0, NULL, "songs of each artist, skits among them"},
    {"neutral_lyrics", HN_OPTION_REAL, "0.36", 0, 1, 0, NULL,
     "share of a region's songs without any word of the region (u)"},
    {"neutral_audio", HN_OPTION_REAL, "0.627", 0, 1, 0, NULL,
     "share of a region's songs with a beat of no region (v)"},
    {"duration", HN_OPTION_REAL, "20", 1, 600, 0, NULL, "length of every song, in seconds"},
    {0}};

static const char readme[] =
    "A SIMULATED CORPUS, written by headnod. No song, artist or event in it is real; only the\n"
    "cities are. It serves to try a study on, and to check it against what can be known exactly.\n"
    "\n"
    "In each region a fixed share u of the songs has lyrics without any word of the region, and\n"
    "a fixed share v a beat without any cue of it, crossed exactly: the share u v has neither.\n"
    "Whoever recognises every other song, and guesses one of four regions for these, is right as\n"
    "often as ceilings.json says, give or take the luck of guessing (its standard deviation, sd,\n"
    "stands beside). No method can expect more, as long as no artist of a test song, lead or\n"
    "guest, was met in training. The counts are rounded to whole songs, and the ceilings computed\n"
    "from the counts: that of the lyrics over the songs that have lyrics, that of the audio over\n"
    "the songs that have audio, the fused one over all songs, each by what it has. Songs without\n"
    "a region are not counted. Skits tell nothing and are counted; \"without_skits\" leaves them\n"
    "out. Where a study leaves out other songs, count once more from cues.csv.\n"
    "\n"
    "Guests from the region of the lead use its words where the song has any; guests from\n"
    "another region use none. Years, lengths, loudness, titles, names and the order of the\n"
    "tracks do not depend on the region. Artists have words, keys and tempi of their own.\n"
    "\n"
    "manifest.csv   the tracks\n"
    "lyrics/        their words\n"
    "audio/         their sound\n"
    "cues.csv       the answer sheet: which side of each track tells its region (1) or not (0)\n"
    "ceilings.json  what can be reached\n";

/* Options in force: the caller's, or a copy of the defaults in *own_out. */
static hn_status resolve_options(const hn_options **options, hn_options **own_out, hn_error *err) {
  if (*options) return HN_OK;
  hn_status status = hn_options_create(hn_simulate_options, own_out, err);
  *options = *own_out;
  return status;
}

size_t hn_simulate_n_units(const hn_options *options) {
  hn_options *own = NULL;
  size_t n = 0;
  if (resolve_options(&options, &own, NULL) == HN_OK)
    n = HN_SIMULATED_REGIONS * (size_t)hn_options_int(options, "n_artists") *
        (size_t)hn_options_int(options, "n_songs");
  hn_options_destroy(own);
  return n;
}

/* folder/name, freed by the caller. */
static hn_status join(const char *folder, const char *name, char **path_out, hn_error *err) {
  *path_out = hn_path_join(folder, name);
  return *path_out ? HN_OK : hn_fail_memory(err);
}

static hn_status make_folders(const char *folder, hn_error *err) {
  hn_status status = HN_OK;
  char **names = NULL, *lyrics = NULL, *audio = NULL;
  size_t n = 0;
  HN_TRY(hn_folder_make(folder, err));
  HN_TRY(hn_folder_list(folder, &names, &n, err));
  if (n > 0) {
    status = hn_fail(err, HN_INVALID,
                     "%s is not empty (it holds %s): the simulated corpus needs a new or an empty "
                     "folder",
                     folder, names[0]);
    goto done;
  }
  HN_TRY(join(folder, "lyrics", &lyrics, err));
  HN_TRY(join(folder, "audio", &audio, err));
  HN_TRY(hn_folder_make(lyrics, err));
  HN_TRY(hn_folder_make(audio, err));
done:
  hn_names_free(names, n);
  hn_free(lyrics);
  hn_free(audio);
  return status;
}

/* The path of a track's file as the manifest names it; "" when the track has none. */
static void name_file(const hn_simulated_track *t, int is_audio, char *out, size_t size) {
  if (is_audio ? t->has_audio : t->has_lyrics)
    snprintf(out, size, is_audio ? "audio/%s.flac" : "lyrics/%s.txt", t->id);
  else
    out[0] = 0;
}

/* The files of the tracks are neither flushed to disk nor renamed as hn_file_write does, which
 * takes longer than making them: the manifest, written last, vouches for them. */
static hn_status write_text(const char *path, const hn_buffer *text, hn_error *err) {
  FILE *file = fopen(path, "wb");
  if (!file) return hn_fail(err, HN_IO, "cannot create %s: %s", path, strerror(errno));
  int complete = fwrite(text->data, 1, text->length, file) == text->length;
  if (fclose(file) != 0) complete = 0;
  return complete ? HN_OK : hn_fail(err, HN_IO, "cannot write %s: is the disk full?", path);
}

static hn_status write_flac(const char *path, const int16_t *samples, size_t n, hn_error *err) {
  SF_INFO info = {
      .samplerate = HN_SIMULATED_RATE, .channels = 1, .format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16};
  int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (descriptor < 0) return hn_fail(err, HN_IO, "cannot create %s: %s", path, strerror(errno));
  SNDFILE *file = sf_open_fd(descriptor, SFM_WRITE, &info, SF_TRUE);
  if (!file) return hn_fail(err, HN_IO, "%s: libsndfile cannot write FLAC here", path);
  double level = 0.25;
  sf_command(file, SFC_SET_COMPRESSION_LEVEL, &level, sizeof level);
  int complete = sf_write_short(file, samples, (sf_count_t)n) == (sf_count_t)n;
  if (sf_close(file) != 0) complete = 0;
  return complete ? HN_OK : hn_fail(err, HN_IO, "cannot write %s: is the disk full?", path);
}

static hn_status write_track(const char *folder, const hn_simulated_design *design, size_t i,
                             hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer text = {0};
  int16_t *samples = NULL;
  char *path = NULL, name[32];
  const hn_simulated_track *t = &design->tracks[i];
  if (t->has_lyrics) {
    HN_TRY(hn_simulated_lyrics(design, i, &text, err));
    name_file(t, 0, name, sizeof name);
    HN_TRY(join(folder, name, &path, err));
    HN_TRY(write_text(path, &text, err));
  }
  if (t->has_audio) {
    size_t n = hn_simulated_n_samples(design);
    HN_NEW(samples, n, err);
    HN_TRY(hn_simulated_audio(design, i, samples, err));
    name_file(t, 1, name, sizeof name);
    hn_free(path);
    HN_TRY(join(folder, name, &path, err));
    HN_TRY(write_flac(path, samples, n, err));
  }
done:
  hn_buffer_free(&text);
  hn_free(samples);
  hn_free(path);
  return status;
}

static hn_status write_tracks(const char *folder, const hn_simulated_design *design,
                              hn_progress *progress, hn_error *err) {
  hn_status status = HN_OK;
  hn_error *errors = NULL; /* by track; code HN_OK where all went well */
  HN_NEW(errors, design->n_tracks, err);
#pragma omp parallel for schedule(dynamic)
  for (size_t i = 0; i < design->n_tracks; i++) {
    errors[i].code = write_track(folder, design, i, &errors[i]);
    hn_progress_advance(progress, 1);
  }
  for (size_t i = 0; i < design->n_tracks && status == HN_OK; i++)
    if (errors[i].code != HN_OK) status = hn_fail(err, errors[i].code, "%s", errors[i].message);
done:
  hn_free(errors);
  return status;
}

static hn_status save_table(hn_manifest_writer *table, const char *folder, const char *name,
                            hn_error *err) {
  hn_status status = HN_OK;
  char *path = NULL;
  HN_TRY(join(folder, name, &path, err));
  HN_TRY(hn_manifest_writer_save(table, path, err));
done:
  hn_manifest_writer_free(table);
  hn_free(path);
  return status;
}

static hn_status write_manifest(const char *folder, const hn_simulated_design *design,
                                hn_error *err) {
  static const char *const columns[] = {"track_id", "title",  "artist", "featured", "kind",
                                        "year",     "era",    "region", "city",     "lat",
                                        "lon",      "lyrics", "audio"};
  hn_manifest_writer table;
  hn_manifest_writer_init(&table, columns, sizeof columns / sizeof *columns);
  for (size_t i = 0; i < design->n_tracks; i++) {
    const hn_simulated_track *t = &design->tracks[i];
    const hn_simulated_artist *a = &design->artists[t->artist];
    char year[12], era[16], lat[16], lon[16], lyrics[32], audio[32];
    snprintf(year, sizeof year, "%d", t->year);
    snprintf(era, sizeof era, "%d0s", t->year / 10);
    snprintf(lat, sizeof lat, "%.4f", a->city->lat);
    snprintf(lon, sizeof lon, "%.4f", a->city->lon);
    name_file(t, 0, lyrics, sizeof lyrics);
    name_file(t, 1, audio, sizeof audio);
    const char *guest = t->guest == HN_SIMULATED_NO_GUEST ? NULL : design->artists[t->guest].name;
    const char *cells[] = {t->id,
                           t->title,
                           a->name,
                           guest,
                           t->is_skit ? "skit" : "song",
                           year,
                           era,
                           t->has_region ? hn_simulated_region_name(a->region) : NULL,
                           a->city->name,
                           lat,
                           lon,
                           lyrics,
                           audio};
    hn_manifest_writer_add(&table, cells);
  }
  return save_table(&table, folder, "manifest.csv", err);
}

static hn_status write_cues(const char *folder, const hn_simulated_design *design, hn_error *err) {
  static const char *const columns[] = {"track_id", "lyrics_cue", "audio_cue"};
  hn_manifest_writer table;
  hn_manifest_writer_init(&table, columns, sizeof columns / sizeof *columns);
  for (size_t i = 0; i < design->n_tracks; i++) {
    const hn_simulated_track *t = &design->tracks[i];
    const char *cells[] = {t->id, t->has_lyrics && t->lyrics_cue ? "1" : "0",
                           t->has_audio && t->audio_cue ? "1" : "0"};
    hn_manifest_writer_add(&table, cells);
  }
  return save_table(&table, folder, "cues.csv", err);
}

static json_t *counts_to_json(const hn_ceiling *c) {
  return json_pack("{s:I, s:I, s:f}", "n", (json_int_t)c->n, "n_cue", (json_int_t)c->n_cue, "sd",
                   c->sd);
}

/* The three ceilings, and behind them what each comes from. */
static json_t *ceilings_to_json(const hn_ceilings *c) {
  return json_pack("{s:f, s:f, s:f, s:o, s:o, s:o}", "lyrics", c->lyrics.accuracy, "audio",
                   c->audio.accuracy, "fused", c->fused.accuracy, "lyrics_songs",
                   counts_to_json(&c->lyrics), "audio_songs", counts_to_json(&c->audio),
                   "fused_songs", counts_to_json(&c->fused));
}

static hn_status write_ceilings(const char *folder, const hn_options *options,
                                const hn_simulation *s, hn_error *err) {
  hn_status status = HN_OK;
  char *path = NULL;
  json_t *root = NULL, *whole = NULL;
  root = json_pack(
      "{s:b, s:s, s:I, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I}", "simulated", 1, "accuracy",
      "expected at best: (n_cue + (n - n_cue) / 4) / n over the songs with a region that have the "
      "modality (fused: any), of which n_cue tell it; sd is the standard deviation by luck in "
      "guessing",
      "seed", (json_int_t)hn_options_int(options, "seed"), "u",
      hn_options_real(options, "neutral_lyrics"), "v", hn_options_real(options, "neutral_audio"),
      "n_tracks", (json_int_t)s->n_tracks, "n_skits", (json_int_t)s->n_skits, "n_guests",
      (json_int_t)s->n_guests, "n_without_lyrics", (json_int_t)s->n_without_lyrics,
      "n_without_audio", (json_int_t)s->n_without_audio, "n_without_region",
      (json_int_t)s->n_unlabelled);
  whole = ceilings_to_json(&s->ceilings);
  if (!root || json_object_update(root, whole) != 0 ||
      json_object_set_new(root, "without_skits", ceilings_to_json(&s->without_skits)) != 0) {
    status = hn_fail_memory(err);
    goto done;
  }
  HN_TRY(join(folder, "ceilings.json", &path, err));
  HN_TRY(hn_json_write(path, root, err));
done:
  json_decref(root);
  json_decref(whole);
  hn_free(path);
  return status;
}

hn_status hn_simulate(const char *folder, const hn_options *options, hn_progress *progress,
                      hn_simulation *summary_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_options *own = NULL;
  hn_simulated_design design = {0};
  char *path = NULL;
  hn_simulation summary;
  HN_TRY(resolve_options(&options, &own, err));
  HN_TRY(hn_simulated_design_init(&design, options, err));
  hn_simulated_design_summarize(&design, &summary);
  HN_TRY(make_folders(folder, err));
  HN_TRY(write_tracks(folder, &design, progress, err));
  HN_TRY(write_cues(folder, &design, err));
  HN_TRY(write_ceilings(folder, options, &summary, err));
  HN_TRY(join(folder, "README.txt", &path, err));
  HN_TRY(hn_file_write(path, readme, sizeof readme - 1, err));
  HN_TRY(write_manifest(folder, &design, err));
  if (summary_out) *summary_out = summary;
done:
  hn_simulated_design_free(&design);
  hn_options_destroy(own);
  hn_free(path);
  return status;
}
