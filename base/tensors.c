#include "base/tensors.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "values are copied as little-endian");

enum { MAX_DIMS = sizeof((hn_tensor *)NULL)->shape / sizeof(size_t) };
/* The reference implementation's bound, which keeps a damaged length from asking for the moon. */
enum { MAX_HEADER = 100000000 };

typedef struct {
  char *key, *text;
} metadata;

struct hn_tensors {
  char *name; /* of the file, for messages */
  hn_tensor *items;
  size_t n_items, items_capacity;
  metadata *texts; /* keys ascend */
  size_t n_texts, texts_capacity;
};

static const struct {
  const char *name;
  size_t width;
} types[] = {[HN_TENSOR_F32] = {"F32", 4},
             [HN_TENSOR_F64] = {"F64", 8},
             [HN_TENSOR_I32] = {"I32", 4},
             [HN_TENSOR_I64] = {"I64", 8},
             [HN_TENSOR_U8] = {"U8", 1}};
enum { N_TYPES = sizeof types / sizeof *types };

static hn_status create(const char *name, hn_tensors **tensors_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_tensors *made = NULL;
  HN_NEW(made, 1, err);
  HN_DUP(made->name, name, err);
  *tensors_out = made;
  made = NULL;
done:
  hn_tensors_destroy(made);
  return status;
}

hn_status hn_tensors_create(hn_tensors **tensors_out, hn_error *err) {
  return create("model", tensors_out, err);
}

void hn_tensors_destroy(hn_tensors *t) {
  if (!t) return;
  for (size_t i = 0; i < t->n_items; i++) {
    hn_free((char *)(uintptr_t)t->items[i].name);
    hn_free((void *)(uintptr_t)t->items[i].data);
  }
  for (size_t i = 0; i < t->n_texts; i++) {
    hn_free(t->texts[i].key);
    hn_free(t->texts[i].text);
  }
  hn_free(t->items);
  hn_free(t->texts);
  hn_free(t->name);
  hn_free(t);
}

/* Bytes of a tensor; 0 and a message when they overflow or an argument is not allowed. */
static int count_bytes(hn_tensor_type type, int n_dims, const size_t *shape, size_t *n_bytes_out) {
  size_t n = types[type].width;
  for (int d = 0; d < n_dims; d++)
    if (__builtin_mul_overflow(n, shape[d], &n)) return 0;
  *n_bytes_out = n;
  return 1;
}

hn_status hn_tensors_add(hn_tensors *t, const char *name, hn_tensor_type type, int n_dims,
                         const size_t *shape, const void *data, hn_error *err) {
  hn_status status = HN_OK;
  hn_tensor made = {.type = type, .n_dims = n_dims};
  char *copied_name = NULL, *copied_data = NULL;

  if (n_dims < 0 || n_dims > MAX_DIMS || !count_bytes(type, n_dims, shape, &made.n_bytes))
    return hn_fail(err, HN_INVALID, "tensor \"%s\": %d axes, or a size that overflows", name,
                   n_dims);
  if (strcmp(name, "__metadata__") == 0 || hn_tensors_find(t, name))
    return hn_fail(err, HN_INVALID, "tensor \"%s\": the name is taken", name);
  if (n_dims > 0) memcpy(made.shape, shape, (size_t)n_dims * sizeof *shape);
  HN_GROW(t->items, t->n_items, t->items_capacity, err);
  HN_DUP(copied_name, name, err);
  copied_data = hn_alloc(made.n_bytes, 1);
  if (!copied_data) HN_TRY(hn_fail_memory(err));
  if (made.n_bytes > 0) memcpy(copied_data, data, made.n_bytes);
  made.name = copied_name;
  made.data = copied_data;
  t->items[t->n_items++] = made;
  return HN_OK;
done:
  hn_free(copied_name);
  return status;
}

/* Where key stands among the metadata, or where it would stand. */
static size_t find_text(const hn_tensors *t, const char *key, int *found) {
  size_t low = 0, high = t->n_texts;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (strcmp(t->texts[middle].key, key) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  *found = low < t->n_texts && strcmp(t->texts[low].key, key) == 0;
  return low;
}

hn_status hn_tensors_set_text(hn_tensors *t, const char *key, const char *text, hn_error *err) {
  hn_status status = HN_OK;
  metadata made = {0};
  int found;
  size_t at = find_text(t, key, &found);

  if (hn_utf8_valid_length(text, strlen(text)) != strlen(text))
    return hn_fail(err, HN_INVALID, "metadata \"%s\" is not UTF-8 text", key);
  HN_GROW(t->texts, t->n_texts, t->texts_capacity, err);
  HN_DUP(made.text, text, err);
  if (found) {
    hn_free(t->texts[at].text);
    t->texts[at].text = made.text;
    return HN_OK;
  }
  HN_DUP(made.key, key, err);
  memmove(t->texts + at + 1, t->texts + at, (t->n_texts - at) * sizeof *t->texts);
  t->texts[at] = made;
  t->n_texts++;
  return HN_OK;
done:
  hn_free(made.text);
  return status;
}

hn_status hn_tensors_merge(hn_tensors *t, const hn_tensors *from, hn_error *err) {
  hn_status status = HN_OK;
  for (size_t i = 0; i < from->n_items; i++) {
    const hn_tensor *item = &from->items[i];
    HN_TRY(hn_tensors_add(t, item->name, item->type, item->n_dims, item->shape, item->data, err));
  }
  for (size_t i = 0; i < from->n_texts; i++)
    HN_TRY(hn_tensors_set_text(t, from->texts[i].key, from->texts[i].text, err));
done:
  return status;
}

const char *hn_tensors_text(const hn_tensors *t, const char *key) {
  int found;
  size_t at = find_text(t, key, &found);
  return found ? t->texts[at].text : NULL;
}

const hn_tensor *hn_tensors_find(const hn_tensors *t, const char *name) {
  for (size_t i = 0; i < t->n_items; i++)
    if (strcmp(t->items[i].name, name) == 0) return &t->items[i];
  return NULL;
}

size_t hn_tensors_count(const hn_tensors *t) {
  return t->n_items;
}

const hn_tensor *hn_tensors_at(const hn_tensors *t, size_t i) {
  return &t->items[i];
}

hn_status hn_tensors_get(const hn_tensors *t, const char *name, hn_tensor_type type, int n_dims,
                         const hn_tensor **tensor_out, hn_error *err) {
  const hn_tensor *found = hn_tensors_find(t, name);
  if (!found) return hn_fail(err, HN_FORMAT, "%s: the tensor \"%s\" is missing", t->name, name);
  if (found->type != type || found->n_dims != n_dims)
    return hn_fail(err, HN_FORMAT, "%s: tensor \"%s\" is %s of %d axes; %s of %d are needed",
                   t->name, name, types[found->type].name, found->n_dims, types[type].name, n_dims);
  *tensor_out = found;
  return HN_OK;
}

hn_status hn_tensors_get_text(const hn_tensors *t, const char *key, const char **text_out,
                              hn_error *err) {
  const char *text = hn_tensors_text(t, key);
  if (!text) return hn_fail(err, HN_FORMAT, "%s: the metadata \"%s\" is missing", t->name, key);
  *text_out = text;
  return HN_OK;
}

/* The entry of one tensor, whose data begin at offset. */
static json_t *describe(const hn_tensor *item, size_t offset) {
  json_t *shape = json_array();
  for (int d = 0; d < item->n_dims; d++)
    json_array_append_new(shape, json_integer((json_int_t)item->shape[d]));
  return json_pack("{s:s, s:o, s:[I, I]}", "dtype", types[item->type].name, "shape", shape,
                   "data_offsets", (json_int_t)offset, (json_int_t)(offset + item->n_bytes));
}

/* The header as compact JSON, padded by spaces to a multiple of 8 bytes. */
static hn_status build_header(const hn_tensors *t, hn_buffer *out, hn_error *err) {
  hn_status status = HN_OK;
  json_t *root = json_object(), *texts = json_object();
  char *text = NULL;
  size_t offset = 0;
  int failed = 0;

  for (size_t i = 0; i < t->n_texts; i++)
    failed |= json_object_set_new(texts, t->texts[i].key, json_string(t->texts[i].text));
  if (t->n_texts > 0) failed |= json_object_set(root, "__metadata__", texts);
  for (size_t i = 0; i < t->n_items; i++) {
    failed |= json_object_set_new(root, t->items[i].name, describe(&t->items[i], offset));
    offset += t->items[i].n_bytes;
  }
  if (!failed) text = json_dumps(root, JSON_COMPACT);
  if (!text) HN_TRY(hn_fail_memory(err));
  hn_buffer_text(out, text);
  while (out->length % 8 != 0 && !out->failed) hn_buffer_byte(out, ' ');
  HN_TRY(hn_buffer_status(out, err));
done:
  free(text);
  json_decref(texts);
  json_decref(root);
  return status;
}

hn_status hn_tensors_write(const hn_tensors *t, const char *path, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer header = {0}, file = {0};
  HN_TRY(build_header(t, &header, err));
  uint64_t n_header = header.length;
  hn_buffer_append(&file, &n_header, sizeof n_header);
  hn_buffer_append(&file, header.data, header.length);
  for (size_t i = 0; i < t->n_items; i++)
    hn_buffer_append(&file, t->items[i].data, t->items[i].n_bytes);
  HN_TRY(hn_buffer_status(&file, err));
  HN_TRY(hn_file_write(path, file.data, file.length, err));
done:
  hn_buffer_free(&header);
  hn_buffer_free(&file);
  return status;
}

/* One entry of the header, checked by itself. */
typedef struct {
  const char *name;
  hn_tensor_type type;
  int n_dims;
  size_t shape[MAX_DIMS];
  size_t begin, end, order;
} entry;

/* Data order; empty tensors at one offset keep the order of the header. */
static int compare_entries(const void *a, const void *b) {
  const entry *x = a, *y = b;
  if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
  if (x->end != y->end) return x->end < y->end ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

static int get_size(const json_t *value, size_t *size_out) {
  if (!json_is_integer(value) || json_integer_value(value) < 0) return 0;
  *size_out = (size_t)json_integer_value(value);
  return 1;
}

static hn_status parse_entry(const char *file, const char *name, const json_t *value, entry *e,
                             hn_error *err) {
  const char *type = json_string_value(json_object_get(value, "dtype"));
  const json_t *shape = json_object_get(value, "shape");
  const json_t *offsets = json_object_get(value, "data_offsets");
  size_t n_bytes, known = 0;

  if (!type || !json_is_array(shape) || json_array_size(offsets) != 2 ||
      !get_size(json_array_get(offsets, 0), &e->begin) ||
      !get_size(json_array_get(offsets, 1), &e->end))
    return hn_fail(err, HN_FORMAT, "%s: tensor \"%s\" lacks dtype, shape or data_offsets", file,
                   name);
  while (known < N_TYPES && strcmp(types[known].name, type) != 0) known++;
  if (known == N_TYPES)
    return hn_fail(err, HN_UNSUPPORTED,
                   "%s: tensor \"%s\" is of type %.20s; F32, F64, I32, I64 and U8 are read", file,
                   name, type);
  if (json_array_size(shape) > MAX_DIMS)
    return hn_fail(err, HN_UNSUPPORTED, "%s: tensor \"%s\" has %zu axes; at most %d are read", file,
                   name, json_array_size(shape), MAX_DIMS);
  e->name = name;
  e->type = (hn_tensor_type)known;
  e->n_dims = (int)json_array_size(shape);
  int ok = 1;
  for (int d = 0; d < e->n_dims; d++)
    ok = ok && get_size(json_array_get(shape, (size_t)d), &e->shape[d]);
  if (!ok || !count_bytes(e->type, e->n_dims, e->shape, &n_bytes) || e->begin > e->end ||
      e->end - e->begin != n_bytes)
    return hn_fail(err, HN_FORMAT, "%s: the shape of tensor \"%s\" does not fit its data_offsets",
                   file, name);
  return HN_OK;
}

static hn_status add_texts(hn_tensors *t, json_t *texts, hn_error *err) {
  const char *key;
  json_t *value;
  json_object_foreach(texts, key, value) {
    if (!json_is_string(value))
      return hn_fail(err, HN_FORMAT, "%s: metadata \"%s\" is not text", t->name, key);
    hn_status status = hn_tensors_set_text(t, key, json_string_value(value), err);
    if (status != HN_OK) return status;
  }
  return HN_OK;
}

/* Add the entries of the header in data order; together they must cover the n bytes exactly. */
static hn_status add_entries(hn_tensors *t, json_t *root, const char *data, size_t n,
                             hn_error *err) {
  hn_status status = HN_OK;
  entry *entries = NULL;
  size_t n_entries = 0, covered = 0;
  const char *name;
  json_t *value;

  HN_NEW(entries, json_object_size(root), err);
  json_object_foreach(root, name, value) {
    if (strcmp(name, "__metadata__") == 0) {
      HN_TRY(add_texts(t, value, err));
      continue;
    }
    entries[n_entries].order = n_entries;
    HN_TRY(parse_entry(t->name, name, value, &entries[n_entries], err));
    n_entries++;
  }
  qsort(entries, n_entries, sizeof *entries, compare_entries);
  for (size_t i = 0; i < n_entries; i++) {
    const entry *e = &entries[i];
    if (e->begin != covered || e->end > n)
      HN_TRY(hn_fail(err, HN_FORMAT,
                     "%s: tensor \"%s\" lies at bytes %zu to %zu; it should begin at %zu and end "
                     "by %zu",
                     t->name, e->name, e->begin, e->end, covered, n));
    covered = e->end;
    HN_TRY(hn_tensors_add(t, e->name, e->type, e->n_dims, e->shape, data + e->begin, err));
  }
  if (covered != n)
    HN_TRY(hn_fail(err, HN_FORMAT, "%s: %zu bytes behind the last tensor", t->name, n - covered));
done:
  hn_free(entries);
  return status;
}

hn_status hn_tensors_parse(const char *name, const void *bytes, size_t n, hn_tensors **tensors_out,
                           hn_error *err) {
  hn_status status = HN_OK;
  const char *file = bytes;
  uint64_t n_header = 0;
  hn_tensors *made = NULL;
  json_t *root = NULL;

  if (n >= 8) memcpy(&n_header, file, 8);
  if (n < 8 || n_header > MAX_HEADER || n_header > n - 8)
    return hn_fail(err, HN_FORMAT, "%s: not a safetensors file, or cut short", name);
  HN_TRY(create(name, &made, err));
  HN_TRY(hn_json_parse(name, file + 8, n_header, &root, err));
  if (!json_is_object(root))
    HN_TRY(hn_fail(err, HN_FORMAT, "%s: the safetensors header is not a JSON object", name));
  HN_TRY(add_entries(made, root, file + 8 + n_header, n - 8 - n_header, err));
  *tensors_out = made;
  made = NULL;
done:
  json_decref(root);
  hn_tensors_destroy(made);
  return status;
}

hn_status hn_tensors_read(const char *path, hn_tensors **tensors_out, hn_error *err) {
  char *bytes = NULL;
  size_t n;
  hn_status status = hn_file_read(path, &bytes, &n, err);
  if (status == HN_OK) status = hn_tensors_parse(path, bytes, n, tensors_out, err);
  hn_free(bytes);
  return status;
}
