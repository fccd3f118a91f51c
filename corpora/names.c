#include "corpora/names.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

/* Collapse white space in place; after NFKC every kind of blank that occurs in names is ASCII. */
static void squeeze_blanks(char *text) {
  char *to = text;
  for (const char *from = text; *from; from++) {
    int is_blank = strchr(" \t\r\n\v\f", *from) != NULL;
    if (!is_blank)
      *to++ = *from;
    else if (to > text && to[-1] != ' ')
      *to++ = ' ';
  }
  if (to > text && to[-1] == ' ') to--;
  *to = 0;
}

hn_status hn_name_fold(const char *text, char **folded_out, hn_error *err) {
  utf8proc_uint8_t *mapped = NULL;
  utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text, 0, &mapped,
                                    UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPAT |
                                        UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
  if (n == UTF8PROC_ERROR_NOMEM) return hn_fail_memory(err);
  if (n < 0) return hn_fail(err, HN_FORMAT, "the name \"%.80s\" is not UTF-8", text);
  char *folded = hn_strdup((const char *)mapped);
  free(mapped);
  if (!folded) return hn_fail_memory(err);
  squeeze_blanks(folded);
  *folded_out = folded;
  return HN_OK;
}

int hn_byte_is_word(char byte) {
  unsigned char b = (unsigned char)byte;
  return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || b >= 0x80;
}

int hn_text_has_word(const char *text, const char *word) {
  size_t n = strlen(word);
  for (const char *at = text; *at; at++) {
    if (at > text && hn_byte_is_word(at[-1])) continue;
    if (strncasecmp(at, word, n) == 0 && !hn_byte_is_word(at[n])) return 1;
  }
  return 0;
}
