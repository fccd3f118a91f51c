#include "nlp/style.h"

#include "base/memory.h"
#include "nlp/sections.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>
#include <zlib.h>

enum { WINDOW = 50, RHYME_REACH = 3 };

/* In the order of the names. */
enum {
  WORDS,
  LINES,
  WORDS_PER_LINE,
  WORD_LENGTH,
  MATTR,
  COMPRESSION,
  REPEATED_LINES,
  SECTIONS,
  CHORUS_SHARE,
  VERSE_SHARE,
  RHYMES,
  NAMES,
  NUMBERS
};

const char *const hn_style_names[] = {
    "words",          "lines",    "words_per_line", "word_length", "mattr",  "compression",
    "repeated_lines", "sections", "chorus_share",   "verse_share", "rhymes", "names",
    "numbers",        NULL};

/* A word of a text, with the line (blank ones counted too) on which it stands. */
typedef struct {
  hn_range range;
  size_t line;
  size_t id; /* equal words have equal ones, below the number of words */
} word;

typedef struct {
  const char *text;
  size_t n_bytes;
  word *items;
  size_t n, capacity;
} word_list;

static int is_apostrophe(uint32_t c) {
  return c == '\'' || c == 0x2019;
}

/* Does a letter, digit or underscore stand at i? */
static int word_char_at(const char *text, size_t n, size_t i, size_t *length) {
  return i < n && hn_char_is_word(hn_utf8_decode(text + i, length));
}

static hn_status list_words(hn_text text, word_list *list, hn_error *err) {
  hn_status status = HN_OK;
  size_t line = 0, length, behind;
  list->text = text.bytes;
  list->n_bytes = text.n;
  for (size_t i = 0; i < text.n; i += length) {
    line += text.bytes[i] == '\n';
    if (!word_char_at(text.bytes, text.n, i, &length)) continue;
    size_t end = i + length;
    while (end < text.n) {
      int is_inner = is_apostrophe(hn_utf8_decode(text.bytes + end, &length)) &&
                     word_char_at(text.bytes, text.n, end + length, &behind);
      if (!is_inner && !word_char_at(text.bytes, text.n, end, &length)) break;
      end += length;
    }
    HN_GROW(list->items, list->n, list->capacity, err);
    list->items[list->n++] = (word){{i, end}, line, 0};
    length = end - i;
  }
done:
  return status;
}

static int compare_words(const word_list *list, const word *a, const word *b) {
  size_t n_a = a->range.end - a->range.start, n_b = b->range.end - b->range.start;
  int order =
      memcmp(list->text + a->range.start, list->text + b->range.start, n_a < n_b ? n_a : n_b);
  return order ? order : (n_a > n_b) - (n_a < n_b);
}

/* A word by its number, for sorting without a context. */
typedef struct {
  const word_list *list;
  size_t index;
} sorted_word;

static int compare_sorted(const void *a, const void *b) {
  const sorted_word *x = a, *y = b;
  return compare_words(x->list, &x->list->items[x->index], &y->list->items[y->index]);
}

static hn_status number_words(word_list *list, hn_error *err) {
  hn_status status = HN_OK;
  sorted_word *sorted = NULL;
  HN_NEW(sorted, list->n, err);
  for (size_t i = 0; i < list->n; i++) sorted[i] = (sorted_word){list, i};
  if (list->n) qsort(sorted, list->n, sizeof *sorted, compare_sorted);
  for (size_t i = 1; i < list->n; i++)
    list->items[sorted[i].index].id = list->items[sorted[i - 1].index].id +
                                      (size_t)(compare_sorted(&sorted[i - 1], &sorted[i]) != 0);
done:
  hn_free(sorted);
  return status;
}

static double share(size_t n, size_t of) {
  return of ? (double)n / (double)of : 0;
}

/* Mean of types / WINDOW over all windows; counts (n) is zeroed room. */
static double mattr(const word_list *list, size_t *counts) {
  const size_t window = list->n < WINDOW ? list->n : WINDOW;
  size_t n_types = 0, sum = 0;
  for (size_t i = 0; i < list->n; i++) {
    n_types += counts[list->items[i].id]++ == 0;
    if (i >= window) n_types -= --counts[list->items[i - window].id] == 0;
    if (i + 1 >= window) sum += n_types;
  }
  return share(sum, window * (list->n - window + 1));
}

static hn_status compression(hn_text text, double *value_out, hn_error *err) {
  hn_status status = HN_OK;
  z_stream stream = {0};
  unsigned char *packed = NULL;
  if (deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    return hn_fail_memory(err);
  uLong room = deflateBound(&stream, (uLong)text.n);
  HN_NEW(packed, room, err);
  stream.next_in = (Bytef *)(uintptr_t)text.bytes; /* deflate does not write there */
  stream.avail_in = (uInt)text.n;
  stream.next_out = packed;
  stream.avail_out = (uInt)room;
  deflate(&stream, Z_FINISH);
  double value = 1 - share(stream.total_out, text.n);
  *value_out = value > 0 ? value : 0;
done:
  deflateEnd(&stream);
  hn_free(packed);
  return status;
}

/* A line: words first … end - 1. */
typedef struct {
  const word_list *list;
  size_t first, end, stanza;
} line;

static int compare_lines(const void *a, const void *b) {
  const line *x = a, *y = b;
  for (size_t i = 0; x->first + i < x->end && y->first + i < y->end; i++) {
    size_t id_x = x->list->items[x->first + i].id, id_y = y->list->items[y->first + i].id;
    if (id_x != id_y) return id_x < id_y ? -1 : 1;
  }
  size_t n_x = x->end - x->first, n_y = y->end - y->first;
  return (n_x > n_y) - (n_x < n_y);
}

/* The lines that have words; a stanza ends where a line without one stands between. */
static hn_status list_lines(const word_list *list, line **lines_out, size_t *n_out, hn_error *err) {
  hn_status status = HN_OK;
  line *lines = NULL;
  size_t n = 0, stanza = 0;
  HN_NEW(lines, list->n, err);
  for (size_t i = 0, end; i < list->n; i = end) {
    const size_t number = list->items[i].line;
    stanza += i > 0 && number > list->items[i - 1].line + 1;
    for (end = i; end < list->n && list->items[end].line == number;) end++;
    lines[n++] = (line){list, i, end, stanza};
  }
  *lines_out = lines;
  *n_out = n;
done:
  return status;
}

static int is_vowel(char c) {
  return c && strchr("aeiouy", c) != NULL;
}

/* Where the rhyming end of a word begins. */
static size_t rhyme_start(const char *text, hn_range range) {
  size_t i = range.end;
  int ends_in_e =
      range.end - range.start > 2 && text[range.end - 1] == 'e' && !is_vowel(text[range.end - 2]);
  if (ends_in_e) i--;
  while (i > range.start && !is_vowel(text[i - 1])) i--;
  if (i > range.start) {
    while (i > range.start && is_vowel(text[i - 1])) i--;
    return i;
  }
  for (i = range.end; i > range.start && range.end - i < 8;) {
    size_t n_chars = 0;
    for (i--; i > range.start && ((unsigned char)text[i] & 0xC0) == 0x80;) i--;
    for (size_t k = i; k < range.end; k++) n_chars += ((unsigned char)text[k] & 0xC0) != 0x80;
    if (n_chars == 2) break;
  }
  return i;
}

static int rhyme(const word_list *list, const word *a, const word *b) {
  size_t start_a = rhyme_start(list->text, a->range), start_b = rhyme_start(list->text, b->range);
  size_t n = a->range.end - start_a;
  return a->id != b->id && n == b->range.end - start_b &&
         memcmp(list->text + start_a, list->text + start_b, n) == 0;
}

static size_t count_rhymes(const line *lines, size_t n) {
  size_t n_rhymes = 0;
  for (size_t i = 1; i < n; i++) {
    const word_list *list = lines[i].list;
    int found = 0;
    for (size_t k = 1; k <= RHYME_REACH && k <= i && !found; k++)
      found = lines[i - k].stanza == lines[i].stanza &&
              rhyme(list, &list->items[lines[i].end - 1], &list->items[lines[i - k].end - 1]);
    n_rhymes += (size_t)found;
  }
  return n_rhymes;
}

static int is_pronoun_i(const char *text, hn_range range) {
  size_t length;
  return text[range.start] == 'I' &&
         (range.end == range.start + 1 ||
          is_apostrophe(hn_utf8_decode(text + range.start + 1, &length)));
}

/* Names and numbers, of words in their own case. */
static void count_capitals(const word_list *list, double *names_out, double *numbers_out) {
  size_t n_names = 0, n_inner = 0, n_numbers = 0, length;
  for (size_t i = 0; i < list->n; i++) {
    const word *w = &list->items[i];
    for (size_t k = w->range.start; k < w->range.end; k++)
      if (list->text[k] >= '0' && list->text[k] <= '9') {
        n_numbers++;
        break;
      }
    if (i == 0 || list->items[i - 1].line != w->line) continue;
    utf8proc_int32_t c = (utf8proc_int32_t)hn_utf8_decode(list->text + w->range.start, &length);
    n_inner++;
    n_names += utf8proc_isupper(c) && !is_pronoun_i(list->text, w->range);
  }
  *names_out = share(n_names, n_inner);
  *numbers_out = share(n_numbers, list->n);
}

/* Lines with a word in a range. */
static hn_status count_lines(hn_text text, size_t *n_out, hn_error *err) {
  word_list list = {0};
  hn_status status = list_words(text, &list, err);
  *n_out = 0;
  for (size_t i = 0; status == HN_OK && i < list.n; i++)
    *n_out += i == 0 || list.items[i].line != list.items[i - 1].line;
  hn_free(list.items);
  return status;
}

static hn_status measure_sections(hn_text text, double *n_out, double *chorus_out,
                                  double *verse_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_sections sections = {0};
  size_t n_marks = 0, n_lines = 0, n_chorus = 0, n_verse = 0;
  HN_TRY(hn_sections_read(text.bytes, text.n, &sections, err));
  for (size_t i = 0; i < sections.n; i++) {
    const hn_section *s = &sections.items[i];
    size_t n;
    HN_TRY(
        count_lines((hn_text){text.bytes + s->text.start, s->text.end - s->text.start}, &n, err));
    n_lines += n;
    n_marks += s->kind != HN_SECTION_NONE;
    n_verse += s->kind == HN_SECTION_VERSE ? n : 0;
    n_chorus += s->kind >= HN_SECTION_PRE_CHORUS && s->kind <= HN_SECTION_POST_CHORUS ? n : 0;
  }
  *n_out = (double)n_marks;
  *chorus_out = share(n_chorus, n_lines);
  *verse_out = share(n_verse, n_lines);
done:
  hn_sections_free(&sections);
  return status;
}

static size_t count_characters(const word_list *list) {
  size_t n = 0;
  for (size_t i = 0; i < list->n; i++)
    for (size_t k = list->items[i].range.start; k < list->items[i].range.end; k++)
      n += ((unsigned char)list->text[k] & 0xC0) != 0x80;
  return n;
}

static size_t count_repeated(line *lines, size_t n) {
  size_t n_repeated = 0;
  if (n) qsort(lines, n, sizeof *lines, compare_lines);
  for (size_t i = 1; i < n; i++) n_repeated += compare_lines(&lines[i - 1], &lines[i]) == 0;
  return n_repeated;
}

hn_status hn_style_measure(hn_text lyric, hn_text marked, float *values_out, hn_error *err) {
  hn_status status = HN_OK;
  word_list own = {0}, lower = {0};
  hn_buffer lowered = {0};
  line *lines = NULL;
  size_t *counts = NULL, n_lines = 0;
  double values[HN_STYLE_N_FEATURES] = {0};
  HN_TRY(hn_utf8_check(lyric.bytes, lyric.n, err));
  HN_TRY(list_words(lyric, &own, err));
  HN_TRY(hn_text_lower(lyric.bytes, lyric.n, &lowered, err));
  HN_TRY(list_words((hn_text){lowered.data, lowered.length}, &lower, err));
  if (own.n > 0) {
    HN_TRY(number_words(&lower, err));
    HN_TRY(list_lines(&lower, &lines, &n_lines, err));
    HN_NEW(counts, lower.n, err);
    values[WORDS] = (double)own.n;
    values[LINES] = (double)n_lines;
    values[WORDS_PER_LINE] = share(own.n, n_lines);
    values[WORD_LENGTH] = share(count_characters(&own), own.n);
    values[MATTR] = mattr(&lower, counts);
    HN_TRY(compression(lyric, &values[COMPRESSION], err));
    HN_TRY(measure_sections(marked, &values[SECTIONS], &values[CHORUS_SHARE], &values[VERSE_SHARE],
                            err));
    values[RHYMES] = share(count_rhymes(lines, n_lines), n_lines);
    values[REPEATED_LINES] = share(count_repeated(lines, n_lines), n_lines); /* sorts the lines */
    count_capitals(&own, &values[NAMES], &values[NUMBERS]);
  }
  for (size_t i = 0; i < HN_STYLE_N_FEATURES; i++) values_out[i] = (float)values[i];
done:
  hn_free(own.items);
  hn_free(lower.items);
  hn_free(lines);
  hn_free(counts);
  hn_buffer_free(&lowered);
  return status;
}
