/* PNG files in memory: the one door to libpng. */
#ifndef HN_VISION_PNG_H
#define HN_VISION_PNG_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* Rows from the top, `channels` samples a pixel (1 gray, 3 red, green, blue), each of `depth` bits
 * (8, or 16 with the high byte first). Owns bytes (height, row_bytes). */
typedef struct {
  size_t width, height, row_bytes;
  int channels, depth;
  uint8_t *bytes;
} hn_png;

/* Palettes and low depths are expanded, transparency is left out.
 * Errors: HN_FORMAT with libpng's reason, HN_UNSUPPORTED (more than 2^28 pixels), HN_NO_MEMORY. */
hn_status hn_png_decode(const void *bytes, size_t n, hn_png *png_out, hn_error *err);
void hn_png_free(hn_png *png);

/* Append a file of 8-bit RGB pixels (height, width, 3). Errors: HN_NO_MEMORY; HN_UNSUPPORTED (a
 * side that PNG has no room for). */
hn_status hn_png_encode(const uint8_t *rgb, size_t width, size_t height, hn_buffer *out,
                        hn_error *err);

#endif
