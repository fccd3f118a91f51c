#include "experiments/yaml.h"

#include "base/memory.h"

#include <string.h>
#include <yaml.h>

enum { MAX_DEPTH = 32, MAX_NODES = 100000 };

typedef struct {
  const char *name;
  yaml_document_t *document;
  size_t n_nodes;
} tree_reader;

hn_yaml *hn_yaml_new(hn_yaml_kind kind, const char *text) {
  hn_yaml *node = hn_calloc(1, sizeof *node);
  if (!node) return NULL;
  node->kind = kind;
  if (text && !(node->text = hn_strdup(text))) {
    hn_free(node);
    return NULL;
  }
  return node;
}

void hn_yaml_destroy(hn_yaml *node) {
  if (!node) return;
  for (size_t i = 0; i < node->n; i++) {
    hn_yaml_destroy(node->items[i]);
    if (node->keys) hn_free(node->keys[i]);
  }
  hn_free(node->items);
  hn_free(node->keys);
  hn_free(node->text);
  hn_free(node);
}

hn_yaml *hn_yaml_get(const hn_yaml *map, const char *key) {
  for (size_t i = 0; map->kind == HN_YAML_MAP && i < map->n; i++)
    if (strcmp(map->keys[i], key) == 0) return map->items[i];
  return NULL;
}

static hn_status grow(hn_yaml *parent, hn_error *err) {
  hn_status status = HN_OK;
  size_t keys_capacity = parent->capacity;
  if (parent->kind == HN_YAML_MAP) HN_GROW(parent->keys, parent->n, keys_capacity, err);
  HN_GROW(parent->items, parent->n, parent->capacity, err);
done:
  return status;
}

hn_status hn_yaml_add(hn_yaml *parent, const char *key, hn_yaml *child, hn_error *err) {
  hn_status status = HN_OK;
  char *name = NULL;
  if (!child) return hn_fail_memory(err);
  for (size_t i = 0; key && i < parent->n; i++) {
    if (strcmp(parent->keys[i], key) != 0) continue;
    hn_yaml_destroy(parent->items[i]);
    parent->items[i] = child;
    return HN_OK;
  }
  if (key) HN_DUP(name, key, err);
  HN_TRY(grow(parent, err));
  if (key) parent->keys[parent->n] = name;
  parent->items[parent->n++] = child;
  return HN_OK;
done:
  hn_free(name);
  hn_yaml_destroy(child);
  return status;
}

const char *hn_yaml_kind_name(const hn_yaml *node) {
  static const char *const names[] = {"a single value", "a list", "a map"};
  return names[node->kind];
}

int hn_yaml_is_null(const hn_yaml *node) {
  return node->kind == HN_YAML_SCALAR && !node->is_quoted &&
         (!node->text[0] || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

static hn_status read_node(tree_reader *reader, int index, int depth, hn_yaml **node_out,
                           hn_error *err);

static hn_status read_pairs(tree_reader *reader, const yaml_node_t *from, int depth, hn_yaml *node,
                            hn_error *err) {
  hn_status status = HN_OK;
  for (yaml_node_pair_t *p = from->data.mapping.pairs.start; p < from->data.mapping.pairs.top;
       p++) {
    const yaml_node_t *key = yaml_document_get_node(reader->document, p->key);
    if (key->type != YAML_SCALAR_NODE)
      return hn_fail(err, HN_FORMAT, "%s:%zu:%zu: a key must be plain text", reader->name,
                     key->start_mark.line + 1, key->start_mark.column + 1);
    const char *name = (const char *)key->data.scalar.value;
    const hn_yaml *first = hn_yaml_get(node, name);
    if (first)
      return hn_fail(err, HN_FORMAT,
                     "%s:%zu:%zu: the key \"%s\" stands here twice (first value on line %zu); "
                     "remove one",
                     reader->name, key->start_mark.line + 1, key->start_mark.column + 1, name,
                     first->line);
    hn_yaml *child = NULL;
    HN_TRY(read_node(reader, p->value, depth + 1, &child, err));
    HN_TRY(hn_yaml_add(node, name, child, err));
  }
done:
  return status;
}

static hn_status read_node(tree_reader *reader, int index, int depth, hn_yaml **node_out,
                           hn_error *err) {
  hn_status status = HN_OK;
  const yaml_node_t *from = yaml_document_get_node(reader->document, index);
  hn_yaml *node = NULL;

  if (depth > MAX_DEPTH || ++reader->n_nodes > MAX_NODES)
    return hn_fail(err, HN_FORMAT, "%s:%zu:%zu: nested too deeply, or too many values",
                   reader->name, from->start_mark.line + 1, from->start_mark.column + 1);
  if (from->type == YAML_SCALAR_NODE) {
    node = hn_yaml_new(HN_YAML_SCALAR, (const char *)from->data.scalar.value);
  } else {
    node = hn_yaml_new(from->type == YAML_MAPPING_NODE ? HN_YAML_MAP : HN_YAML_LIST, NULL);
  }
  if (!node) return hn_fail_memory(err);
  node->line = from->start_mark.line + 1;
  node->column = from->start_mark.column + 1;
  if (from->type == YAML_SCALAR_NODE) {
    node->is_quoted = from->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
  } else if (from->type == YAML_MAPPING_NODE) {
    HN_TRY(read_pairs(reader, from, depth, node, err));
  } else {
    for (yaml_node_item_t *i = from->data.sequence.items.start; i < from->data.sequence.items.top;
         i++) {
      hn_yaml *child = NULL;
      HN_TRY(read_node(reader, *i, depth + 1, &child, err));
      HN_TRY(hn_yaml_add(node, NULL, child, err));
    }
  }
  *node_out = node;
  node = NULL;
done:
  hn_yaml_destroy(node);
  return status;
}

/* A study that is pasted behind another must not be read as the first alone. */
static hn_status refuse_second(const char *name, yaml_parser_t *parser, hn_error *err) {
  yaml_document_t document;
  if (!yaml_parser_load(parser, &document))
    return hn_fail(err, HN_FORMAT, "%s:%zu:%zu: not valid YAML: %s", name,
                   parser->problem_mark.line + 1, parser->problem_mark.column + 1,
                   parser->problem ? parser->problem : "unreadable");
  hn_status status = HN_OK;
  if (yaml_document_get_root_node(&document))
    status = hn_fail(err, HN_FORMAT, "%s:%zu:1: a second document begins; one is allowed", name,
                     document.start_mark.line + 1);
  yaml_document_delete(&document);
  return status;
}

hn_status hn_yaml_parse(const char *name, const char *text, size_t n, hn_yaml **root_out,
                        hn_error *err) {
  hn_status status = HN_OK;
  yaml_parser_t parser;
  yaml_document_t document;

  if (!yaml_parser_initialize(&parser)) return hn_fail_memory(err);
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
  if (!yaml_parser_load(&parser, &document)) {
    yaml_mark_t at = parser.problem_mark;
    status = hn_fail(err, parser.error == YAML_MEMORY_ERROR ? HN_NO_MEMORY : HN_FORMAT,
                     "%s:%zu:%zu: not valid YAML: %s%s%s", name, at.line + 1, at.column + 1,
                     parser.problem ? parser.problem : "unreadable", parser.context ? ", " : "",
                     parser.context ? parser.context : "");
    yaml_parser_delete(&parser);
    return status;
  }
  if (!yaml_document_get_root_node(&document))
    status = hn_fail(err, HN_FORMAT, "%s:1:1: the file is empty", name);
  else if ((status = refuse_second(name, &parser, err)) == HN_OK)
    status = read_node(&(tree_reader){name, &document, 0}, 1, 0, root_out, err);
  yaml_document_delete(&document);
  yaml_parser_delete(&parser);
  return status;
}

/* A value that was not read from the file has no place in it. */
static void forget_places(hn_yaml *node) {
  node->line = node->column = 0;
  for (size_t i = 0; i < node->n; i++) forget_places(node->items[i]);
}

hn_status hn_yaml_set_path(hn_yaml *root, const char *path, const char *value, hn_error *err) {
  hn_status status = HN_OK;
  hn_yaml *node = root, *parsed = NULL;
  const char *at = path;
  char *key = NULL;

  for (;;) {
    size_t n = strcspn(at, ".");
    if (n == 0)
      HN_TRY(hn_fail(err, HN_INVALID, "--set %s=%s: an empty key in the path", path, value));
    if (node->kind != HN_YAML_MAP)
      HN_TRY(hn_fail(err, HN_INVALID, "--set %s=%s: \"%.*s\" is not a map and has no key \"%s\"",
                     path, value, (int)(at > path ? at - path - 1 : 0), path, at));
    hn_free(key);
    if (!(key = hn_strndup(at, n))) HN_TRY(hn_fail_memory(err));
    if (!at[n]) break;
    hn_yaml *child = hn_yaml_get(node, key);
    if (!child) {
      child = hn_yaml_new(HN_YAML_MAP, NULL);
      HN_TRY(hn_yaml_add(node, key, child, err));
    }
    node = child;
    at += n + 1;
  }
  if (value[0]) {
    char name[200];
    snprintf(name, sizeof name, "--set %s", path);
    HN_TRY(hn_yaml_parse(name, value, strlen(value), &parsed, err));
    forget_places(parsed);
  } else if (!(parsed = hn_yaml_new(HN_YAML_SCALAR, ""))) {
    HN_TRY(hn_fail_memory(err));
  }
  status = hn_yaml_add(node, key, parsed, err);
done:
  hn_free(key);
  return status;
}

/* Lists of scalars are written in one line, everything else as a block. */
static int add_to_document(yaml_document_t *document, const hn_yaml *node) {
  int id;
  if (node->kind == HN_YAML_SCALAR) {
    /* The emitter quotes what must be, except that a quoted null is a text. */
    hn_yaml plain = {.kind = HN_YAML_SCALAR, .text = node->text};
    return yaml_document_add_scalar(
        document, NULL, (const yaml_char_t *)node->text, (int)strlen(node->text),
        node->is_quoted && hn_yaml_is_null(&plain) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
                                                   : YAML_ANY_SCALAR_STYLE);
  }
  if (node->kind == HN_YAML_LIST) {
    int is_flat = 1;
    for (size_t i = 0; i < node->n; i++) is_flat &= node->items[i]->kind == HN_YAML_SCALAR;
    id = yaml_document_add_sequence(document, NULL,
                                    is_flat ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE);
  } else {
    id = yaml_document_add_mapping(document, NULL, YAML_BLOCK_MAPPING_STYLE);
  }
  for (size_t i = 0; id && i < node->n; i++) {
    int key = 0, child;
    if (node->kind == HN_YAML_MAP &&
        !(key = yaml_document_add_scalar(document, NULL, (const yaml_char_t *)node->keys[i],
                                         (int)strlen(node->keys[i]), YAML_ANY_SCALAR_STYLE)))
      return 0;
    if (!(child = add_to_document(document, node->items[i]))) return 0;
    if (!(node->kind == HN_YAML_MAP ? yaml_document_append_mapping_pair(document, id, key, child)
                                    : yaml_document_append_sequence_item(document, id, child)))
      return 0;
  }
  return id;
}

static int write_to_buffer(void *buffer, unsigned char *bytes, size_t n) {
  hn_buffer_append(buffer, bytes, n);
  return !((hn_buffer *)buffer)->failed;
}

hn_status hn_yaml_write(const hn_yaml *root, hn_buffer *out, hn_error *err) {
  yaml_emitter_t emitter;
  yaml_document_t document;
  if (!yaml_emitter_initialize(&emitter)) return hn_fail_memory(err);
  yaml_emitter_set_output(&emitter, write_to_buffer, out);
  yaml_emitter_set_unicode(&emitter, 1);
  yaml_emitter_set_width(&emitter, 100);
  int ok = yaml_document_initialize(&document, NULL, NULL, NULL, 1, 1);
  if (ok && !add_to_document(&document, root)) {
    yaml_document_delete(&document);
    ok = 0;
  }
  /* Dumping deletes the document. */
  ok = ok && yaml_emitter_open(&emitter) && yaml_emitter_dump(&emitter, &document) &&
       yaml_emitter_close(&emitter);
  yaml_emitter_delete(&emitter);
  return ok ? HN_OK : hn_fail_memory(err);
}
