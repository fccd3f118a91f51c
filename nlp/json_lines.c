/* A strict scanner of flat objects finds the text and unescapes it in place (no escape is shorter
 * than what it stands for). Whatever it does not understand, nested values or an error, goes to
 * jansson, which is slower but complete, and whose messages are exact. */
#include "nlp/json_lines.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <jansson.h>
#include <stdint.h>
#include <string.h>

enum { BATCH = 8 << 20, MAX_KEYS = 8, MAX_NUMBER = 15 };

typedef struct {
  char *bytes;
  size_t n, number; /* counted from 1 */
} line;

struct hn_json_lines {
  char *path;
  int replace_invalid, at_end;
  hn_file_reader *file;
  char *buffer;
  size_t n, capacity, used; /* bytes, room, bytes of the lines handed out */
  size_t n_lines_before;
  line *lines;
  hn_text *texts;
  size_t n_lines, line_capacity, text_capacity;
};

hn_status hn_json_lines_open(const char *path, int replace_invalid, hn_json_lines **lines_out,
                             hn_error *err) {
  hn_status status = HN_OK;
  hn_json_lines *made = NULL;
  HN_NEW(made, 1, err);
  made->replace_invalid = replace_invalid;
  HN_DUP(made->path, strcmp(path, "-") == 0 ? "standard input" : path, err);
  HN_TRY(hn_file_reader_open(path, &made->file, err));
  *lines_out = made;
  made = NULL;
done:
  hn_json_lines_close(made);
  return status;
}

void hn_json_lines_close(hn_json_lines *l) {
  if (!l) return;
  hn_file_reader_close(l->file);
  hn_free(l->path);
  hn_free(l->buffer);
  hn_free(l->lines);
  hn_free(l->texts);
  hn_free(l);
}

#define EACH_BYTE(b) (0x0101010101010101u * (uint64_t)(b))

/* The high bit of the lowest byte below `limit` (at most 0x80), and perhaps of bytes above it. */
static uint64_t bytes_below(uint64_t eight, unsigned limit) {
  return (eight - EACH_BYTE(limit)) & ~eight & EACH_BYTE(0x80);
}

/* How many bytes from `at` are no quotation mark, backslash or control character. */
static size_t plain_length(const char *at, size_t n) {
  size_t i = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  for (; i + 8 <= n; i += 8) {
    uint64_t eight;
    memcpy(&eight, at + i, 8);
    uint64_t special = bytes_below(eight, 0x20) | bytes_below(eight ^ EACH_BYTE('"'), 1) |
                       bytes_below(eight ^ EACH_BYTE('\\'), 1);
    if (special) return i + (size_t)__builtin_ctzll(special) / 8;
  }
#endif
  while (i < n && (unsigned char)at[i] >= 0x20 && at[i] != '"' && at[i] != '\\') i++;
  return i;
}

/* The number of four hexadecimal digits, or -1. */
static int32_t hex_value(const char *at) {
  int32_t value = 0;
  for (int i = 0; i < 4; i++) {
    char c = at[i], lower = (char)(c | 0x20);
    int digit = c >= '0' && c <= '9'           ? c - '0'
                : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                               : -1;
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

/* The code point of the escape at `at` (a backslash), its length in *length: 0 when it is none that
 * JSON has, half a surrogate pair, or a 0. */
static int32_t escape_value(const char *at, const char *end, size_t *length) {
  static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
  *length = 0;
  if (end - at < 2) return 0;
  const char *letter = memchr(letters, at[1], sizeof letters - 1);
  if (letter) return *length = 2, values[letter - letters];
  int32_t c = at[1] == 'u' && end - at >= 6 ? hex_value(at + 2) : -1;
  if (c <= 0 || (c >= 0xDC00 && c <= 0xDFFF)) return 0;
  if (c < 0xD800 || c > 0xDFFF) return *length = 6, c;
  int32_t low = end - at >= 12 && at[6] == '\\' && at[7] == 'u' ? hex_value(at + 8) : -1;
  if (low < 0xDC00 || low > 0xDFFF) return 0;
  return *length = 12, 0x10000 + (c - 0xD800) * 0x400 + (low - 0xDC00);
}

typedef struct {
  char *start, *end; /* between the quotation marks */
  int has_escapes;
} quoted;

/* Read the string at `at`; behind it, or NULL when it is not understood. */
static char *read_string(char *at, char *end, quoted *out) {
  if (at == end || *at != '"') return NULL;
  *out = (quoted){.start = ++at};
  for (;;) {
    size_t length;
    at += plain_length(at, (size_t)(end - at));
    if (at == end) return NULL;
    if (*at == '"') return out->end = at, at + 1;
    escape_value(at, end, &length);
    if (*at != '\\' || length == 0) return NULL;
    out->has_escapes = 1;
    at += length;
  }
}

/* Put a string that was read in place of its escapes. */
static hn_text unescape(quoted s) {
  char *to = s.start;
  if (!s.has_escapes) return (hn_text){s.start, (size_t)(s.end - s.start)};
  for (char *at = s.start; at < s.end;) {
    size_t length = plain_length(at, (size_t)(s.end - at));
    memmove(to, at, length);
    to += length;
    at += length;
    if (at == s.end) break;
    to += hn_utf8_encode((uint32_t)escape_value(at, s.end, &length), to);
    at += length;
  }
  return (hn_text){s.start, (size_t)(to - s.start)};
}

static char *skip_space(char *at, const char *end) {
  while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) at++;
  return at;
}

static char *skip_digits(char *at, const char *end) {
  while (at < end && *at >= '0' && *at <= '9') at++;
  return at;
}

/* Behind a literal or a short number without exponent, or NULL. */
static char *skip_scalar(char *at, char *end) {
  static const char *const literals[] = {"null", "true", "false"};
  for (size_t i = 0; i < 3; i++) {
    size_t n = strlen(literals[i]);
    if ((size_t)(end - at) >= n && memcmp(at, literals[i], n) == 0) return at + n;
  }
  char *whole = at + (at < end && *at == '-'), *behind = skip_digits(whole, end);
  if (behind == whole || (*whole == '0' && behind - whole > 1)) return NULL;
  if (behind < end && *behind == '.') {
    char *fraction = behind + 1;
    behind = skip_digits(fraction, end);
    if (behind == fraction) return NULL;
  }
  return behind - at <= MAX_NUMBER ? behind : NULL;
}

/* A flat object with a text and no key twice: 1, else 0 and the line is as it was. */
static int scan_object(char *at, char *end, hn_text *text_out) {
  quoted keys[MAX_KEYS], value, text = {0};
  at = skip_space(at, end);
  if (at == end || *at++ != '{') return 0;
  for (size_t n = 0;; n++) {
    if (n == MAX_KEYS) return 0;
    at = read_string(skip_space(at, end), end, &keys[n]);
    if (!at || keys[n].has_escapes) return 0;
    size_t length = (size_t)(keys[n].end - keys[n].start);
    for (size_t i = 0; i < n; i++)
      if ((size_t)(keys[i].end - keys[i].start) == length &&
          memcmp(keys[i].start, keys[n].start, length) == 0)
        return 0;
    at = skip_space(at, end);
    if (at == end || *at++ != ':') return 0;
    at = skip_space(at, end);
    int is_text = length == 4 && memcmp(keys[n].start, "text", 4) == 0;
    int is_string = at < end && *at == '"';
    if (is_text && !is_string) return 0;
    at = is_string ? read_string(at, end, &value) : skip_scalar(at, end);
    if (!at) return 0;
    if (is_text) text = value;
    at = skip_space(at, end);
    if (at == end || (*at != ',' && *at != '}')) return 0;
    if (*at++ == '}') break;
  }
  if (skip_space(at, end) != end || !text.start) return 0;
  *text_out = unescape(text);
  return 1;
}

/* The same of any object; its text is put into the line, which is never shorter. */
static hn_status parse_object(const char *path, const line *l, hn_text *text_out, hn_error *err) {
  hn_status status = HN_OK;
  json_error_t problem;
  json_t *value = json_loadb(l->bytes, l->n, JSON_REJECT_DUPLICATES, &problem);
  if (!value && json_error_code(&problem) == json_error_out_of_memory) return hn_fail_memory(err);
  if (!value)
    return hn_fail(err, HN_FORMAT, "%s:%zu:%d: not valid JSON: %s", path, l->number, problem.column,
                   problem.text);
  const json_t *text = json_object_get(value, "text");
  if (json_is_string(text)) {
    *text_out = (hn_text){l->bytes, json_string_length(text)};
    memcpy(l->bytes, json_string_value(text), text_out->n);
  } else {
    status = hn_fail(err, HN_FORMAT,
                     "%s:%zu: no \"text\"; each line must be an object such as "
                     "{\"id\": \"t1\", \"text\": \"…\"}",
                     path, l->number);
  }
  json_decref(value);
  return status;
}

static hn_status parse_line(const hn_json_lines *lines, const line *l, hn_text *text_out,
                            hn_error *err) {
  size_t valid = lines->replace_invalid ? l->n : hn_utf8_valid_length(l->bytes, l->n);
  if (valid < l->n)
    return hn_fail(err, HN_FORMAT,
                   "%s:%zu: byte %zu of the line (0x%02X) is not valid UTF-8; convert the file, or "
                   "let such bytes be replaced (--replace-invalid)",
                   lines->path, l->number, valid + 1, (unsigned char)l->bytes[valid]);
  if (scan_object(l->bytes, l->bytes + l->n, text_out)) return HN_OK;
  return parse_object(lines->path, l, text_out, err);
}

/* Move what was not handed out to the front and fill the buffer behind it. */
static hn_status fill(hn_json_lines *l, hn_error *err) {
  hn_status status = HN_OK;
  size_t got;
  l->n -= l->used;
  if (l->n > 0) memmove(l->buffer, l->buffer + l->used, l->n);
  l->used = 0;
  if (l->n + BATCH > l->capacity) {
    char *grown = hn_realloc(l->buffer, l->n + BATCH, 1);
    if (!grown) return hn_fail_memory(err);
    l->buffer = grown;
    l->capacity = l->n + BATCH;
  }
  HN_TRY(hn_file_reader_read(l->file, l->buffer + l->n, BATCH, &got, err));
  l->at_end = got < BATCH;
  l->n += got;
done:
  return status;
}

/* Cut the buffer into lines, blank ones left out; the last one only when its end is there. */
static hn_status cut_lines(hn_json_lines *l, hn_error *err) {
  hn_status status = HN_OK;
  l->n_lines = 0;
  if (l->n_lines_before == 0 && l->n >= 3 && memcmp(l->buffer, "\xEF\xBB\xBF", 3) == 0) l->used = 3;
  while (l->used < l->n) {
    char *from = l->buffer + l->used, *newline = memchr(from, '\n', l->n - l->used);
    if (!newline && !l->at_end) break;
    char *end = newline ? newline : l->buffer + l->n;
    l->used = (size_t)(end - l->buffer) + (newline != NULL);
    l->n_lines_before++;
    if (skip_space(from, end) == end) continue;
    HN_GROW(l->texts, l->n_lines, l->text_capacity, err);
    HN_GROW(l->lines, l->n_lines, l->line_capacity, err);
    l->lines[l->n_lines++] = (line){from, (size_t)(end - from), l->n_lines_before};
  }
done:
  return status;
}

hn_status hn_json_lines_next(hn_json_lines *l, const hn_text **texts_out, size_t *n_out,
                             hn_error *err) {
  hn_status status = HN_OK;
  size_t first_failed = SIZE_MAX;
  hn_error first_error = {0};
  l->n_lines = 0;
  while (l->n_lines == 0 && !(l->at_end && l->used == l->n)) {
    HN_TRY(fill(l, err));
    HN_TRY(cut_lines(l, err));
  }
#pragma omp parallel for schedule(dynamic, 16) if (l->n_lines > 16)
  for (size_t i = 0; i < l->n_lines; i++) {
    hn_error error;
    if (parse_line(l, &l->lines[i], &l->texts[i], &error) == HN_OK) continue;
#pragma omp critical(hn_json_lines)
    if (i < first_failed) {
      first_failed = i;
      first_error = error;
    }
  }
  if (first_failed != SIZE_MAX) {
    if (err) *err = first_error;
    return first_error.code;
  }
  *texts_out = l->texts;
  *n_out = l->n_lines;
done:
  return status;
}
