/* LyricsGenius dumps (github.com/johnwmillr/LyricsGenius, versions 0.9 to 3): JSON files of an
 * artist ({"name", "songs": […]}), an album ({"name", "tracks": [{"song": {…}}]}), one song, or a
 * list of any of these. Read from a song: title, primary_artist.name (else artist),
 * featured_artists (their names), album (object or text), the year of release_date_components,
 * release_date, year or release_date_for_display, lyrics, id. Versions before 2 keep the Genius
 * answer under "json" or "raw": what a song itself lacks is looked up there. */
#include "corpora/importer.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "corpora/cells.h"
#include "corpora/genius_salvage.h"
#include "corpora/import_files.h"
#include "corpora/names.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a song stands: its file, its number in it, and what the artist or album around it says. */
typedef struct {
  hn_import *import;
  int takes_translations;
  const char *file;
  size_t n_songs;
  const char *artist, *album;
  const json_t *album_date;
} place;

static hn_status visit(place *at, const json_t *value, hn_error *err);

/* A field of a song, NULL where absent or null. */
static const json_t *field(const json_t *song, const char *key) {
  static const char *const inner[] = {"json", "raw"};
  const json_t *value = json_object_get(song, key);
  for (size_t i = 0; (!value || json_is_null(value)) && i < 2; i++)
    value = json_object_get(json_object_get(song, inner[i]), key);
  return json_is_null(value) ? NULL : value;
}

/* A text, or the name of an object. */
static const char *name_of(const json_t *value) {
  const char *text =
      json_string_value(json_is_object(value) ? json_object_get(value, "name") : value);
  /* Genius puts a zero-width blank before names that begin in lower case. */
  while (text && strncmp(text, "\u200b", 3) == 0) text += 3;
  return text && *text ? text : NULL;
}

/* The first run of four digits that is a year, or HN_YEAR_MISSING. */
static int year_in_text(const char *text) {
  for (const char *at = text; *at; at++) {
    size_t n = strspn(at, "0123456789");
    char digits[5] = "";
    int year;
    if (n == 4) memcpy(digits, at, 4);
    if (n == 4 && hn_cell_parse_year(digits, &year)) return year;
    if (n) at += n - 1;
  }
  return HN_YEAR_MISSING;
}

/* The year of a date in any of the forms of the dumps: number, text, {"year": …}. */
static int year_of(const json_t *date) {
  if (json_is_object(date)) date = json_object_get(date, "year");
  if (json_is_string(date)) return year_in_text(json_string_value(date));
  if (!json_is_integer(date)) return HN_YEAR_MISSING;
  json_int_t year = json_integer_value(date);
  return year >= HN_YEAR_MIN && year <= HN_YEAR_MAX ? (int)year : HN_YEAR_MISSING;
}

/* The song's year; *odd_out is a date in words that has none, or NULL. */
static int song_year(const place *at, const json_t *song, const char **odd_out) {
  static const char *const keys[] = {"release_date_components", "release_date", "year",
                                     "release_date_for_display"};
  int year = HN_YEAR_MISSING;
  *odd_out = NULL;
  for (size_t i = 0; i < sizeof keys / sizeof *keys && year == HN_YEAR_MISSING; i++) {
    const json_t *date = field(song, keys[i]);
    year = year_of(date);
    if (!*odd_out && json_is_string(date) && !hn_text_is_blank(json_string_value(date)))
      *odd_out = json_string_value(date);
  }
  if (year == HN_YEAR_MISSING) year = year_of(at->album_date);
  if (year != HN_YEAR_MISSING) *odd_out = NULL;
  return year;
}

/* "genius-<id>", or, where the dump has no id, made of artist, album and title. */
static hn_status make_id(const json_t *song, const hn_import_track *track, hn_buffer *id,
                         int *is_own_out, hn_error *err) {
  const json_t *number = field(song, "id");
  *is_own_out = json_is_integer(number) || json_is_string(number);
  if (json_is_integer(number))
    hn_buffer_format(id, "genius-%" JSON_INTEGER_FORMAT, json_integer_value(number));
  else if (json_is_string(number))
    hn_buffer_format(id, "genius-%s", json_string_value(number));
  else
    hn_buffer_format(id, "genius-%s-%s-%s", track->artist ? track->artist : "",
                     track->album ? track->album : "", track->title);
  return hn_buffer_status(id, err);
}

static hn_status list_guests(const json_t *song, hn_import_track *track, const char ***names_out,
                             hn_error *err) {
  hn_status status = HN_OK;
  const json_t *guests = field(song, "featured_artists");
  HN_NEW(*names_out, json_array_size(guests), err);
  for (size_t i = 0; i < json_array_size(guests); i++) {
    const char *name = name_of(json_array_get(guests, i));
    if (name) (*names_out)[track->n_featured++] = name;
  }
  track->featured = *names_out;
done:
  return status;
}

/* List why a song is left out. */
static hn_status refuse_song(const place *at, const char *title, const char *why, hn_error *err) {
  return hn_import_problem(at->import, err, "%s: song %zu (\"%s\") %s; left out", at->file,
                           at->n_songs, title ? title : "", why);
}

/* Is this a page of Genius' own translators ("Genius English Translations", "Genius Traducciones al
 * Español", "Genius Romanizations"), or one that says what it translates? Its words are not the
 * artist's. */
static int is_translation(const json_t *song, const hn_import_track *track) {
  static const char *const words[] = {"(English Translation)", "(Romanized)", NULL};
  static const char *const artists[] = {"transl",  "tradu",   "überset", "перевод", "çeviri",
                                        "tłumacz", "romaniz", "翻訳",    "번역",    NULL};
  const json_t *relations = field(song, "song_relationships"), *relation;
  char *name = NULL;
  int found = 0;
  size_t i;
  for (i = 0; words[i]; i++) found |= strstr(track->title, words[i]) != NULL;
  if (!found && track->artist && hn_name_fold(track->artist, &name, NULL) == HN_OK &&
      strncmp(name, "genius ", 7) == 0)
    for (i = 0; artists[i]; i++) found |= strstr(name, artists[i]) != NULL;
  hn_free(name);
  json_array_foreach(relations, i, relation) {
    const char *kind = json_string_value(json_object_get(relation, "relationship_type"));
    if (!kind) kind = json_string_value(json_object_get(relation, "type"));
    found |= kind && strcmp(kind, "translation_of") == 0 &&
             json_array_size(json_object_get(relation, "songs")) > 0;
  }
  return found;
}

static hn_status add_song(place *at, const json_t *song, hn_error *err) {
  hn_status status = HN_OK;
  const char **guests = NULL;
  hn_buffer id = {0};
  int is_own_id;
  const char *odd_date;
  hn_import_track track = {.title = json_string_value(field(song, "title")),
                           .artist = name_of(field(song, "primary_artist")),
                           .album = name_of(field(song, "album")),
                           .lyrics = json_string_value(field(song, "lyrics")),
                           .year = song_year(at, song, &odd_date)};
  at->n_songs++;
  if (!track.artist) track.artist = name_of(field(song, "artist"));
  if (!track.artist) track.artist = at->artist;
  if (!track.album) track.album = at->album;
  if (!track.title || hn_text_is_blank(track.title))
    return refuse_song(at, track.title, "has no title", err);
  if (!track.lyrics || hn_text_is_blank(track.lyrics))
    return refuse_song(at, track.title, "has no lyrics", err);
  if (!at->takes_translations && is_translation(song, &track))
    return refuse_song(at, track.title,
                       "is a translation, not the song (--translations keep takes it)", err);

  HN_TRY(make_id(song, &track, &id, &is_own_id, err));
  track.id = id.data;
  if (is_own_id && hn_import_has(at->import, track.id)) {
    HN_TRY(refuse_song(at, track.title, "was read before (the same Genius id)", err));
    goto done;
  }
  if (odd_date)
    HN_TRY(hn_import_problem(at->import, err,
                             "%s: song %zu (\"%s\") has a date without a year "
                             "(\"%s\"); year left empty",
                             at->file, at->n_songs, track.title, odd_date));
  HN_TRY(list_guests(song, &track, &guests, err));
  HN_TRY(hn_import_add(at->import, &track, err));
done:
  hn_free(guests);
  hn_buffer_free(&id);
  return status;
}

static hn_status visit_list(place *at, const json_t *list, hn_error *err) {
  hn_status status = HN_OK;
  for (size_t i = 0; i < json_array_size(list); i++)
    HN_TRY(visit(at, json_array_get(list, i), err));
done:
  return status;
}

static hn_status visit(place *at, const json_t *value, hn_error *err) {
  place inside = *at;
  hn_status status;
  if (json_is_array(value)) return visit_list(at, value, err);
  if (json_is_array(json_object_get(value, "songs"))) {
    inside.artist = name_of(value);
    if (!inside.artist) inside.artist = name_of(json_object_get(value, "artist"));
    status = visit_list(&inside, json_object_get(value, "songs"), err);
  } else if (json_is_array(json_object_get(value, "tracks"))) {
    inside.artist = name_of(json_object_get(value, "artist"));
    inside.album = name_of(value);
    inside.album_date = json_object_get(value, "release_date_components");
    status = visit_list(&inside, json_object_get(value, "tracks"), err);
  } else if (json_is_object(json_object_get(value, "response"))) {
    status = visit(&inside, json_object_get(value, "response"), err);
  } else if (json_is_object(json_object_get(value, "song"))) {
    status = visit(&inside, json_object_get(value, "song"), err);
  } else if (json_object_get(value, "title") || json_object_get(value, "lyrics")) {
    status = add_song(&inside, value, err);
  } else {
    inside.n_songs++;
    status = refuse_song(&inside, "", "is no song (no title, no lyrics)", err);
  }
  at->n_songs = inside.n_songs;
  return status;
}

/* A file that is not JSON as a whole may still hold whole songs. */
static hn_status salvage(place *at, const char *bytes, size_t n, const hn_error *why,
                         hn_error *err) {
  hn_status status =
      hn_import_problem(at->import, err, "%s; looking for whole songs in it", why->message);
  hn_genius_cursor cursor = {0};
  hn_genius_song song;
  while (status == HN_OK && hn_genius_next_song(bytes, n, &cursor, &song)) {
    json_t *value = NULL;
    hn_error broken;
    if (hn_json_parse(at->file, bytes + song.start, song.length, &value, &broken) == HN_OK) {
      status = visit(at, value, err);
    } else {
      at->n_songs++;
      status = hn_import_problem(at->import, err, "%s:%zu: song %zu is not JSON; left out",
                                 at->file, song.line, at->n_songs);
    }
    json_decref(value);
  }
  return status;
}

/* context: the place that every file begins at. */
static hn_status read_dump(void *context, const char *path, hn_error *err) {
  place at = *(const place *)context;
  at.file = path;
  hn_status status = HN_OK;
  hn_error broken;
  char *bytes = NULL;
  size_t n = 0;
  json_t *value = NULL;
  status = hn_file_read_gzip(path, &bytes, &n, &broken);
  if (status == HN_NO_MEMORY) HN_TRY(hn_fail_memory(err));
  if (status != HN_OK) return hn_import_problem(at.import, err, "%s; left out", broken.message);
  status = hn_json_parse(path, bytes, n, &value, &broken);
  if (status == HN_NO_MEMORY) HN_TRY(hn_fail_memory(err));
  status = status == HN_OK ? visit(&at, value, err) : salvage(&at, bytes, n, &broken, err);
done:
  json_decref(value);
  hn_free(bytes);
  return status;
}

static hn_status run(hn_import *import, const char *path, const hn_options *options,
                     hn_error *err) {
  static const char *const suffixes[] = {".json", ".json.gz", NULL};
  place start = {.import = import,
                 .takes_translations = hn_options_is(options, "translations", "keep")};
  if (!hn_file_exists(path))
    return hn_fail(err, HN_IO,
                   "%s: no such file or folder; expected a LyricsGenius JSON file or a folder of "
                   "them",
                   path);
  return hn_import_walk(import, path, suffixes, read_dump, &start, err);
}

static const hn_option_spec specs[] = {
    {.name = "translations",
     .type = HN_OPTION_CHOICE,
     .default_text = "drop",
     .choices = "drop|keep",
     .help = "what becomes of pages that translate or romanise a song"},
    {.name = NULL},
};

const hn_importer hn_importer_genius = {
    .name = "genius",
    .help = "LyricsGenius JSON: dumps of artists, albums or songs, one file or a folder of them",
    .options = specs,
    .run = run,
};
