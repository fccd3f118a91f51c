/* What the cells of a manifest mean: missing words, years, decimal numbers. */
#ifndef HN_CORPORA_CELLS_H
#define HN_CORPORA_CELLS_H

#include <stddef.h>

#include "base/buffer.h"

/* Is the trimmed cell empty or one of n words? */
int hn_cell_is_missing(const char *cell, const char *const *words, size_t n);

#define HN_YEAR_MIN 1000
#define HN_YEAR_MAX 2100
/* A whole year from HN_YEAR_MIN to HN_YEAR_MAX; "1994.0" is one too, because spreadsheets and
 * pandas write it so in a column with missing cells. 1 and *year_out, or 0. */
int hn_cell_parse_year(const char *cell, int *year_out);

/* A finite decimal number that fills the cell, point as decimal mark. 1 and *number_out, or 0. */
int hn_cell_parse_number(const char *cell, double *number_out);

/* Append a cell to a message in quotes: at most 60 bytes on one line, cut between characters. */
void hn_cell_quote(hn_buffer *out, const char *cell);

#endif
