#include "corpora/json_lines.h"

#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"
#include "corpora/import_files.h"

#include <stdlib.h>
#include <string.h>

/* The objects of the file, each with its line. */
typedef struct {
  json_t **objects;
  size_t *lines;
  size_t n, objects_capacity, lines_capacity;
} object_list;

static hn_status add_object(object_list *list, json_t *object, size_t line, hn_error *err) {
  hn_status status = HN_OK;
  HN_GROW(list->objects, list->n, list->objects_capacity, err);
  HN_GROW(list->lines, list->n, list->lines_capacity, err);
  list->objects[list->n] = json_incref(object);
  list->lines[list->n++] = line;
done:
  return status;
}

static hn_status read_objects(hn_import *import, const char *path, char *text, object_list *list,
                              hn_error *err) {
  hn_status status = HN_OK;
  char *at = text, *line;
  for (size_t number = 1; status == HN_OK && (line = hn_next_line(&at)); number++) {
    json_t *value = NULL;
    if (hn_text_is_blank(line)) continue;
    status = hn_json_parse(path, line, strlen(line), &value, NULL);
    if (status == HN_NO_MEMORY)
      hn_fail_memory(err);
    else if (status == HN_OK && json_is_object(value))
      status = add_object(list, value, number, err);
    else
      status =
          hn_import_problem(import, err, "%s:%zu: is not a JSON object; left out", path, number);
    json_decref(value);
  }
  return status;
}

static void write_cell(const json_t *value, hn_buffer *out) {
  if (json_is_string(value)) {
    hn_buffer_text(out, json_string_value(value));
  } else if (json_is_number(value) || json_is_boolean(value)) {
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    if (text) hn_buffer_text(out, text);
    out->failed |= !text;
    free(text);
  }
  for (size_t i = 0; i < json_array_size(value); i++) {
    const char *item = json_string_value(json_array_get(value, i));
    if (item) hn_buffer_format(out, "%s%s", out->length ? ";" : "", item);
  }
}

/* A row of the table: the values of an object, or, of NULL, the keys themselves. */
static hn_status write_row(json_t *keys, const json_t *object, hn_buffer *csv, hn_error *err) {
  hn_buffer cell = {0};
  const char *key;
  json_t *ignored;
  int is_first = 1;
  json_object_foreach(keys, key, ignored) {
    hn_buffer_clear(&cell);
    if (object) write_cell(json_object_get(object, key), &cell);
    hn_csv_cell(csv, !object ? key : cell.length ? cell.data : "", is_first);
    is_first = 0;
  }
  hn_buffer_byte(csv, '\n');
  csv->failed |= cell.failed;
  hn_buffer_free(&cell);
  return hn_buffer_status(csv, err);
}

/* All keys but the empty one, as the keys of an object. */
static hn_status list_keys(const object_list *list, json_t *keys, hn_error *err) {
  const char *key;
  json_t *ignored;
  for (size_t i = 0; i < list->n; i++) {
    json_object_foreach(list->objects[i], key, ignored) {
      if (*key && json_object_set_new(keys, key, json_null()) != 0) return hn_fail_memory(err);
    }
  }
  return HN_OK;
}

hn_status hn_import_json_lines(hn_import *import, const char *path, char *text,
                               hn_table **table_out, size_t **lines_out, hn_error *err) {
  hn_status status = HN_OK;
  object_list list = {0};
  hn_buffer csv = {0};
  json_t *keys = json_object();
  if (!keys) HN_TRY(hn_fail_memory(err));
  HN_TRY(read_objects(import, path, text, &list, err));
  HN_TRY(list_keys(&list, keys, err));
  if (json_object_size(keys) == 0)
    HN_TRY(hn_fail(err, HN_FORMAT, "%s: no JSON object with a key in it", path));
  HN_TRY(write_row(keys, NULL, &csv, err));
  for (size_t i = 0; i < list.n; i++) HN_TRY(write_row(keys, list.objects[i], &csv, err));
  HN_TRY(hn_table_parse(path, csv.data, csv.length, 1, table_out, err));
  *lines_out = list.lines;
  list.lines = NULL;
done:
  json_decref(keys);
  for (size_t i = 0; i < list.n; i++) json_decref(list.objects[i]);
  hn_free(list.objects);
  hn_free(list.lines);
  hn_buffer_free(&csv);
  return status;
}
