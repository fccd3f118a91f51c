/* Timed lyrics (.lrc): "[01:23.45]a line", one file a song, told by its name ("Artist - Title") or
 * by its header lines [ti:…], [ar:…], [al:…]. A line with several times is sung at each of them;
 * lines come out in the order of their times. Times of words, <01:23.45>, are left out, and so are
 * the singers F:, M: and D: of Walaoke. Text on a line of its own belongs to the times before it.
 * A sound file of the same name becomes the audio. Format:
 * https://en.wikipedia.org/wiki/LRC_(file_format) */
#include "corpora/import_files.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct {
  double seconds;
  size_t order; /* of the file, for equal times */
  const char *text;
} timed_line;

/* A file while it is read; texts point into it. */
typedef struct {
  hn_import *import;
  const char *path;
  timed_line *lines;
  size_t n, capacity;
  size_t last; /* the lines last … n - 1 are the times of the line before */
  const char *title, *artist, *album;
} song;

/* The time "01:23.45" between the marks open and close at `at`; its end, or NULL. */
static const char *read_time(const char *at, char open, char close, double *seconds_out) {
  char *end;
  if (*at++ != open) return NULL;
  at += strspn(at, " ");
  if (!isdigit((unsigned char)*at)) return NULL;
  double minutes = (double)strtoul(at, &end, 10);
  if (*end != ':' || !isdigit((unsigned char)end[1])) return NULL;
  double seconds = (double)strtoul(end + 1, &end, 10);
  if ((*end == '.' || *end == ':') && isdigit((unsigned char)end[1])) {
    const char *digits = end + 1;
    double fraction = (double)strtoul(digits, &end, 10);
    for (; digits < end; digits++) fraction /= 10;
    seconds += fraction;
  }
  end += strspn(end, " ");
  if (*end != close) return NULL;
  *seconds_out = 60 * minutes + seconds;
  return end + 1;
}

/* Take the times of words out of a line, in place. */
static void strip_word_times(char *text) {
  char *to = text;
  double seconds;
  for (const char *from = text, *end; *from;) {
    end = read_time(from, '<', '>', &seconds);
    if (!end) end = read_time(from, '[', ']', &seconds);
    if (!end) {
      *to++ = *from++;
      continue;
    }
    from = end;
    /* "one <00:13.00> two" has one space between its words, as "one<00:13.00> two". */
    if ((to == text || to[-1] == ' ') && *from == ' ') from++;
  }
  while (to > text && isspace((unsigned char)to[-1])) to--;
  *to = 0;
}

/* "[ti:A Song]": keep what it says. */
static int read_tag(song *s, char *line) {
  static const char *const keys[] = {"ti", "ar", "al"};
  const char **values[] = {&s->title, &s->artist, &s->album};
  size_t n = strlen(line);
  char *colon = strchr(line, ':');
  while (n && isspace((unsigned char)line[n - 1])) line[--n] = 0;
  if (line[0] != '[' || !isalpha((unsigned char)line[1]) || line[n - 1] != ']' || !colon) return 0;
  line[n - 1] = 0;
  const char *value = colon + 1 + strspn(colon + 1, " ");
  *colon = 0;
  for (size_t k = 0; k < 3; k++)
    if (strcasecmp(line + 1, keys[k]) == 0 && *value) *values[k] = value;
  return 1;
}

static hn_status add_line(song *s, double seconds, const char *text, hn_error *err) {
  hn_status status = HN_OK;
  HN_GROW(s->lines, s->n, s->capacity, err);
  s->lines[s->n] = (timed_line){seconds, s->n, text};
  s->n++;
done:
  return status;
}

/* Text without a time of its own: of the times before it if they have none yet. */
static hn_status add_untimed(song *s, const char *text, hn_error *err) {
  if (*text == 0) return HN_OK;
  if (s->last < s->n && s->lines[s->last].text[0] == 0) {
    for (size_t i = s->last; i < s->n; i++) s->lines[i].text = text;
    return HN_OK;
  }
  double seconds = s->n ? s->lines[s->n - 1].seconds : 0;
  s->last = s->n;
  return add_line(s, seconds, text, err);
}

/* What looks like a time and is none: "[00:1x.20]". */
static int is_broken_time(const char *at) {
  const char *close = strchr(at, ']');
  return at[0] == '[' && isdigit((unsigned char)at[1]) && close && close - at < 14 &&
         memchr(at, ':', (size_t)(close - at));
}

static hn_status read_line(song *s, char *line, size_t number, hn_error *err) {
  hn_status status = HN_OK;
  size_t first = s->n;
  double seconds;
  line += strspn(line, " \t");
  for (const char *end; *line == '['; line += strspn(line, " ")) {
    if ((end = read_time(line, '[', ']', &seconds))) {
      HN_TRY(add_line(s, seconds, "", err));
      line += end - line;
    } else if (is_broken_time(line)) {
      int length = (int)(strchr(line, ']') + 1 - line);
      HN_TRY(hn_import_problem(s->import, err,
                               "%s:%zu: %.*s is no time; expected [minutes:seconds.hundredths]; "
                               "the line keeps the time before it",
                               s->path, number, length, line));
      line += length;
    } else {
      break;
    }
  }
  if (first == s->n && read_tag(s, line)) return HN_OK;
  strip_word_times(line);
  if (strchr("FMD", line[0]) && line[0] && line[1] == ':') line += 2;
  line += strspn(line, " ");
  if (first == s->n) return add_untimed(s, line, err);
  s->last = first;
  for (size_t i = first; i < s->n; i++) s->lines[i].text = line;
done:
  return status;
}

static int compare_lines(const void *a, const void *b) {
  const timed_line *x = a, *y = b;
  if (x->seconds != y->seconds) return x->seconds < y->seconds ? -1 : 1;
  return (x->order > y->order) - (x->order < y->order);
}

/* The lines in the order of their times; an empty one (a pause) is one blank line. */
static hn_status join_lines(song *s, hn_buffer *out, hn_error *err) {
  if (s->n) qsort(s->lines, s->n, sizeof *s->lines, compare_lines);
  for (size_t i = 0; i < s->n; i++) {
    int is_blank = s->lines[i].text[0] == 0;
    if (is_blank && (out->length == 0 || (out->length > 1 && out->data[out->length - 2] == '\n')))
      continue;
    hn_buffer_text(out, s->lines[i].text);
    hn_buffer_byte(out, '\n');
  }
  return hn_buffer_status(out, err);
}

typedef struct {
  hn_import *import;
  const char *encoding;
} reading;

static hn_status read_song(void *context, const char *path, hn_error *err) {
  const reading *r = context;
  hn_status status = HN_OK;
  song s = {.import = r->import, .path = path};
  char *text = NULL, *stem = NULL, *name = NULL, *audio = NULL, *at, *line;
  hn_buffer lyrics = {0}, id = {0};
  HN_TRY(hn_import_read_text(r->import, path, r->encoding, &text, err));
  if (!text) goto done;
  if (!(stem = hn_path_stem(path)) || !(name = hn_path_stem(path))) HN_TRY(hn_fail_memory(err));
  at = text;
  for (size_t number = 1; (line = hn_next_line(&at)); number++)
    HN_TRY(read_line(&s, line, number, err));
  HN_TRY(join_lines(&s, &lyrics, err));
  if (!lyrics.data || hn_text_is_blank(lyrics.data)) {
    HN_TRY(hn_import_problem(r->import, err, "%s: has no line of lyrics; left out", path));
    goto done;
  }
  hn_import_track track = {.year = HN_YEAR_MISSING, .lyrics = lyrics.data};
  hn_import_split_name(stem, &track.artist, &track.title);
  if (s.title) track.title = s.title;
  if (s.artist) track.artist = s.artist;
  track.album = s.album;
  hn_buffer_format(&id, "lrc-%s", name);
  HN_TRY(hn_buffer_status(&id, err));
  track.id = id.data;
  HN_TRY(hn_import_find_audio(path, &audio, err));
  track.audio = audio;
  HN_TRY(hn_import_add(r->import, &track, err));
done:
  hn_buffer_free(&lyrics);
  hn_buffer_free(&id);
  hn_free(s.lines);
  hn_free(text);
  hn_free(stem);
  hn_free(name);
  hn_free(audio);
  return status;
}

static hn_status run(hn_import *import, const char *path, const hn_options *options,
                     hn_error *err) {
  static const char *const suffixes[] = {".lrc", NULL};
  reading r = {import, hn_import_encoding(options)};
  if (!hn_file_exists(path))
    return hn_fail(err, HN_IO,
                   "%s: no such file or folder; expected an .lrc file or a folder of them", path);
  return hn_import_walk(import, path, suffixes, read_song, &r, err);
}

static const hn_option_spec specs[] = {HN_IMPORT_ENCODING_OPTION, {.name = NULL}};

const hn_importer hn_importer_lrc = {
    .name = "lrc",
    .help = "timed lyrics: .lrc files, beside their audio or not, one file or a folder of them",
    .options = specs,
    .run = run,
};
