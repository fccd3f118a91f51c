/* UltraStar songs (.txt of UltraStar Deluxe, Performous, Vocaluxe, SingStar conversions): headers
 * "#TITLE:…", then a line for each syllable and each line break:
 *
 *   : 12 4 60 Hel      type (: * F R G), start and length in beats, pitch, one space, text
 *   - 20               the line of lyrics ends
 *   P1 / P2 / P3       whose part follows, in duets
 *   E                  the end
 *
 * A space at the beginning or the end of a text ends a word; '~' lengthens the syllable before it.
 * The two parts of a duet are merged by their beats, lines sung together stand once. Files that are
 * not UTF-8 are read in the encoding of #ENCODING, else of the option. Format:
 * https://usdx.eu/format/ */
#include "corpora/import_files.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "corpora/cells.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A line of lyrics: bytes start … end - 1 of the song's words. */
typedef struct {
  long beat;
  size_t order, start, end;
} phrase;

typedef enum { TITLE, ARTIST, YEAR, GENRE, LANGUAGE, AUDIO, MP3, RELATIVE, N_HEADERS } header;
static const char *const header_names[N_HEADERS] = {"TITLE",    "ARTIST", "YEAR", "GENRE",
                                                    "LANGUAGE", "AUDIO",  "MP3",  "RELATIVE"};

/* A file while it is read. */
typedef struct {
  const char *headers[N_HEADERS]; /* NULL where absent or empty; into the file's text */
  hn_buffer words;
  phrase *phrases;
  size_t n, capacity;
  size_t start;      /* of the phrase at hand */
  long beat, offset; /* of the phrase at hand; where relative beats count from */
  int has_note;
} song;

static void read_header(song *s, char *line) {
  char *colon = strchr(line, ':');
  if (!colon) return;
  *colon = 0;
  char *value = colon + 1 + strspn(colon + 1, " \t");
  size_t n = strlen(value);
  while (n && isspace((unsigned char)value[n - 1])) value[--n] = 0;
  for (size_t h = 0; h < N_HEADERS; h++)
    if (strcasecmp(line + 1, header_names[h]) == 0 && *value) s->headers[h] = value;
}

static hn_status end_phrase(song *s, hn_error *err) {
  hn_status status = HN_OK;
  if (s->has_note) {
    HN_GROW(s->phrases, s->n, s->capacity, err);
    s->phrases[s->n] = (phrase){s->beat, s->n, s->start, s->words.length};
    s->n++;
  }
  s->has_note = 0;
  s->start = s->words.length;
done:
  return status;
}

/* ": 12 4 60 Hel"; 0 when it is none. */
static int read_note(song *s, const char *line) {
  char *at = (char *)(uintptr_t)line + 1;
  long numbers[3];
  for (int i = 0; i < 3; i++) {
    char *end;
    numbers[i] = strtol(at, &end, 10);
    if (end == at) return 0;
    at = end;
  }
  if (*at && *at != ' ' && *at != '\t') return 0;
  if (*at) at++;
  if (!s->has_note) s->beat = s->offset + numbers[0];
  s->has_note = 1;
  for (; *at; at++)
    if (*at != '~') hn_buffer_byte(&s->words, *at == '\t' ? ' ' : *at);
  return 1;
}

/* "- 20" or, where beats are relative, "- 20 24": the next line counts from beat 24. */
static hn_status read_break(song *s, char *line, int *is_good_out, hn_error *err) {
  char *end, *second;
  long at = strtol(line + 1, &end, 10), next = strtol(end, &second, 10);
  *is_good_out = end != line + 1;
  const char *relative = s->headers[RELATIVE];
  if (*is_good_out && relative && strcasecmp(relative, "yes") == 0)
    s->offset += second > end ? next : at;
  return end_phrase(s, err);
}

/* *is_good_out: 0 where the line is none of the format. */
static hn_status read_line(song *s, char *line, int *is_good_out, hn_error *err) {
  line += strspn(line, " \t");
  *is_good_out = 1;
  switch (*line) {
  case 0:
  case 'B': /* a change of tempo */
    return HN_OK;
  case '#':
    read_header(s, line);
    return HN_OK;
  case '-':
    return read_break(s, line, is_good_out, err);
  case 'P': /* whose part follows: it begins anew */
    s->offset = 0;
    *is_good_out = isdigit((unsigned char)line[1 + strspn(line + 1, " ")]) != 0;
    return end_phrase(s, err);
  case ':':
  case '*':
  case 'F':
  case 'R':
  case 'G':
    *is_good_out = read_note(s, line);
    return hn_buffer_status(&s->words, err);
  default:
    *is_good_out = 0;
    return HN_OK;
  }
}

static int compare_phrases(const void *a, const void *b) {
  const phrase *x = a, *y = b;
  if (x->beat != y->beat) return x->beat < y->beat ? -1 : 1;
  return (x->order > y->order) - (x->order < y->order);
}

/* Append a phrase with single spaces between its words. */
static void write_phrase(const song *s, const phrase *p, hn_buffer *out) {
  size_t start = out->length;
  for (size_t i = p->start; i < p->end; i++) {
    char c = s->words.data[i];
    if (c == ' ' && (out->length == start || out->data[out->length - 1] == ' ')) continue;
    hn_buffer_byte(out, c);
  }
  if (out->length > start && out->data[out->length - 1] == ' ') out->data[--out->length] = 0;
  if (out->length > start) hn_buffer_byte(out, '\n');
}

static hn_status join_phrases(song *s, hn_buffer *out, hn_error *err) {
  if (s->n) qsort(s->phrases, s->n, sizeof *s->phrases, compare_phrases);
  for (size_t i = 0; i < s->n; i++) {
    const phrase *p = &s->phrases[i], *before = i ? p - 1 : NULL;
    int is_together =
        before && before->beat == p->beat && before->end - before->start == p->end - p->start &&
        memcmp(s->words.data + before->start, s->words.data + p->start, p->end - p->start) == 0;
    if (!is_together) write_phrase(s, p, out);
  }
  return hn_buffer_status(out, err);
}

/* The encoding that the file names, or otherwise; "auto" and UTF-8 say nothing about a file that is
 * not UTF-8. */
static hn_status named_encoding(const char *path, const char *otherwise, char name_out[32]) {
  char *bytes = NULL, *at, *line;
  size_t n;
  strncpy(name_out, otherwise ? otherwise : "", 31)[31] = 0;
  hn_status status = hn_file_read(path, &bytes, &n, NULL);
  if (status != HN_OK) return status;
  at = bytes;
  while ((line = hn_next_line(&at))) {
    if (strncasecmp(line, "#ENCODING:", 10) != 0) continue;
    const char *value = line + 10 + strspn(line + 10, " ");
    size_t length =
        strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
    int says_something = length > 0 && length < 32 && strncasecmp(value, "auto", 4) != 0 &&
                         strncasecmp(value, "utf", 3) != 0;
    if (says_something) memcpy(name_out, value, length), name_out[length] = 0;
    if (strcasecmp(name_out, "local") == 0) strcpy(name_out, "CP1252");
  }
  hn_free(bytes);
  return HN_OK;
}

/* The audio that the headers name, if it is there; else one of the song's own name. */
static hn_status find_audio(const song *s, const char *path, char **audio_out, hn_error *err) {
  hn_status status = HN_OK;
  const char *name = s->headers[AUDIO] ? s->headers[AUDIO] : s->headers[MP3];
  char *folder = hn_path_folder(path), *audio = NULL;
  if (!folder) return hn_fail_memory(err);
  if (name && !(audio = hn_path_join(folder, name))) HN_TRY(hn_fail_memory(err));
  if (audio && (!hn_file_exists(audio) || hn_file_is_folder(audio))) {
    hn_free(audio);
    audio = NULL;
  }
  if (!audio) HN_TRY(hn_import_find_audio(path, &audio, err));
  *audio_out = audio;
done:
  hn_free(folder);
  return status;
}

static hn_status add_song(hn_import *import, const char *path, const song *s, const char *lyrics,
                          hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer id = {0};
  char *stem = hn_path_stem(path), *audio = NULL;
  const char *extras[] = {s->headers[GENRE], s->headers[LANGUAGE]}, *year = s->headers[YEAR];
  hn_import_track track = {.year = HN_YEAR_MISSING, .extras = extras, .lyrics = lyrics};
  if (!stem) return hn_fail_memory(err);
  hn_buffer_format(&id, "ultrastar-%s", stem);
  HN_TRY(hn_buffer_status(&id, err));
  track.id = id.data;
  hn_import_split_name(stem, &track.artist, &track.title);
  if (s->headers[TITLE]) track.title = s->headers[TITLE];
  if (s->headers[ARTIST]) track.artist = s->headers[ARTIST];
  if (year && !hn_cell_parse_year(year, &track.year))
    HN_TRY(hn_import_problem(import, err, "%s: #YEAR:%.40s is not a year; left empty", path, year));
  HN_TRY(find_audio(s, path, &audio, err));
  track.audio = audio;
  HN_TRY(hn_import_add(import, &track, err));
done:
  hn_buffer_free(&id);
  hn_free(stem);
  hn_free(audio);
  return status;
}

typedef struct {
  hn_import *import;
  const char *encoding;
} reading;

/* Read the lines of a file; *why_out is what is wrong with it, or nothing. */
static hn_status read_lines(song *s, const char *path, char *text, hn_buffer *why_out,
                            hn_error *err) {
  hn_status status = HN_OK;
  char *at = text, *line;
  if (text[strspn(text, " \t\r\n")] != '#') {
    hn_buffer_format(why_out, "%s: is no UltraStar song (it does not begin with #)", path);
    goto done;
  }
  for (size_t number = 1; (line = hn_next_line(&at)); number++) {
    const char *begin = line + strspn(line, " \t");
    int is_good;
    if (*begin == 'E' && hn_text_is_blank(begin + 1)) break;
    HN_TRY(read_line(s, line, &is_good, err));
    if (is_good) continue;
    hn_buffer_format(why_out,
                     "%s:%zu: \"%.40s\" is no line of a song; expected \": beat length pitch "
                     "text\" or \"- beat\"",
                     path, number, line);
    goto done;
  }
  HN_TRY(end_phrase(s, err));
done:
  return status == HN_OK ? hn_buffer_status(why_out, err) : status;
}

static hn_status read_song(void *context, const char *path, hn_error *err) {
  const reading *r = context;
  hn_status status = HN_OK;
  song s = {.n = 0};
  char *text = NULL, encoding[32];
  hn_buffer lyrics = {0}, why = {0};
  status = named_encoding(path, r->encoding, encoding);
  if (status == HN_NO_MEMORY) return hn_fail_memory(err);
  HN_TRY(hn_import_read_text(r->import, path, *encoding ? encoding : NULL, &text, err));
  if (!text) goto done;
  HN_TRY(read_lines(&s, path, text, &why, err));
  if (why.length == 0) {
    HN_TRY(join_phrases(&s, &lyrics, err));
    if (lyrics.length == 0) hn_buffer_format(&why, "%s: has no words", path);
    HN_TRY(hn_buffer_status(&why, err));
  }
  if (why.length)
    HN_TRY(hn_import_problem(r->import, err, "%s; left out", why.data));
  else
    HN_TRY(add_song(r->import, path, &s, lyrics.data, err));
done:
  hn_buffer_free(&lyrics);
  hn_buffer_free(&why);
  hn_buffer_free(&s.words);
  hn_free(s.phrases);
  hn_free(text);
  return status;
}

static hn_status run(hn_import *import, const char *path, const hn_options *options,
                     hn_error *err) {
  static const char *const suffixes[] = {".txt", NULL};
  static const char *const columns[] = {"genre", "language"};
  reading r = {import, hn_import_encoding(options)};
  if (!hn_file_exists(path))
    return hn_fail(err, HN_IO,
                   "%s: no such file or folder; expected an UltraStar .txt file or a folder of "
                   "songs",
                   path);
  hn_status status = hn_import_columns(import, columns, 2, err);
  return status == HN_OK ? hn_import_walk(import, path, suffixes, read_song, &r, err) : status;
}

static const hn_option_spec specs[] = {HN_IMPORT_ENCODING_OPTION, {.name = NULL}};

const hn_importer hn_importer_ultrastar = {
    .name = "ultrastar",
    .help = "karaoke songs of UltraStar: .txt files with #TITLE and notes, one file or a folder",
    .options = specs,
    .run = run,
};
