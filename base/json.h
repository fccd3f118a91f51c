/* JSON files through jansson, with errors that name file, line and column. */
#ifndef HN_BASE_JSON_H
#define HN_BASE_JSON_H

#include <jansson.h>

#include "base/error.h"

/* Parse a file (one value; duplicate keys are an error). The caller owns *value_out. Errors: HN_IO,
 * HN_FORMAT. */
hn_status hn_json_read(const char *path, json_t **value_out, hn_error *err);
/* Write atomically, indented by two, keys in the order they were set, reals with 17 digits.
 * Errors: HN_IO, HN_INVALID (a real that is not finite). */
hn_status hn_json_write(const char *path, const json_t *value, hn_error *err);

#endif
