/* The rules of cleaning: what each looks for. hn_cleaner (nlp/clean.h) runs them. */
#ifndef HN_NLP_CLEAN_RULES_H
#define HN_NLP_CLEAN_RULES_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "nlp/text.h"

/* Find the next range at or behind `from` that the rule changes, and append what stands there
 * instead to replacement (empty). *found_out is 0 when there is none. Errors: HN_NO_MEMORY. */
typedef hn_status hn_clean_finder(const char *text, size_t n, size_t from, hn_range *range_out,
                                  hn_buffer *replacement, int *found_out, hn_error *err);

typedef struct {
  const char *pattern;     /* PCRE2, ^ and $ at every line; NULL: `find` looks itself */
  const char *replacement; /* of a pattern's match; NULL: nothing */
  hn_clean_finder *find;
  int whole_line; /* a line of which nothing else is left goes with its line break */
} hn_clean_rule;

/* The finder of expand_repeats (nlp/clean_repeats.c). A mark with a number ("[Hook: repeat 2x]")
 * says how often its lines are sung; a mark without lines stands for those of the last section of
 * its kind, once if it is a chorus, else as often as it says; "(x4)" at the end of a line says how
 * often the line is sung. Numbers above 20 and marks that stand for nothing are left as they are.
 */
hn_clean_finder hn_clean_find_repeat;

/* In the order of hn_clean_options. */
extern const hn_clean_rule hn_clean_rules[];

#endif
