/* The scanner must agree with jansson on every file: which lines are refused, and the texts. */
#include "tests/fuzz.h"

#include <jansson.h>
#include <string.h>

#include "base/buffer.h"
#include "nlp/json_lines.h"

/* Append the texts, a 0 behind each; 1 if all lines have one. */
static int read_slowly(const char *bytes, size_t n, hn_buffer *out) {
  size_t at = n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  for (size_t length; at < n; at += length + 1) {
    const char *newline = memchr(bytes + at, '\n', n - at);
    length = newline ? (size_t)(newline - bytes) - at : n - at;
    size_t blank = 0;
    while (blank < length && memchr(" \t\r", bytes[at + blank], 3)) blank++;
    if (blank == length) continue;
    json_t *value = json_loadb(bytes + at, length, JSON_REJECT_DUPLICATES, NULL);
    const json_t *text = json_object_get(value, "text");
    int found = json_is_string(text);
    if (found) hn_buffer_append(out, json_string_value(text), json_string_length(text) + 1);
    json_decref(value);
    if (!found) return 0;
  }
  return 1;
}

/* The same through the file `path`. */
static int read_fast(const char *path, hn_buffer *out) {
  hn_json_lines *lines = NULL;
  const hn_text *texts;
  size_t n;
  hn_error err = {0};
  hn_status status = hn_json_lines_open(path, 0, &lines, &err);
  while (status == HN_OK && (status = hn_json_lines_next(lines, &texts, &n, &err)) == HN_OK) {
    for (size_t i = 0; i < n; i++) {
      hn_buffer_append(out, texts[i].bytes, texts[i].n);
      hn_buffer_byte(out, 0);
    }
    if (n == 0) break;
  }
  hn_json_lines_close(lines);
  require(status == HN_OK || err.message[0]);
  return status == HN_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
  char path[32];
  hn_buffer slow = {0}, fast = {0};
  if (n >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B) return 0; /* gzip, which jansson is not */
  FILE *file = tmpfile();
  require(file && fwrite(bytes, 1, n, file) == n && fflush(file) == 0);
  snprintf(path, sizeof path, "/dev/fd/%d", fileno(file));
  int is_good = read_slowly((const char *)bytes, n, &slow);
  require(read_fast(path, &fast) == is_good);
  if (is_good) require(fast.length == slow.length);
  if (is_good && fast.length > 0) require(memcmp(fast.data, slow.data, fast.length) == 0);
  hn_buffer_free(&fast);
  hn_buffer_free(&slow);
  fclose(file);
  return 0;
}
