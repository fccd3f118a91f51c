#include "nlp/sections.h"

#include "base/memory.h"

#include <string.h>
#include <utf8proc.h>

static const char *const kind_names[] = {"none",         "intro",       "verse",  "pre-chorus",
                                         "chorus",       "post-chorus", "bridge", "interlude",
                                         "instrumental", "outro"};

const char *hn_section_kind_name(hn_section_kind kind) {
  return kind_names[kind];
}

/* How likely it is that a name alone is a mark, and no word of the lyric. */
typedef enum {
  LOOSE,  /* only in brackets, or with a number, colon or repetition */
  LONELY, /* also as a capitalised line beside a blank one */
  FIRM    /* also as any capitalised line */
} name_strength;

/* Names of sections in lower case. Longer ones stand before those they begin with. */
static const struct {
  const char *name;
  hn_section_kind kind;
  name_strength strength;
} section_names[] = {
    {"pre-chorus", HN_SECTION_PRE_CHORUS, FIRM},
    {"pre chorus", HN_SECTION_PRE_CHORUS, FIRM},
    {"prechorus", HN_SECTION_PRE_CHORUS, FIRM},
    {"pre-hook", HN_SECTION_PRE_CHORUS, FIRM},
    {"pre-refrain", HN_SECTION_PRE_CHORUS, FIRM},
    {"pré-refrain", HN_SECTION_PRE_CHORUS, FIRM},
    {"pre-coro", HN_SECTION_PRE_CHORUS, FIRM},
    {"pré-refrão", HN_SECTION_PRE_CHORUS, FIRM},
    {"pre-estribillo", HN_SECTION_PRE_CHORUS, FIRM},
    {"предприпев", HN_SECTION_PRE_CHORUS, FIRM},
    {"post-chorus", HN_SECTION_POST_CHORUS, FIRM},
    {"post chorus", HN_SECTION_POST_CHORUS, FIRM},
    {"postchorus", HN_SECTION_POST_CHORUS, FIRM},
    {"post-hook", HN_SECTION_POST_CHORUS, FIRM},
    {"post-refrain", HN_SECTION_POST_CHORUS, FIRM},
    {"post-coro", HN_SECTION_POST_CHORUS, FIRM},
    {"chorus", HN_SECTION_CHORUS, FIRM},
    {"hook", HN_SECTION_CHORUS, LONELY},
    {"refrain", HN_SECTION_CHORUS, LONELY},
    {"refrão", HN_SECTION_CHORUS, FIRM},
    {"refren", HN_SECTION_CHORUS, FIRM},
    {"estribillo", HN_SECTION_CHORUS, FIRM},
    {"coro", HN_SECTION_CHORUS, LOOSE},
    {"ritornello", HN_SECTION_CHORUS, FIRM},
    {"nakarat", HN_SECTION_CHORUS, FIRM},
    {"припев", HN_SECTION_CHORUS, FIRM},
    {"副歌", HN_SECTION_CHORUS, FIRM},
    {"サビ", HN_SECTION_CHORUS, FIRM},
    {"후렴", HN_SECTION_CHORUS, FIRM},
    {"verse", HN_SECTION_VERSE, FIRM},
    {"couplet", HN_SECTION_VERSE, LOOSE},
    {"strophe", HN_SECTION_VERSE, FIRM},
    {"stanza", HN_SECTION_VERSE, FIRM},
    {"verso", HN_SECTION_VERSE, LOOSE},
    {"estrofa", HN_SECTION_VERSE, FIRM},
    {"strofa", HN_SECTION_VERSE, FIRM},
    {"zwrotka", HN_SECTION_VERSE, FIRM},
    {"vers", HN_SECTION_VERSE, LOOSE},
    {"part", HN_SECTION_VERSE, LOOSE},
    {"парт", HN_SECTION_VERSE, FIRM},
    {"куплет", HN_SECTION_VERSE, FIRM},
    {"主歌", HN_SECTION_VERSE, FIRM},
    {"bridge", HN_SECTION_BRIDGE, LONELY},
    {"middle 8", HN_SECTION_BRIDGE, FIRM},
    {"middle eight", HN_SECTION_BRIDGE, FIRM},
    {"puente", HN_SECTION_BRIDGE, LOOSE},
    {"ponte", HN_SECTION_BRIDGE, LOOSE},
    {"pont", HN_SECTION_BRIDGE, LOOSE},
    {"бридж", HN_SECTION_BRIDGE, FIRM},
    {"桥段", HN_SECTION_BRIDGE, FIRM},
    {"introduction", HN_SECTION_INTRO, LOOSE},
    {"introducción", HN_SECTION_INTRO, LOOSE},
    {"intro", HN_SECTION_INTRO, FIRM},
    {"интро", HN_SECTION_INTRO, FIRM},
    {"outro", HN_SECTION_OUTRO, FIRM},
    {"аутро", HN_SECTION_OUTRO, FIRM},
    {"coda", HN_SECTION_OUTRO, LOOSE},
    {"end", HN_SECTION_OUTRO, LOOSE},
    {"interlude", HN_SECTION_INTERLUDE, LONELY},
    {"interludio", HN_SECTION_INTERLUDE, LOOSE},
    {"skit", HN_SECTION_INTERLUDE, LOOSE},
    {"spoken word", HN_SECTION_INTERLUDE, LONELY},
    {"spoken", HN_SECTION_INTERLUDE, LOOSE},
    {"instrumental", HN_SECTION_INSTRUMENTAL, LONELY},
    {"guitar solo", HN_SECTION_INSTRUMENTAL, LONELY},
    {"breakdown", HN_SECTION_INSTRUMENTAL, LONELY},
    {"build-up", HN_SECTION_INSTRUMENTAL, LONELY},
    {"break", HN_SECTION_INSTRUMENTAL, LOOSE},
    {"drop", HN_SECTION_INSTRUMENTAL, LOOSE},
    {"solo", HN_SECTION_INSTRUMENTAL, LOOSE},
    {"間奏", HN_SECTION_INSTRUMENTAL, FIRM},
    {"间奏", HN_SECTION_INSTRUMENTAL, FIRM},
};

static const char *const words_before[] = {"final ",  "last ",        "first ",    "second ",
                                           "third ",  "double ",      "extended ", "alternate ",
                                           "repeat ", "instrumental "};

enum { HEADING_ROOM = 96 };

/* The beginning of a heading in lower case, with a 0 behind; as much as is needed to know it. */
static void lower_heading(const char *text, size_t n, char out[HEADING_ROOM + 4]) {
  size_t to = 0, length;
  for (size_t i = 0; i < n && to < HEADING_ROOM; i += length) {
    utf8proc_int32_t c = utf8proc_tolower((utf8proc_int32_t)hn_utf8_decode(text + i, &length));
    to += (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)out + to);
  }
  out[to] = 0;
}

static size_t skip_spaces(const char *at) {
  return strspn(at, " \t");
}

static int is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* "2", "two", "II", "A": what numbers a section; its length or 0. */
static size_t number_length(const char *at) {
  static const char *const words[] = {"one", "two", "three", "four", "five", "six", "iii", "ii",
                                      "iv",  "vi",  "a",     "b",    "c",    "d",   "i",   "v"};
  size_t n = strspn(at, "0123456789");
  for (size_t i = 0; n == 0 && i < sizeof words / sizeof *words; i++) {
    size_t length = strlen(words[i]);
    if (strncmp(at, words[i], length) == 0 && (at[length] == 0 || strchr(" \t:(", at[length])))
      n = length;
  }
  return n;
}

static size_t times_sign_length(const char *at) {
  return at[0] == 'x' ? 1 : strncmp(at, "×", 2) == 0 ? 2 : 0;
}

/* "x2", "x 2", "2x": how often; its length or 0. */
static size_t times_length(const char *at) {
  size_t n = times_sign_length(at), sign = n;
  n += sign ? skip_spaces(at + n) : 0;
  size_t n_digits = strspn(at + n, "0123456789");
  if (n_digits == 0) return 0;
  n += n_digits;
  if (sign) return n;
  n += skip_spaces(at + n);
  sign = times_sign_length(at + n);
  return sign ? n + sign : 0;
}

/* "x2", "(2x)", "(repeat)", "(repeat x2)": its length or 0. */
static size_t repetition_length(const char *at) {
  int in_parentheses = at[0] == '(';
  size_t n = (size_t)in_parentheses;
  int is_repeat = strncmp(at + n, "repeat", 6) == 0;
  if (is_repeat) n += 6 + skip_spaces(at + n + 6);
  size_t times = times_length(at + n);
  n += times;
  if ((!is_repeat && times == 0) || (in_parentheses && at[n] != ')')) return 0;
  return n + (size_t)in_parentheses;
}

/* Does nothing follow a name but a number, a repetition and a colon? *has_detail_out: one of them
 * does. */
static int has_plain_end(const char *at, int *has_detail_out) {
  size_t n = skip_spaces(at), start = n;
  n += times_length(at + n) ? 0 : number_length(at + n);
  n += skip_spaces(at + n);
  n += repetition_length(at + n);
  n += skip_spaces(at + n);
  n += at[n] == ':';
  *has_detail_out = n > start;
  return at[n + skip_spaces(at + n)] == 0;
}

typedef struct {
  hn_section_kind kind;
  name_strength strength;
  int is_plain, has_detail;
} heading;

/* Does the name stand for itself at the beginning of a longer text? Chinese, Japanese and Korean
 * put nothing between words. */
static int is_whole_word(const char *name, const char *end) {
  size_t length;
  int is_joined =
      *end == '\'' || (!is_digit(*end) && hn_char_is_word(hn_utf8_decode(end, &length)));
  return !is_joined || (unsigned char)name[0] >= 0xE3;
}

/* What a heading says; kind is HN_SECTION_NONE when it is none. */
static heading read_heading(const char *text, size_t n) {
  char lower[HEADING_ROOM + 4];
  lower_heading(text, n, lower);
  const char *at = lower;
  for (size_t i = 0; i < sizeof words_before / sizeof *words_before; i++) {
    size_t length = strlen(words_before[i]);
    if (strncmp(lower, words_before[i], length) == 0) at = lower + length;
  }
  for (int is_behind = at > lower; is_behind >= 0; is_behind--, at = lower)
    for (size_t i = 0; i < sizeof section_names / sizeof *section_names; i++) {
      const char *name = section_names[i].name, *end = at + strlen(name);
      if (strncmp(at, name, strlen(name)) != 0 || !is_whole_word(name, end)) continue;
      heading h = {.kind = section_names[i].kind, .strength = section_names[i].strength};
      h.is_plain = has_plain_end(end, &h.has_detail);
      end += skip_spaces(end);
      int is_set_off = h.is_plain || is_digit(*end) || strchr(":-/(,\xE2", *end) != NULL;
      if (h.strength == FIRM || is_set_off) return h;
    }
  return (heading){0};
}

static hn_range trimmed(const char *text, size_t start, size_t end) {
  while (start < end && strchr(" \t\n", text[start])) start++;
  while (end > start && strchr(" \t\n", text[end - 1])) end--;
  return (hn_range){start, end};
}

/* The mark in brackets that begins at i: at most 200 bytes, two line breaks, no bracket inside. */
static int bracket_mark(const char *text, size_t n, size_t i, hn_section_mark *mark) {
  char closing = text[i] == '[' ? ']' : '}';
  int n_breaks = 0;
  for (size_t k = i + 1; k < n && k < i + 200; k++) {
    if (text[k] == '[' || text[k] == '{' || (text[k] == '\n' && ++n_breaks > 2)) return 0;
    if (text[k] != closing) continue;
    hn_range inside = trimmed(text, i + 1, k);
    heading h = read_heading(text + inside.start, inside.end - inside.start);
    *mark = (hn_section_mark){h.kind, HN_MARK_BRACKETS, {i, k + 1}, inside};
    return h.kind != HN_SECTION_NONE;
  }
  return 0;
}

static int is_blank(const char *text, size_t start, size_t end) {
  hn_range rest = trimmed(text, start, end);
  return rest.start == rest.end;
}

/* Is there no line, or a blank one, before the line at start or behind the one that ends at end? */
static int is_at_stanza_border(const char *text, size_t n, size_t start, size_t end) {
  size_t before = start ? start - 1 : 0, behind = end < n ? end + 1 : n;
  while (before > 0 && text[before - 1] != '\n') before--;
  const char *stop = memchr(text + behind, '\n', n - behind);
  return is_blank(text, before, start) || is_blank(text, behind, stop ? (size_t)(stop - text) : n);
}

/* A mark that has the line at `start` for itself. */
static int line_mark(const char *text, size_t n, size_t start, hn_section_mark *mark) {
  const char *stop = memchr(text + start, '\n', n - start);
  size_t end = stop ? (size_t)(stop - text) : n;
  hn_range line = trimmed(text, start, end), inside = line;
  if (line.end - line.start < 2 || line.end - line.start > 64) return 0;
  int in_parentheses = text[line.start] == '(' && text[line.end - 1] == ')';
  if (in_parentheses) inside = trimmed(text, line.start + 1, line.end - 1);
  heading h = read_heading(text + inside.start, inside.end - inside.start);
  if (h.kind == HN_SECTION_NONE || !h.is_plain) return 0;
  int is_capital = !(text[inside.start] >= 'a' && text[inside.start] <= 'z');
  int is_mark =
      h.has_detail ? is_capital || h.strength == FIRM
      : in_parentheses
          ? h.strength != LOOSE
          : is_capital && (h.strength == FIRM ||
                           (h.strength == LONELY && is_at_stanza_border(text, n, start, end)));
  if (!is_mark) return 0;
  *mark =
      (hn_section_mark){h.kind, in_parentheses ? HN_MARK_PARENTHESES : HN_MARK_BARE, line, inside};
  return 1;
}

int hn_section_next_mark(const char *text, size_t n, size_t from, hn_section_mark *mark_out) {
  for (size_t i = from; i < n; i++) {
    if ((i == 0 || text[i - 1] == '\n') && line_mark(text, n, i, mark_out)) return 1;
    if ((text[i] == '[' || text[i] == '{') && bracket_mark(text, n, i, mark_out)) return 1;
  }
  return 0;
}

/* Where the performers of a heading begin: behind the first ':' or spaced dash; its end if none. */
static size_t performers_start(const char *text, hn_range heading_range) {
  for (size_t i = heading_range.start; i < heading_range.end; i++) {
    size_t left = heading_range.end - i;
    if (text[i] == ':') return i + 1;
    if (left > 3 && memcmp(text + i, " - ", 3) == 0) return i + 3;
    if (left > 5 && (memcmp(text + i, " – ", 5) == 0 || memcmp(text + i, " — ", 5) == 0))
      return i + 5;
  }
  return heading_range.end;
}

/* The length of a separator of names at i, or 0. */
static size_t separator_length(const char *text, size_t i, size_t end) {
  static const char *const words[] = {"and ", "with ", "feat. ",    "feat ",
                                      "ft. ", "ft ",   "featuring "};
  if (strchr(",&+", text[i]) && text[i]) return 1;
  if (text[i] != ' ' && text[i] != '\n') return 0;
  for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
    size_t length = strlen(words[k]);
    if (end - i > length && strncasecmp(text + i + 1, words[k], length) == 0) return 1 + length;
  }
  return 0;
}

/* "repeat 2X", "x2": stands where performers do, and is none. */
static int is_repetition(const char *text, size_t n) {
  char lower[HEADING_ROOM + 4];
  lower_heading(text, n, lower);
  return strncmp(lower, "repeat ", 7) == 0 || repetition_length(lower) == strlen(lower);
}

static hn_status add_performer(hn_section *section, const char *text, size_t start, size_t end,
                               size_t *capacity, hn_error *err) {
  hn_status status = HN_OK;
  while (start < end && strchr(" \t\n*_(\"", text[start])) start++;
  while (end > start && strchr(" \t\n*_)\"", text[end - 1])) end--;
  if (start == end || is_repetition(text + start, end - start)) return HN_OK;
  HN_GROW(section->performers, section->n_performers, *capacity, err);
  section->performers[section->n_performers++] = (hn_range){start, end};
done:
  return status;
}

static hn_status read_performers(hn_section *section, const char *text, hn_error *err) {
  hn_status status = HN_OK;
  size_t capacity = 0, end = section->heading.end;
  size_t start = performers_start(text, section->heading);
  for (size_t i = start; i < end;) {
    size_t n = separator_length(text, i, end);
    if (n > 0) {
      HN_TRY(add_performer(section, text, start, i, &capacity, err));
      start = i + n;
    }
    i += n ? n : 1;
  }
  status = add_performer(section, text, start, end, &capacity, err);
done:
  return status;
}

hn_status hn_sections_read(const char *text, size_t n, hn_sections *sections_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_sections made = {0};
  hn_section_mark mark;
  HN_TRY(hn_utf8_check(text, n, err));
  int has_mark = hn_section_next_mark(text, n, 0, &mark);
  size_t first = has_mark ? mark.range.start : n;
  if (first > 0 || !has_mark) {
    HN_GROW(made.items, made.n, made.capacity, err);
    made.items[made.n++] = (hn_section){.kind = HN_SECTION_NONE, .text = {0, first}};
  }
  while (has_mark) {
    HN_GROW(made.items, made.n, made.capacity, err);
    hn_section *section = &made.items[made.n++];
    *section = (hn_section){.kind = mark.kind, .mark = mark.range, .heading = mark.heading};
    if (mark.form == HN_MARK_BRACKETS) HN_TRY(read_performers(section, text, err));
    has_mark = hn_section_next_mark(text, n, section->mark.end, &mark);
    section->text = (hn_range){section->mark.end, has_mark ? mark.range.start : n};
  }
  *sections_out = made;
  made = (hn_sections){0};
done:
  hn_sections_free(&made);
  return status;
}

void hn_sections_free(hn_sections *s) {
  if (!s) return;
  for (size_t i = 0; i < s->n; i++) hn_free(s->items[i].performers);
  hn_free(s->items);
  *s = (hn_sections){0};
}

/* A name for comparing: case-folded (NFKC), one kind of apostrophe, single spaces. */
static hn_status fold_name(const char *name, size_t n, char **folded_out, hn_error *err) {
  const utf8proc_option_t options =
      UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD;
  hn_status status = HN_OK;
  utf8proc_int32_t *points = NULL;
  size_t to = 0;
  HN_TRY(hn_utf8_check(name, n, err));
  utf8proc_ssize_t n_points =
      utf8proc_decompose((const utf8proc_uint8_t *)name, (utf8proc_ssize_t)n, NULL, 0, options);
  HN_NEW(points, (size_t)n_points + 1, err);
  utf8proc_decompose((const utf8proc_uint8_t *)name, (utf8proc_ssize_t)n, points, n_points,
                     options);
  for (size_t i = 0; i < (size_t)n_points; i++) {
    utf8proc_int32_t c = points[i] == 0x2019 || points[i] == 0x2018 ? '\'' : points[i];
    int is_space = hn_char_is_space((uint32_t)c);
    if (is_space && (to == 0 || points[to - 1] == ' ')) continue;
    points[to++] = is_space ? ' ' : c;
  }
  if (to > 0 && points[to - 1] == ' ') to--;
  points[to] = 0;
  utf8proc_reencode(points, (utf8proc_ssize_t)to, options); /* in place, with a 0 behind */
  *folded_out = (char *)points;
  points = NULL;
done:
  hn_free(points);
  return status;
}

/* Is text[range] one of the folded names? */
static hn_status is_named(const char *text, hn_range range, char *const *names, size_t n_names,
                          int *found_out, hn_error *err) {
  char *folded = NULL;
  hn_status status = fold_name(text + range.start, range.end - range.start, &folded, err);
  if (status != HN_OK) return status;
  *found_out = 0;
  for (size_t i = 0; i < n_names && !*found_out; i++) *found_out = strcmp(folded, names[i]) == 0;
  hn_free(folded);
  return HN_OK;
}

/* Are all performers named, some perhaps together ("Simon & Garfunkel")? From each, the longest
 * run that is a name is taken. */
static hn_status is_by(const char *text, const hn_section *section, char *const *names,
                       size_t n_names, int *all_out, hn_error *err) {
  *all_out = 0;
  for (size_t first = 0; first < section->n_performers;) {
    int found = 0;
    size_t last = section->n_performers;
    while (!found && last-- > first) {
      hn_range range = {section->performers[first].start, section->performers[last].end};
      hn_status status = is_named(text, range, names, n_names, &found, err);
      if (status != HN_OK) return status;
    }
    if (!found) return HN_OK;
    first = last + 1;
  }
  *all_out = section->n_performers > 0;
  return HN_OK;
}

/* Does the section name performers, and none of the names among them? */
static hn_status is_without(const char *text, const hn_section *section, char *const *names,
                            size_t n_names, int *without_out, hn_error *err) {
  int found = 0;
  for (size_t first = 0; first < section->n_performers && !found; first++)
    for (size_t last = first; last < section->n_performers && !found; last++) {
      hn_range range = {section->performers[first].start, section->performers[last].end};
      hn_status status = is_named(text, range, names, n_names, &found, err);
      if (status != HN_OK) return status;
    }
  *without_out = section->n_performers > 0 && !found;
  return HN_OK;
}

typedef hn_status section_test(const char *text, const hn_section *section, char *const *names,
                               size_t n_names, int *out, hn_error *err);

/* Append text without the sections that a test holds for. */
static hn_status remove_sections(const char *text, size_t n, section_test *test,
                                 const char *const *names, size_t n_names, hn_buffer *out,
                                 size_t *n_removed_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_sections sections = {0};
  char **folded = NULL;
  size_t n_removed = 0;
  HN_TRY(hn_sections_read(text, n, &sections, err));
  HN_NEW(folded, n_names, err);
  for (size_t i = 0; i < n_names; i++)
    HN_TRY(fold_name(names[i], strlen(names[i]), &folded[i], err));
  for (size_t i = 0; i < sections.n; i++) {
    const hn_section *section = &sections.items[i];
    int is_removed;
    HN_TRY(test(text, section, folded, n_names, &is_removed, err));
    n_removed += (size_t)is_removed;
    size_t start = section->kind == HN_SECTION_NONE ? section->text.start : section->mark.start;
    if (!is_removed) hn_buffer_append(out, text + start, section->text.end - start);
  }
  HN_TRY(hn_buffer_status(out, err));
  *n_removed_out = n_removed;
done:
  for (size_t i = 0; folded && i < n_names; i++) hn_free(folded[i]);
  hn_free(folded);
  hn_sections_free(&sections);
  return status;
}

hn_status hn_sections_remove_performers(const char *text, size_t n, const char *const *names,
                                        size_t n_names, hn_buffer *out, size_t *n_removed_out,
                                        hn_error *err) {
  return remove_sections(text, n, is_by, names, n_names, out, n_removed_out, err);
}

hn_status hn_sections_keep_performer(const char *text, size_t n, const char *name, hn_buffer *out,
                                     size_t *n_removed_out, hn_error *err) {
  return remove_sections(text, n, is_without, &name, 1, out, n_removed_out, err);
}
