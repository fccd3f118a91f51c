/* JSON files through jansson, with errors that name file, line and column. */
#ifndef HN_BASE_JSON_H
#define HN_BASE_JSON_H

#include <stddef.h>

#include <jansson.h>

#include "base/error.h"

/* Parse a file (one value; duplicate keys are an error). The caller owns *value_out. Errors: HN_IO,
 * HN_FORMAT. */
hn_status hn_json_read(const char *path, json_t **value_out, hn_error *err);
/* The same from memory; name stands for the path in messages. */
hn_status hn_json_parse(const char *name, const char *bytes, size_t n, json_t **value_out,
                        hn_error *err);
/* Write atomically, indented by two, keys in the order they were set, reals with the 17 digits that
 * bring them back bit for bit. A real that is not finite cannot come here: json_real refuses it.
 * Errors: HN_IO; HN_INVALID for a value that holds itself. */
hn_status hn_json_write(const char *path, const json_t *value, hn_error *err);

/* Building: set a key of an object, append to a list. item is taken over in any case; NULL stands
 * for a failed constructor. Errors: HN_NO_MEMORY. */
hn_status hn_json_set(json_t *object, const char *key, json_t *item, hn_error *err);
hn_status hn_json_append(json_t *list, json_t *item, hn_error *err);
/* A real, or null where it is not finite. NULL: out of memory. */
json_t *hn_json_real(double value);
/* A text, or null for NULL; bytes that are not UTF-8, as in the path of a file, become "?". NULL:
 * out of memory. */
json_t *hn_json_text(const char *text);

#endif
