#include "nlp/text.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>
#include <utf8proc.h>

#define HIGH_BITS 0x8080808080808080u
#define EACH_BYTE(b) (0x0101010101010101u * (uint64_t)(b))

/* How many bytes from `at` are ASCII, in steps of eight while they last. */
static size_t ascii_length(const char *at, size_t n) {
  size_t i = 0;
  for (uint64_t eight; i + 8 <= n; i += 8) {
    memcpy(&eight, at + i, 8);
    if (eight & HIGH_BITS) break;
  }
  while (i < n && (unsigned char)at[i] < 0x80) i++;
  return i;
}

size_t hn_utf8_sequence_length(const char *text, size_t n, int *is_valid_out) {
  const unsigned char *p = (const unsigned char *)text;
  size_t length = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
  *is_valid_out = 0;
  if (length == 0 || p[0] > 0xF4) return 1;
  unsigned low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
  unsigned high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
  for (size_t i = 1; i < length; i++) {
    if (i >= n || p[i] < low || p[i] > high) return i;
    low = 0x80;
    high = 0xBF;
  }
  *is_valid_out = 1;
  return length;
}

hn_status hn_utf8_check(const char *text, size_t n, hn_error *err) {
  size_t valid = hn_utf8_valid_length(text, n);
  if (valid == n) return HN_OK;
  return hn_fail(err, HN_FORMAT,
                 "byte %zu (0x%02X) is not valid UTF-8; convert the text, or have such bytes "
                 "replaced (invalid_utf8 of clean, decode_error of tfidf)",
                 valid, (unsigned char)text[valid]);
}

hn_status hn_utf8_repair(const char *text, size_t n, hn_buffer *out, hn_error *err) {
  for (size_t i = 0; i < n;) {
    size_t valid = hn_utf8_valid_length(text + i, n - i);
    hn_buffer_append(out, text + i, valid);
    i += valid;
    if (i == n) break;
    int is_valid;
    i += hn_utf8_sequence_length(text + i, n - i, &is_valid);
    hn_buffer_text(out, "\xEF\xBF\xBD");
  }
  return hn_buffer_status(out, err);
}

int hn_char_is_word(uint32_t c) {
  switch (utf8proc_category((utf8proc_int32_t)c)) {
  case UTF8PROC_CATEGORY_LU:
  case UTF8PROC_CATEGORY_LL:
  case UTF8PROC_CATEGORY_LT:
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_LO:
  case UTF8PROC_CATEGORY_ND:
  case UTF8PROC_CATEGORY_NL:
  case UTF8PROC_CATEGORY_NO:
    return 1;
  default:
    return c == '_';
  }
}

int hn_char_is_space(uint32_t c) {
  if (c < 0x80) return (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= ' ');
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* Unicode's Case_Ignorable: marks, formats, modifiers, and punctuation inside words. */
static int is_case_ignorable(uint32_t c) {
  switch (utf8proc_category((utf8proc_int32_t)c)) {
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_ME:
  case UTF8PROC_CATEGORY_CF:
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_SK:
    return 1;
  default:
    break;
  }
  static const uint16_t inside_words[] = {0x27,   0x2E,   0x3A,   0xB7,   0x387,  0x55F,
                                          0x5F4,  0x2018, 0x2019, 0x2024, 0x2027, 0xFE13,
                                          0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A};
  for (size_t i = 0; i < sizeof inside_words / sizeof *inside_words; i++)
    if (c == inside_words[i]) return 1;
  return 0;
}

/* Unicode's Cased, of characters that are not case-ignorable. */
static int is_cased(uint32_t c) {
  switch (utf8proc_category((utf8proc_int32_t)c)) {
  case UTF8PROC_CATEGORY_LU:
  case UTF8PROC_CATEGORY_LL:
  case UTF8PROC_CATEGORY_LT:
    return 1;
  default: /* ordinals, Roman numerals, circled and squared letters */
    return c == 0xAA || c == 0xBA || (c >= 0x2160 && c <= 0x217F) || (c >= 0x24B6 && c <= 0x24E9) ||
           (c >= 0x1F130 && c <= 0x1F149) || (c >= 0x1F150 && c <= 0x1F169) ||
           (c >= 0x1F170 && c <= 0x1F189);
  }
}

/* Is the sigma (2 bytes) at offset i the last letter of its word? Unicode's Final_Sigma: a cased
 * letter before it and none behind it, case-ignorable characters skipped. */
static int is_final_sigma(const char *text, size_t n, size_t i) {
  size_t length;
  int cased_before = 0;
  for (size_t at = i; at > 0 && !cased_before;) {
    do at--;
    while (((unsigned char)text[at] & 0xC0) == 0x80);
    uint32_t c = hn_utf8_decode(text + at, &length);
    if (is_case_ignorable(c)) continue;
    if (!is_cased(c)) return 0;
    cased_before = 1;
  }
  if (!cased_before) return 0;
  for (size_t at = i + 2; at < n; at += length) {
    uint32_t c = hn_utf8_decode(text + at, &length);
    if (!is_case_ignorable(c)) return !is_cased(c);
  }
  return 1;
}

static uint64_t lower_eight(uint64_t ascii) {
  uint64_t from_a = ascii + EACH_BYTE(0x80 - 'A'), past_z = ascii + EACH_BYTE(0x80 - 'Z' - 1);
  return ascii | (from_a & ~past_z & HIGH_BITS) >> 2;
}

/* Lower-case the ASCII bytes at `at` into `to`; how many there were. */
static size_t lower_ascii(const char *at, size_t n, char *to) {
  size_t i = 0;
  for (uint64_t eight; i + 8 <= n; i += 8) {
    memcpy(&eight, at + i, 8);
    if (eight & HIGH_BITS) break;
    eight = lower_eight(eight);
    memcpy(to + i, &eight, 8);
  }
  for (; i < n && (unsigned char)at[i] < 0x80; i++)
    to[i] = (char)(at[i] >= 'A' && at[i] <= 'Z' ? at[i] | 0x20 : at[i]);
  return i;
}

hn_status hn_text_lower(const char *text, size_t n, hn_buffer *out, hn_error *err) {
  /* No character grows by more than half (two bytes that become three). */
  char *to = hn_buffer_reserve(out, n + n / 2 + 4);
  if (!to) return hn_fail_memory(err);
  char *begin = to;
  for (size_t i = 0; i < n;) {
    size_t n_ascii = lower_ascii(text + i, n - i, to), length;
    i += n_ascii;
    to += n_ascii;
    if (i == n) break;
    uint32_t c = hn_utf8_decode(text + i, &length);
    uint32_t lower = (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
    if (c == 0x3A3 && is_final_sigma(text, n, i)) lower = 0x3C2;
    to += utf8proc_encode_char((utf8proc_int32_t)lower, (utf8proc_uint8_t *)to);
    if (c == 0x130) to += utf8proc_encode_char(0x307, (utf8proc_uint8_t *)to);
    i += length;
  }
  *to = 0;
  out->length += (size_t)(to - begin);
  return HN_OK;
}

/* Append what is left of one character. Its compatibility decomposition is at most 18 long. */
static void strip_character(uint32_t c, hn_accents accents, hn_buffer *out) {
  utf8proc_int32_t parts[32];
  utf8proc_uint8_t bytes[4];
  int boundary = 0;
  utf8proc_ssize_t n =
      utf8proc_decompose_char((utf8proc_int32_t)c, parts, sizeof parts / sizeof *parts,
                              UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &boundary);
  for (utf8proc_ssize_t k = 0; k < n; k++) {
    int keep = accents == HN_ACCENTS_ASCII ? parts[k] < 0x80
                                           : utf8proc_get_property(parts[k])->combining_class == 0;
    if (keep) hn_buffer_append(out, bytes, (size_t)utf8proc_encode_char(parts[k], bytes));
  }
}

hn_status hn_text_strip_accents(const char *text, size_t n, hn_accents accents, hn_buffer *out,
                                hn_error *err) {
  for (size_t i = 0; i < n;) {
    size_t n_ascii = accents == HN_ACCENTS_KEEP ? n : ascii_length(text + i, n - i), length;
    hn_buffer_append(out, text + i, n_ascii);
    i += n_ascii;
    if (i == n) break;
    strip_character(hn_utf8_decode(text + i, &length), accents, out);
    i += length;
  }
  return hn_buffer_status(out, err);
}
