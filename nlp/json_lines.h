/* Texts out of JSON Lines files, an object a line: {"id": …, "text": …}. A file is read in batches
 * whose lines are parsed by all threads, so that memory does not grow with it. */
#ifndef HN_NLP_JSON_LINES_H
#define HN_NLP_JSON_LINES_H

#include <stddef.h>

#include "base/error.h"
#include "nlp/text.h"

typedef struct hn_json_lines hn_json_lines;

/* Open a file, plain or gzip, or "-", standard input; it is read once. replace_invalid: lines may
 * hold invalid UTF-8, which then stands in the texts too. Errors: HN_IO, HN_NO_MEMORY. */
hn_status hn_json_lines_open(const char *path, int replace_invalid, hn_json_lines **lines_out,
                             hn_error *err);
/* The "text" of the next lines, in their order, as many as a few megabytes hold; blank lines are
 * passed over. *n_out 0: the file has ended. *texts_out is borrowed until the next call. Errors:
 * HN_IO; HN_FORMAT naming file, line and column or byte, of the first line that is not such an
 * object or not valid UTF-8. Duplicate keys are refused, as is \u0000. */
hn_status hn_json_lines_next(hn_json_lines *lines, const hn_text **texts_out, size_t *n_out,
                             hn_error *err);
void hn_json_lines_close(hn_json_lines *lines);

#endif
