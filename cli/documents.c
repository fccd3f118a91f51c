#include "cli/documents.h"

#include "base/file.h"
#include "base/memory.h"
#include "corpora/manifest.h"

#include <jansson.h>
#include <string.h>

/* Takes text over, in any case. */
static hn_status add(hn_documents *d, char *text, size_t n, hn_error *err) {
  hn_status status = HN_OK;
  HN_GROW(d->memory, d->n, d->memory_capacity, err);
  HN_GROW(d->texts, d->n, d->capacity, err);
  d->memory[d->n] = text;
  d->texts[d->n++] = (hn_text){text, n};
  return HN_OK;
done:
  hn_free(text);
  return status;
}

hn_status hn_documents_add_manifest(hn_documents *d, const char *path, hn_error *err) {
  hn_status status = HN_OK;
  hn_manifest *manifest = NULL;
  HN_TRY(hn_manifest_read(path, NULL, &manifest, err));
  for (size_t i = 0; i < hn_manifest_n_tracks(manifest); i++) {
    const hn_track *track = hn_manifest_track(manifest, i);
    char *text;
    size_t n;
    if (!track->lyrics)
      HN_TRY(hn_fail(err, HN_INVALID, "%s:%zu: track %s has no lyrics; leave such tracks out", path,
                     track->line, track->id));
    HN_TRY(hn_file_read(track->lyrics, &text, &n, err));
    HN_TRY(add(d, text, n, err));
  }
done:
  hn_manifest_destroy(manifest);
  return status;
}

static hn_status add_json_line(hn_documents *d, const char *path, size_t number, const char *line,
                               size_t n, hn_error *err) {
  json_error_t problem;
  json_t *value = json_loadb(line, n, JSON_REJECT_DUPLICATES, &problem);
  if (!value)
    return hn_fail(err, HN_FORMAT, "%s:%zu:%d: not valid JSON: %s", path, number, problem.column,
                   problem.text);
  const json_t *text = json_object_get(value, "text");
  hn_status status;
  if (!json_is_string(text)) {
    status = hn_fail(err, HN_FORMAT,
                     "%s:%zu: no \"text\"; each line must be an object such as "
                     "{\"id\": \"t1\", \"text\": \"…\"}",
                     path, number);
  } else {
    size_t length = json_string_length(text);
    char *copy = hn_strndup(json_string_value(text), length);
    status = copy ? add(d, copy, length, err) : hn_fail_memory(err);
  }
  json_decref(value);
  return status;
}

hn_status hn_documents_add_json_lines(hn_documents *d, const char *path, hn_error *err) {
  hn_status status = HN_OK;
  char *bytes = NULL;
  size_t n, number = 0;
  HN_TRY(hn_file_read_gzip(path, &bytes, &n, err));
  for (size_t from = 0; from < n;) {
    const char *end = memchr(bytes + from, '\n', n - from);
    size_t length = end ? (size_t)(end - bytes) - from : n - from;
    number++;
    if (strspn(bytes + from, " \t\r") < length)
      HN_TRY(add_json_line(d, path, number, bytes + from, length, err));
    from += length + 1;
  }
done:
  hn_free(bytes);
  return status;
}

void hn_documents_free(hn_documents *d) {
  for (size_t i = 0; i < d->n; i++) hn_free(d->memory[i]);
  hn_free(d->memory);
  hn_free(d->texts);
  *d = (hn_documents){0};
}
