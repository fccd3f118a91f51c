#include "experiments/notes.h"

#include "base/json.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>

hn_status hn_note(json_t *object, hn_error *err, const char *format, ...) {
  va_list args;
  va_start(args, format);
  json_t *text = json_vsprintf(format, args);
  va_end(args);
  return hn_json_append(json_object_get(object, "notes"), text, err);
}
