#include "corpora/genius_salvage.h"

#include <string.h>

/* Behind the '[' of the list of songs, or n. */
static size_t find_list(const char *bytes, size_t n) {
  static const char *const keys[] = {"\"songs\"", "\"tracks\""};
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
    const char *key = memmem(bytes, n, keys[k], strlen(keys[k]));
    if (!key) continue;
    size_t at = (size_t)(key - bytes) + strlen(keys[k]);
    while (at < n && memchr(" \t\r\n:", bytes[at], 5)) at++;
    if (at < n && bytes[at] == '[') return at + 1;
  }
  size_t at = 0;
  while (at < n && memchr(" \t\r\n", bytes[at], 4)) at++;
  return at < n && bytes[at] == '[' ? at + 1 : n;
}

/* Behind the '}' that closes the '{' at start, or n. */
static size_t find_end(const char *bytes, size_t n, size_t start) {
  size_t depth = 0;
  int in_string = 0;
  for (size_t at = start; at < n; at++) {
    char byte = bytes[at];
    if (in_string) {
      if (byte == '\\')
        at++;
      else if (byte == '"' || byte == '\n') /* JSON has no line break inside a string */
        in_string = 0;
    } else if (byte == '"') {
      in_string = 1;
    } else if (byte == '{') {
      depth++;
    } else if (byte == '}' && --depth == 0) {
      return at + 1;
    }
  }
  return n;
}

static size_t count_lines(const char *bytes, size_t from, size_t to) {
  size_t n = 0;
  for (; from < to; from++) n += bytes[from] == '\n';
  return n;
}

int hn_genius_next_song(const char *bytes, size_t n, hn_genius_cursor *cursor,
                        hn_genius_song *song_out) {
  size_t at = cursor->at ? cursor->at : find_list(bytes, n);
  while (at < n && bytes[at] != '{' && bytes[at] != ']') at++;
  if (at >= n || bytes[at] == ']') return 0;
  size_t end = find_end(bytes, n, at);
  *song_out =
      (hn_genius_song){at, end - at, cursor->n_lines + count_lines(bytes, cursor->at, at) + 1};
  cursor->n_lines = song_out->line - 1 + count_lines(bytes, at, end);
  cursor->at = end;
  return 1;
}
