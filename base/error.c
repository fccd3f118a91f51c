#include "base/error.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What callers quote from files may be no UTF-8, or be cut by a precision amid a character; the
 * message, which goes to terminals and into JSON, is UTF-8 always. */
static void mask_broken_text(char *message) {
  size_t n = strlen(message), i = 0;
  while ((i += hn_utf8_valid_length(message + i, n - i)) < n) message[i] = '?';
}

static void format_message(hn_error *err, const char *format, va_list args) {
  int n = vsnprintf(err->message, sizeof err->message, format, args);
  if (n >= (int)sizeof err->message) {
    size_t end = sizeof err->message - sizeof "…";
    while (end > 0 && ((unsigned char)err->message[end] & 0xC0) == 0x80) end--;
    memcpy(err->message + end, "…", sizeof "…");
  }
  mask_broken_text(err->message);
}

hn_status hn_fail(hn_error *err, hn_status code, const char *format, ...) {
  if (err) {
    va_list args;
    va_start(args, format);
    err->code = code;
    format_message(err, format, args);
    va_end(args);
  }
  return code;
}

hn_status hn_fail_prefix(hn_error *err, hn_status code, const char *format, ...) {
  if (err) {
    hn_error prefix = {code, ""};
    hn_error inner = *err;
    va_list args;
    va_start(args, format);
    format_message(&prefix, format, args);
    va_end(args);
    hn_fail(err, code, "%s: %s", prefix.message, inner.message);
  }
  return code;
}

const char *hn_status_name(hn_status code) {
  switch (code) {
  case HN_OK:
    return "ok";
  case HN_INVALID:
    return "invalid";
  case HN_NO_MEMORY:
    return "no memory";
  case HN_IO:
    return "input/output";
  case HN_FORMAT:
    return "format";
  case HN_UNSUPPORTED:
    return "unsupported";
  case HN_NUMERIC:
    return "numeric";
  }
  return "unknown";
}
