/* JSON Lines (an object a line) as a table. */
#ifndef HN_CORPORA_JSON_LINES_H
#define HN_CORPORA_JSON_LINES_H

#include <stddef.h>

#include "base/error.h"
#include "base/table.h"
#include "corpora/importer.h"

/* Read the text of a file (cut up in place) as a table with a column for each key that occurs, in
 * the order of first occurrence: texts as they are, numbers, true and false as JSON writes them,
 * null and what lacks the key as an empty cell, a list as its texts joined by ';', anything deeper
 * as an empty cell. A line that is no object becomes a problem of the import.
 *   lines_out  (rows) the line of each row, from 1; owned by the caller, hn_free
 * Errors: HN_FORMAT when there is no key at all; HN_NO_MEMORY. */
hn_status hn_import_json_lines(hn_import *import, const char *path, char *text,
                               hn_table **table_out, size_t **lines_out, hn_error *err);

#endif
