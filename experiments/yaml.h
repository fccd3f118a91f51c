/* YAML as a tree that remembers where each value stands, for error messages that name file, line
 * and column. Read with libyaml; duplicate keys are an error, anchors are resolved. */
#ifndef HN_EXPERIMENTS_YAML_H
#define HN_EXPERIMENTS_YAML_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

typedef enum { HN_YAML_SCALAR, HN_YAML_LIST, HN_YAML_MAP } hn_yaml_kind;

/* A value: text of a scalar, or n items of a list, or n items of a map with their keys (texts). */
typedef struct hn_yaml {
  hn_yaml_kind kind;
  int is_quoted;
  char *text;
  size_t n, capacity;
  struct hn_yaml **items;
  char **keys;
  size_t line, column; /* 1-based; 0 for a value that no file holds */
} hn_yaml;

/* Parse one document. name stands in messages. Errors: HN_FORMAT "name:line:column: …". */
hn_status hn_yaml_parse(const char *name, const char *text, size_t n, hn_yaml **root_out,
                        hn_error *err);
void hn_yaml_destroy(hn_yaml *node);

/* Constructors for a tree that is to be written. NULL: out of memory. */
hn_yaml *hn_yaml_new(hn_yaml_kind kind, const char *text);
/* Append to a list (key NULL) or set in a map (an existing key is replaced). Takes child over, in
 * any case; child may be NULL, which is out of memory. */
hn_status hn_yaml_add(hn_yaml *parent, const char *key, hn_yaml *child, hn_error *err);

/* The value of a key, or NULL. */
hn_yaml *hn_yaml_get(const hn_yaml *map, const char *key);
/* "a single value", "a list", "a map" */
const char *hn_yaml_kind_name(const hn_yaml *node);
/* Is it a plain (unquoted) null: empty, ~ or null? */
int hn_yaml_is_null(const hn_yaml *node);
/* Set the value at a dotted path ("split.method"), making maps on the way; `value` is parsed as
 * YAML and has no place (line 0). Errors: HN_INVALID when the path runs through a value that is no
 * map. */
hn_status hn_yaml_set_path(hn_yaml *root, const char *path, const char *value, hn_error *err);
/* Write as YAML text, which parses back to the same tree. */
hn_status hn_yaml_write(const hn_yaml *root, hn_buffer *out, hn_error *err);

#endif
