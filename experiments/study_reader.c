#include "experiments/study_reader.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

hn_status hn_study_fail_at(hn_study_reader *r, const hn_yaml *node, const char *format, ...) {
  char message[900];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  if (node && node->line)
    return hn_fail(r->err, HN_INVALID, "%s:%zu:%zu: %s", r->name, node->line, node->column,
                   message);
  return hn_fail(r->err, HN_INVALID, "%s%s: %s", r->name, node ? " as changed by --set" : "",
                 message);
}

hn_status hn_study_check_map(hn_study_reader *r, const hn_yaml *map, const char *where,
                             const char *known) {
  if (map->kind != HN_YAML_MAP)
    return hn_study_fail_at(r, map, "%s must be a map of keys, not %s", where,
                            hn_yaml_kind_name(map));
  for (size_t i = 0; i < map->n; i++) {
    const char *c = known;
    size_t n = strlen(map->keys[i]);
    while (c && !(strncmp(c, map->keys[i], n) == 0 && (c[n] == '|' || c[n] == 0)))
      if ((c = strchr(c, '|'))) c++;
    if (!c)
      return hn_study_fail_at(r, map->items[i], "\"%s\" is not a key of %s (known: %s)",
                              map->keys[i], where, known);
  }
  return HN_OK;
}

hn_status hn_study_read_text(hn_study_reader *r, const hn_yaml *map, const char *key,
                             const char *fallback, char **text_out) {
  const hn_yaml *node = map ? hn_yaml_get(map, key) : NULL;
  const char *text = fallback;
  if (node && node->kind != HN_YAML_SCALAR)
    return hn_study_fail_at(r, node, "%s must be a single value, not %s", key,
                            hn_yaml_kind_name(node));
  if (node && !hn_yaml_is_null(node)) text = node->text;
  if (!text) return HN_OK;
  *text_out = hn_strdup(text);
  return *text_out ? HN_OK : hn_fail_memory(r->err);
}

static hn_status copy_texts(hn_study_reader *r, const hn_yaml *node, const char *key,
                            hn_texts *out) {
  hn_status status = HN_OK;
  size_t n = node->kind == HN_YAML_LIST ? node->n : 1;
  HN_NEW(out->items, n, r->err);
  for (; out->n < n; out->n++) {
    const hn_yaml *item = node->kind == HN_YAML_LIST ? node->items[out->n] : node;
    if (item->kind != HN_YAML_SCALAR)
      return hn_study_fail_at(r, item, "%s must be a list of single values, not of %s", key,
                              hn_yaml_kind_name(item));
    HN_DUP(out->items[out->n], item->text, r->err);
  }
done:
  return status;
}

hn_status hn_study_read_texts(hn_study_reader *r, const hn_yaml *map, const char *key,
                              hn_texts *out) {
  const hn_yaml *node = map ? hn_yaml_get(map, key) : NULL;
  if (!node || hn_yaml_is_null(node)) return HN_OK;
  if (node->kind == HN_YAML_MAP)
    return hn_study_fail_at(r, node, "%s must be a list, not a map", key);
  return copy_texts(r, node, key, out);
}

hn_status hn_study_read_choice(hn_study_reader *r, const hn_yaml *map, const char *key,
                               const char *choices, const char *fallback, char **text_out) {
  hn_status status = hn_study_read_text(r, map, key, fallback, text_out);
  if (status != HN_OK) return status;
  size_t n = strlen(*text_out);
  for (const char *c = choices; c; c = strchr(c, '|')) {
    if (*c == '|') c++;
    if (strncmp(c, *text_out, n) == 0 && (c[n] == '|' || c[n] == 0)) return HN_OK;
  }
  return hn_study_fail_at(r, hn_yaml_get(map, key), "%s: \"%s\" is not allowed; expected one of %s",
                          key, *text_out, choices);
}

/* A scalar as it is, a list joined by commas. */
static hn_status option_text(hn_study_reader *r, const hn_yaml *node, const char *key,
                             hn_buffer *text) {
  hn_buffer_clear(text);
  if (node->kind == HN_YAML_MAP)
    return hn_study_fail_at(r, node, "%s must be a single value or a list, not a map", key);
  if (node->kind == HN_YAML_SCALAR) {
    hn_buffer_text(text, hn_yaml_is_null(node) ? "none" : node->text);
  } else {
    for (size_t i = 0; i < node->n; i++) {
      if (node->items[i]->kind != HN_YAML_SCALAR)
        return hn_study_fail_at(r, node->items[i], "%s must be a list of single values", key);
      hn_buffer_format(text, "%s%s", i ? "," : "", node->items[i]->text);
    }
    hn_buffer_text(text, "");
  }
  return hn_buffer_status(text, r->err);
}

hn_status hn_study_set_option(hn_study_reader *r, hn_options *options, const char *key,
                              const hn_yaml *node) {
  hn_buffer text = {0};
  hn_error inner = {0};
  hn_status status = option_text(r, node, key, &text);
  if (status == HN_OK) {
    status = hn_options_set(options, key, text.data, &inner);
    if (status == HN_INVALID) status = hn_study_fail_at(r, node, "%s", inner.message);
    if (status == HN_NO_MEMORY) hn_fail_memory(r->err);
  }
  hn_buffer_free(&text);
  return status;
}

hn_status hn_study_read_options(hn_study_reader *r, const hn_yaml *map, const char *where,
                                const hn_option_spec *specs, hn_options **options_out) {
  hn_status status = hn_options_create(specs, options_out, r->err);
  if (status != HN_OK || !map) return status;
  if (map->kind != HN_YAML_MAP)
    return hn_study_fail_at(r, map, "%s must be a map of keys, not %s", where,
                            hn_yaml_kind_name(map));
  for (size_t i = 0; status == HN_OK && i < map->n; i++)
    status = hn_study_set_option(r, *options_out, map->keys[i], map->items[i]);
  return status;
}
