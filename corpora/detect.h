/* What kind of corpus file is this? For commands that take any of them. */
#ifndef HN_CORPORA_DETECT_H
#define HN_CORPORA_DETECT_H

#include <stddef.h>

#include "base/error.h"

typedef enum {
  HN_CORPUS_MANIFEST,   /* CSV whose header has the column track_id */
  HN_CORPUS_BAGS,       /* begins with '#' or '%' */
  HN_CORPUS_JSON_LINES, /* begins with '{' */
} hn_corpus_format;

/* Tell by content, not by name; gzip is looked into. Errors: HN_IO; HN_UNSUPPORTED for anything
 * else, naming the three. Only the beginning is read. What can be read only once, a pipe or "-", is
 * left alone and taken for JSON Lines. */
hn_status hn_corpus_detect(const char *path, hn_corpus_format *format_out, hn_error *err);
/* The same from memory (not gzip); name stands for the path in messages. */
hn_status hn_corpus_detect_bytes(const char *name, const char *bytes, size_t n,
                                 hn_corpus_format *format_out, hn_error *err);

#endif
