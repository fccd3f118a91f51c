#include "base/text.h"

#include <string.h>
#include <utf8proc.h>

#define HIGH_BITS 0x8080808080808080u

size_t hn_utf8_valid_length(const char *bytes, size_t n) {
  size_t i = 0;
  while (i < n) {
    utf8proc_int32_t code_point;
    uint64_t block[4];
    if (i + sizeof block <= n && (memcpy(block, bytes + i, sizeof block),
                                  !((block[0] | block[1] | block[2] | block[3]) & HIGH_BITS))) {
      i += sizeof block;
      continue;
    }
    if ((unsigned char)bytes[i] < 0x80) {
      i++;
      continue;
    }
    utf8proc_ssize_t step = utf8proc_iterate((const utf8proc_uint8_t *)bytes + i,
                                             (utf8proc_ssize_t)(n - i), &code_point);
    if (step <= 0) break;
    i += (size_t)step;
  }
  return i;
}

size_t hn_utf8_encode(uint32_t code_point, char out[4]) {
  if (code_point > 0x10FFFF || !utf8proc_codepoint_valid((utf8proc_int32_t)code_point)) return 0;
  return (size_t)utf8proc_encode_char((utf8proc_int32_t)code_point, (utf8proc_uint8_t *)out);
}
