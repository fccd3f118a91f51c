/* A growing run of bytes, always with a 0 behind its end: for building texts and files. */
#ifndef HN_BASE_BUFFER_H
#define HN_BASE_BUFFER_H

#include <stddef.h>

#include "base/error.h"

/* Start from {0}. data is NULL until something was appended. A failed append is remembered in
 * `failed`, later ones do nothing: check once at the end with hn_buffer_status. Owns data. */
typedef struct {
  char *data;
  size_t length, capacity;
  int failed;
} hn_buffer;

void hn_buffer_append(hn_buffer *buffer, const void *bytes, size_t n);
void hn_buffer_text(hn_buffer *buffer, const char *text);
void hn_buffer_byte(hn_buffer *buffer, char byte);
void hn_buffer_format(hn_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Where the next n bytes go, with room for them and a 0 behind; the writer raises length itself.
 * NULL when out of memory. */
char *hn_buffer_reserve(hn_buffer *buffer, size_t n);
/* Keep the memory, forget the content. */
void hn_buffer_clear(hn_buffer *buffer);
void hn_buffer_free(hn_buffer *buffer);
/* HN_OK, or HN_NO_MEMORY if an append failed. */
hn_status hn_buffer_status(const hn_buffer *buffer, hn_error *err);
/* Hand the text over (never NULL on success); the buffer is empty afterwards. */
hn_status hn_buffer_steal(hn_buffer *buffer, char **text_out, size_t *length_out, hn_error *err);

#endif
