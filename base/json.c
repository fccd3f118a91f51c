#include "base/json.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"

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
