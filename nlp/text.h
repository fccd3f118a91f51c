/* Unicode texts: validity, letter case, accents, and the character classes of Python's `re`.
 * A text is UTF-8 bytes with a length; it may hold 0 bytes and need not end in one.
 * All functions are thread-safe and take time linear in the text. */
#ifndef HN_NLP_TEXT_H
#define HN_NLP_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* Borrowed. */
typedef struct {
  const char *bytes;
  size_t n;
} hn_text;

/* Bytes start … end - 1 of a text. */
typedef struct {
  size_t start, end;
} hn_range;

/* The same of a text below 4 GB: bytes start … start + length - 1. */
typedef struct {
  uint32_t start, length;
} hn_span;

/* Is text well-formed UTF-8 (no surrogates, no overlong forms)? Errors: HN_FORMAT naming
 * the byte offset and the byte. */
hn_status hn_utf8_check(const char *text, size_t n, hn_error *err);
/* Append text to out, every maximal ill-formed piece replaced by U+FFFD, as Python's
 * errors="replace". Errors: HN_NO_MEMORY. */
hn_status hn_utf8_repair(const char *text, size_t n, hn_buffer *out, hn_error *err);

/* The length of the first sequence of the n bytes (n > 0), well-formed or not: of an ill-formed one
 * the longest beginning that could begin a well-formed one, at least 1. */
size_t hn_utf8_sequence_length(const char *text, size_t n, int *is_valid_out);

/* The code point at `at` in well-formed text; its bytes (1 … 4) in *length. */
static inline uint32_t hn_utf8_decode(const char *at, size_t *length) {
  const unsigned char *p = (const unsigned char *)at;
  if (p[0] < 0x80) return *length = 1, p[0];
  if (p[0] < 0xE0) return *length = 2, (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
  if (p[0] < 0xF0) return *length = 3, (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
  *length = 4;
  return (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
}

/* \w of Python's re: categories L and N, and the underscore. */
int hn_char_is_word(uint32_t c);
/* \s of Python's re, and what str.split splits at. */
int hn_char_is_space(uint32_t c);

/* Append the well-formed text to out in lower case as Python's str.lower: U+0130 becomes i and
 * U+0307, sigma at the end of a word its final form, ß stays. Errors: HN_NO_MEMORY. */
hn_status hn_text_lower(const char *text, size_t n, hn_buffer *out, hn_error *err);

typedef enum { HN_ACCENTS_KEEP, HN_ACCENTS_UNICODE, HN_ACCENTS_ASCII } hn_accents;

/* Append the well-formed text to out without accents as scikit-learn's strip_accents: decomposed
 * by NFKD (plain ASCII is left as it is), then without combining characters (UNICODE) or without
 * anything but ASCII (ASCII). Errors: HN_NO_MEMORY. */
hn_status hn_text_strip_accents(const char *text, size_t n, hn_accents accents, hn_buffer *out,
                                hn_error *err);

#endif
