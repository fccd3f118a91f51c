#include "vision/png.h"

#include "base/memory.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

/* libpng reports errors by a jump. What must outlive one lies in this struct, which the function
 * that sets the jump gets by pointer. */
typedef struct {
  png_structp png;
  png_infop info;
  const uint8_t *bytes; /* reading: what is left of the input */
  size_t n;
  uint8_t **rows;
  hn_buffer *out; /* writing */
  int out_of_memory;
  char reason[128];
} session;

static void on_error(png_structp png, png_const_charp message) {
  session *s = png_get_error_ptr(png);
  snprintf(s->reason, sizeof s->reason, "%s", message);
  longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static png_voidp on_alloc(png_structp png, png_alloc_size_t n) {
  session *s = png_get_mem_ptr(png);
  void *p = hn_alloc(n, 1);
  if (!p) s->out_of_memory = 1;
  return p;
}

static void on_free(png_structp png, png_voidp p) {
  (void)png;
  hn_free(p);
}

static void on_read(png_structp png, png_bytep out, size_t n) {
  session *s = png_get_io_ptr(png);
  if (n > s->n) png_error(png, "the file is cut");
  memcpy(out, s->bytes, n);
  s->bytes += n;
  s->n -= n;
}

static void on_write(png_structp png, png_bytep bytes, size_t n) {
  session *s = png_get_io_ptr(png);
  hn_buffer_append(s->out, bytes, n);
}

static void on_flush(png_structp png) {
  (void)png;
}

static hn_status fail(const session *s, hn_error *err) {
  if (s->out_of_memory) return hn_fail_memory(err);
  return hn_fail(err, HN_FORMAT, "broken PNG: %s", s->reason);
}

static void expand(png_structp png, png_infop info) {
  int colour = png_get_color_type(png, info);
  if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (colour == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

static hn_status read_head(session *s, hn_png *image, hn_error *err) {
  const size_t max_pixels = (size_t)1 << 28;
  if (setjmp(png_jmpbuf(s->png))) return fail(s, err);
  png_set_read_fn(s->png, s, on_read);
  png_set_user_limits(s->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_read_info(s->png, s->info);
  image->width = png_get_image_width(s->png, s->info);
  image->height = png_get_image_height(s->png, s->info);
  if (image->width > max_pixels / image->height)
    return hn_fail(err, HN_UNSUPPORTED, "a PNG of %zu x %zu pixels; headnod reads up to 2^28",
                   image->width, image->height);
  expand(s->png, s->info);
  image->channels = png_get_channels(s->png, s->info);
  image->depth = png_get_bit_depth(s->png, s->info);
  image->row_bytes = png_get_rowbytes(s->png, s->info);
  return HN_OK;
}

static hn_status read_rows(session *s, hn_error *err) {
  if (setjmp(png_jmpbuf(s->png))) return fail(s, err);
  png_read_image(s->png, s->rows);
  png_read_end(s->png, NULL);
  return HN_OK;
}

hn_status hn_png_decode(const void *bytes, size_t n, hn_png *png_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_png image = {0};
  session s = {.bytes = bytes, .n = n};
  s.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning, &s, on_alloc,
                                   on_free);
  if (s.png) s.info = png_create_info_struct(s.png);
  if (!s.info) HN_TRY(hn_fail_memory(err));
  HN_TRY(read_head(&s, &image, err));
  HN_NEW(image.bytes, image.height * image.row_bytes, err);
  HN_NEW(s.rows, image.height, err);
  for (size_t y = 0; y < image.height; y++) s.rows[y] = image.bytes + y * image.row_bytes;
  HN_TRY(read_rows(&s, err));
  *png_out = image;
  image.bytes = NULL;
done:
  hn_free(s.rows);
  hn_png_free(&image);
  png_destroy_read_struct(&s.png, &s.info, NULL);
  return status;
}

void hn_png_free(hn_png *png) {
  hn_free(png->bytes);
  *png = (hn_png){0};
}

static hn_status write_image(session *s, const uint8_t *rgb, size_t width, size_t height,
                             hn_error *err) {
  if (setjmp(png_jmpbuf(s->png))) return fail(s, err);
  png_set_user_limits(s->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_write_fn(s->png, s, on_write, on_flush);
  png_set_IHDR(s->png, s->info, (png_uint_32)width, (png_uint_32)height, 8, PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(s->png, s->info);
  for (size_t y = 0; y < height; y++) png_write_row(s->png, rgb + y * width * 3);
  png_write_end(s->png, NULL);
  return hn_buffer_status(s->out, err);
}

hn_status hn_png_encode(const uint8_t *rgb, size_t width, size_t height, hn_buffer *out,
                        hn_error *err) {
  hn_status status = HN_OK;
  session s = {.out = out};
  if (width > PNG_UINT_31_MAX / 4 || height > PNG_UINT_31_MAX)
    return hn_fail(err, HN_UNSUPPORTED, "%zu x %zu pixels are more than a PNG can hold", width,
                   height);
  s.png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning, &s, on_alloc,
                                    on_free);
  if (s.png) s.info = png_create_info_struct(s.png);
  if (!s.info) HN_TRY(hn_fail_memory(err));
  HN_TRY(write_image(&s, rgb, width, height, err));
done:
  png_destroy_write_struct(&s.png, &s.info);
  return status;
}
