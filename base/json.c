#include "base/json.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

hn_status hn_json_parse(const char *name, const char *bytes, size_t n, json_t **value_out,
                        hn_error *err) {
  json_error_t where;
  json_t *value = json_loadb(bytes, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);
  if (value) {
    *value_out = value;
    return HN_OK;
  }
  if (json_error_code(&where) == json_error_out_of_memory) return hn_fail_memory(err);
  return hn_fail(err, HN_FORMAT, "%s:%d:%d: not JSON: %s", name, where.line, where.column,
                 where.text);
}

hn_status hn_json_read(const char *path, json_t **value_out, hn_error *err) {
  char *bytes = NULL;
  size_t n;
  hn_status status = hn_file_read(path, &bytes, &n, err);
  if (status == HN_OK) status = hn_json_parse(path, bytes, n, value_out, err);
  hn_free(bytes);
  return status;
}

static int append(const char *text, size_t n, void *buffer) {
  hn_buffer_append(buffer, text, n);
  return 0;
}

hn_status hn_json_write(const char *path, const json_t *value, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer text = {0};
  if (json_dump_callback(value, append, &text, JSON_INDENT(2) | JSON_ENCODE_ANY) != 0)
    HN_TRY(hn_fail(err, HN_INVALID, "%s: a value that JSON cannot hold", path));
  hn_buffer_byte(&text, '\n');
  HN_TRY(hn_buffer_status(&text, err));
  HN_TRY(hn_file_write(path, text.data, text.length, err));
done:
  hn_buffer_free(&text);
  return status;
}

hn_status hn_json_set(json_t *object, const char *key, json_t *item, hn_error *err) {
  return json_object_set_new(object, key, item) == 0 ? HN_OK : hn_fail_memory(err);
}

hn_status hn_json_append(json_t *list, json_t *item, hn_error *err) {
  return json_array_append_new(list, item) == 0 ? HN_OK : hn_fail_memory(err);
}

json_t *hn_json_real(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

json_t *hn_json_text(const char *text) {
  if (!text) return json_null();
  size_t n = strlen(text);
  if (hn_utf8_valid_length(text, n) == n) return json_stringn_nocheck(text, n);
  char *clean = hn_strndup(text, n);
  if (!clean) return NULL;
  for (size_t at = 0; (at += hn_utf8_valid_length(clean + at, n - at)) < n;) clean[at] = '?';
  json_t *made = json_stringn_nocheck(clean, n);
  hn_free(clean);
  return made;
}
