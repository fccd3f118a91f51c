#include "corpora/detect.h"

#include "base/file.h"
#include "base/memory.h"

#include <string.h>

/* Room for any header line. */
enum { BEGINNING = 1 << 16 };

/* Is "track_id" a cell of this header line? */
static int has_id_column(const char *line, const char *end) {
  static const char name[] = "track_id";
  const size_t n = sizeof name - 1;
  while (line < end) {
    const char *comma = memchr(line, ',', (size_t)(end - line));
    const char *cell_end = comma ? comma : end;
    const char *cell = line, *last = cell_end;
    while (cell < last && strchr(" \t\r\"", *cell)) cell++;
    while (last > cell && strchr(" \t\r\"", last[-1])) last--;
    if ((size_t)(last - cell) == n && memcmp(cell, name, n) == 0) return 1;
    line = comma ? comma + 1 : end;
  }
  return 0;
}

hn_status hn_corpus_detect_bytes(const char *name, const char *bytes, size_t n,
                                 hn_corpus_format *format_out, hn_error *err) {
  const char *at = bytes, *end = bytes + n;
  if (n >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) at += 3;
  while (at < end && memchr(" \t\r\n", *at, 4)) at++;
  const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
  if (at < end && *at == '{') {
    *format_out = HN_CORPUS_JSON_LINES;
  } else if (at < end && (*at == '%' || *at == '#')) {
    *format_out = HN_CORPUS_BAGS;
  } else if (at < end && has_id_column(at, newline ? newline : end)) {
    *format_out = HN_CORPUS_MANIFEST;
  } else {
    return hn_fail(err, HN_UNSUPPORTED,
                   "%s is none of the corpus files that headnod reads: a manifest (CSV with a "
                   "column track_id), a bag of words (musiXmatch layout, with a line of words that "
                   "begins with %%), JSON Lines (an object a line)",
                   name);
  }
  return HN_OK;
}

hn_status hn_corpus_detect(const char *path, hn_corpus_format *format_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_file_reader *file = NULL;
  char *bytes = NULL;
  size_t n;
  if (hn_file_is_stream(path)) {
    *format_out = HN_CORPUS_JSON_LINES;
    return HN_OK;
  }
  HN_TRY(hn_file_reader_open(path, &file, err));
  HN_NEW(bytes, BEGINNING, err);
  HN_TRY(hn_file_reader_read(file, bytes, BEGINNING, &n, err));
  status = hn_corpus_detect_bytes(path, bytes, n, format_out, err);
done:
  hn_file_reader_close(file);
  hn_free(bytes);
  return status;
}
