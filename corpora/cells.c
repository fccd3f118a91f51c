#include "corpora/cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int hn_cell_is_missing(const char *cell, const char *const *words, size_t n) {
  if (!*cell) return 1;
  for (size_t i = 0; i < n; i++)
    if (strcmp(cell, words[i]) == 0) return 1;
  return 0;
}

int hn_cell_parse_number(const char *cell, double *number_out) {
  char *end;
  /* strtod alone would also take "nan", "inf" and hexadecimal numbers. */
  if (!*cell || cell[strspn(cell, "0123456789+-.eE")]) return 0;
  double number = strtod(cell, &end);
  if (*end || !isfinite(number)) return 0;
  *number_out = number;
  return 1;
}

int hn_cell_parse_year(const char *cell, int *year_out) {
  double number;
  if (strpbrk(cell, "+-eE") || !hn_cell_parse_number(cell, &number)) return 0;
  if (number != floor(number) || number < HN_YEAR_MIN || number > HN_YEAR_MAX) return 0;
  *year_out = (int)number;
  return 1;
}

void hn_cell_quote(hn_buffer *out, const char *cell) {
  size_t n = strlen(cell), shown = n < 60 ? n : 60;
  while (shown < n && shown > 0 && ((unsigned char)cell[shown] & 0xC0) == 0x80) shown--;
  hn_buffer_byte(out, '"');
  for (size_t i = 0; i < shown; i++)
    hn_buffer_byte(out, (unsigned char)cell[i] < ' ' ? ' ' : cell[i]);
  hn_buffer_text(out, shown < n ? "…\"" : "\"");
}
