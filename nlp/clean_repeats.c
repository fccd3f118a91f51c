#include "nlp/clean_rules.h"

#include "nlp/sections.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_TIMES = 20 };

static int is_digit(char c) {
  return c >= '0' && c <= '9';
}

static int is_blank(const char *text, hn_range range) {
  for (size_t i = range.start; i < range.end; i++)
    if (!strchr(" \t\r\n", text[i])) return 0;
  return 1;
}

/* Does "x", "×" or "times" stand at i, or end right before i? */
static int times_at(const char *text, size_t i, size_t end) {
  return i < end &&
         (text[i] == 'x' || text[i] == 'X' || (end - i >= 2 && memcmp(text + i, "×", 2) == 0) ||
          (end - i >= 5 && strncasecmp(text + i, "times", 5) == 0));
}

static int times_before(const char *text, size_t i, size_t start) {
  return i > start && (text[i - 1] == 'x' || text[i - 1] == 'X' ||
                       (i - start >= 2 && memcmp(text + i - 2, "×", 2) == 0));
}

/* The number beside a sign of repetition in a stretch of text ("x 4", "repeat 2X"), or 0. A sign
 * before it counts first: "Verse 3 x2" is sung twice. */
static unsigned long times_in(const char *text, hn_range range) {
  for (int is_behind = 0; is_behind <= 1; is_behind++)
    for (size_t start = range.start, end; start < range.end; start = end) {
      size_t before = start, behind;
      end = start + 1;
      if (!is_digit(text[start])) continue;
      while (end < range.end && is_digit(text[end])) end++;
      for (behind = end; behind < range.end && text[behind] == ' ';) behind++;
      while (before > range.start && text[before - 1] == ' ') before--;
      if (is_behind ? times_at(text, behind, range.end) : times_before(text, before, range.start))
        return strtoul(text + start, NULL, 10);
    }
  return 0;
}

/* The last section of a kind with lines of its own that ends at or before `end`. */
static int find_earlier(const char *text, size_t end, hn_section_kind kind, hn_range *range_out) {
  hn_section_mark mark;
  int found = 0;
  for (size_t from = 0; from < end && hn_section_next_mark(text, end, from, &mark);) {
    hn_section_mark next;
    from = mark.range.end;
    hn_range lines = {from, hn_section_next_mark(text, end, from, &next) ? next.range.start : end};
    if (mark.kind != kind || is_blank(text, lines)) continue;
    *range_out = lines;
    found = 1;
  }
  return found;
}

static int is_chorus(hn_section_kind kind) {
  return kind == HN_SECTION_CHORUS || kind == HN_SECTION_PRE_CHORUS ||
         kind == HN_SECTION_POST_CHORUS;
}

/* Append the lines of a section n times, each beginning on a line of its own. */
static void repeat_lines(const char *text, hn_range lines, unsigned long n, hn_buffer *out) {
  while (lines.end > lines.start && strchr(" \t\r\n", text[lines.end - 1])) lines.end--;
  while (lines.start < lines.end && strchr(" \t\r\n", text[lines.start])) lines.start++;
  for (; n > 0; n--) {
    hn_buffer_byte(out, '\n');
    hn_buffer_append(out, text + lines.start, lines.end - lines.start);
  }
}

/* What the mark is replaced by, if it stands for anything. */
static int expand_mark(const char *text, size_t n, const hn_section_mark *mark,
                       hn_buffer *replacement) {
  hn_section_mark next;
  size_t from = mark->range.end;
  hn_range lines = {from, hn_section_next_mark(text, n, from, &next) ? next.range.start : n};
  unsigned long times = times_in(text, mark->heading);
  int is_empty = is_blank(text, lines);
  if (times > MAX_TIMES || (times < 2 && !is_empty)) return 0;
  if (is_empty) {
    if (times == 0 && !is_chorus(mark->kind)) return 0;
    if (!find_earlier(text, mark->range.start, mark->kind, &lines)) return 0;
    times = times ? times + 1 : 2; /* one more than below: the mark has no lines of its own */
  }
  hn_buffer_format(replacement, "[%s]", hn_section_kind_name(mark->kind));
  repeat_lines(text, lines, times - 1, replacement);
  return 1;
}

/* "(x4)" or "[4x]" that ends a line behind words, at or behind `from` and before `end`. */
static int find_line_repeat(const char *text, size_t n, size_t from, size_t end,
                            hn_range *range_out, unsigned long *times_out) {
  for (size_t i = from; i < end; i++) {
    if (text[i] != '(' && text[i] != '[') continue;
    const char *close = memchr(text + i, text[i] == '(' ? ')' : ']', n - i < 12 ? n - i : 12);
    if (!close) continue;
    hn_range inside = {i + 1, (size_t)(close - text)};
    size_t behind = inside.end + 1, start = i;
    while (behind < n && strchr(" \t", text[behind])) behind++;
    while (start > 0 && strchr(" \t", text[start - 1])) start--;
    int is_end = behind == n || text[behind] == '\n' || text[behind] == '\r';
    int has_words = start > 0 && text[start - 1] != '\n';
    size_t n_sign = strspn(text + inside.start, "0123456789xX× ");
    if (!is_end || !has_words || n_sign < inside.end - inside.start) continue;
    *times_out = times_in(text, inside);
    *range_out = (hn_range){start < from ? from : start, inside.end + 1};
    if (*times_out >= 2 && *times_out <= MAX_TIMES) return 1;
  }
  return 0;
}

hn_status hn_clean_find_repeat(const char *text, size_t n, size_t from, hn_range *range_out,
                               hn_buffer *replacement, int *found_out, hn_error *err) {
  hn_section_mark mark;
  hn_range line = {0, 0};
  unsigned long times = 0;
  size_t stop = n;
  *found_out = 0;
  for (size_t at = from; !*found_out && hn_section_next_mark(text, n, at, &mark);
       at = mark.range.end) {
    *found_out = expand_mark(text, n, &mark, replacement);
    stop = mark.range.start;
    *range_out = mark.range;
  }
  if (find_line_repeat(text, n, from, *found_out ? stop : n, &line, &times)) {
    size_t start = line.start;
    while (start > 0 && text[start - 1] != '\n') start--;
    hn_buffer_clear(replacement);
    repeat_lines(text, (hn_range){start, line.start}, times - 1, replacement);
    *range_out = line;
    *found_out = 1;
  }
  return hn_buffer_status(replacement, err);
}
