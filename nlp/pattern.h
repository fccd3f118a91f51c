/* Regular expressions over UTF-8: PCRE2 with its JIT compiler, and a translation from the dialect
 * of Python's `re`. '\n' alone ends a line. A compiled pattern is const and can be shared between
 * threads; each thread has its own hn_match. */
#ifndef HN_NLP_PATTERN_H
#define HN_NLP_PATTERN_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "nlp/text.h"

typedef struct hn_pattern hn_pattern;
typedef struct hn_match hn_match;

/* Compile PCRE2 syntax, '^' and '$' at every line when multiline is set. Errors: HN_INVALID naming
 * the pattern, the offset and what is wrong there; HN_NO_MEMORY. */
hn_status hn_pattern_create(const char *pattern, int multiline, hn_pattern **pattern_out,
                            hn_error *err);
void hn_pattern_destroy(hn_pattern *pattern);
/* Capture groups, the whole match not counted. */
unsigned hn_pattern_n_groups(const hn_pattern *pattern);

/* Room for the results of any pattern: the whole match and its first group.
 * Errors: HN_NO_MEMORY. */
hn_status hn_match_create(hn_match **match_out, hn_error *err);
void hn_match_destroy(hn_match *match);

#define HN_NO_OFFSET ((size_t)-1)

/* Find the first match in well-formed text at or behind `from`; not_empty: an empty match at `from`
 * itself does not count. *found_out is 0 or 1; groups_out holds the whole match and group 1
 * (start HN_NO_OFFSET when it took no part), and is untouched without a match. Errors: HN_INVALID
 * when the pattern backtracks past PCRE2's limits; HN_NO_MEMORY. */
hn_status hn_pattern_find(const hn_pattern *pattern, hn_match *match, const char *text, size_t n,
                          size_t from, int not_empty, hn_range groups_out[2], int *found_out,
                          hn_error *err);

/* Append to out the PCRE2 pattern that matches what `pattern` matches in Python's re (str
 * patterns). \w, \s, \d, \b and their opposites are written out, since their meaning changes
 * between versions of PCRE2; \W, \S and \D inside a class, which cannot be, keep PCRE2's meaning.
 * Also \Z, \uXXXX, {,n} and the flag (?u). Errors: HN_NO_MEMORY. */
hn_status hn_pattern_from_python(const char *pattern, hn_buffer *out, hn_error *err);

#endif
