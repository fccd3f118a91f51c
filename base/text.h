/* Text as bytes: is it UTF-8? */
#ifndef HN_BASE_TEXT_H
#define HN_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* How many leading bytes of the n are well-formed UTF-8 (n: all of them). O(n). */
size_t hn_utf8_valid_length(const char *bytes, size_t n);
/* Write a code point as UTF-8; the number of bytes (1 … 4), 0 when it is none (a surrogate, or
 * beyond U+10FFFF). */
size_t hn_utf8_encode(uint32_t code_point, char out[4]);

#endif
