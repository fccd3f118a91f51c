#include "base/buffer.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int reserve(hn_buffer *b, size_t n) {
  size_t needed;
  if (b->failed) return 0;
  if (!__builtin_add_overflow(b->length + 1, n, &needed)) {
    if (needed <= b->capacity) return 1;
    size_t capacity = b->capacity < 128 ? 256 : b->capacity + b->capacity / 2;
    if (capacity < needed) capacity = needed;
    char *data = hn_realloc(b->data, capacity, 1);
    if (data) {
      b->data = data;
      b->capacity = capacity;
      return 1;
    }
  }
  b->failed = 1;
  return 0;
}

char *hn_buffer_reserve(hn_buffer *b, size_t n) {
  return reserve(b, n) ? b->data + b->length : NULL;
}

void hn_buffer_append(hn_buffer *b, const void *bytes, size_t n) {
  if (!reserve(b, n)) return;
  if (n) memcpy(b->data + b->length, bytes, n);
  b->length += n;
  b->data[b->length] = 0;
}

void hn_buffer_text(hn_buffer *b, const char *text) {
  hn_buffer_append(b, text, strlen(text));
}

void hn_buffer_byte(hn_buffer *b, char byte) {
  hn_buffer_append(b, &byte, 1);
}

void hn_buffer_format(hn_buffer *b, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (n < 0) b->failed = 1;
  if (n >= 0 && reserve(b, (size_t)n)) {
    vsnprintf(b->data + b->length, (size_t)n + 1, format, again);
    b->length += (size_t)n;
  }
  va_end(again);
}

void hn_buffer_clear(hn_buffer *b) {
  b->length = 0;
  b->failed = 0;
  if (b->data) b->data[0] = 0;
}

void hn_buffer_free(hn_buffer *b) {
  if (!b) return;
  hn_free(b->data);
  *b = (hn_buffer){0};
}

hn_status hn_buffer_status(const hn_buffer *b, hn_error *err) {
  return b->failed ? hn_fail_memory(err) : HN_OK;
}

hn_status hn_buffer_steal(hn_buffer *b, char **text_out, size_t *length_out, hn_error *err) {
  reserve(b, 0);
  if (b->failed) return hn_fail_memory(err);
  b->data[b->length] = 0;
  *text_out = b->data;
  if (length_out) *length_out = b->length;
  *b = (hn_buffer){0};
  return HN_OK;
}
