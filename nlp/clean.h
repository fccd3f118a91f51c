/* Cleaning scraped lyrics: named rules take away what is no part of the song, and say so. The rules
 * run in a fixed order over UTF-8 text; none of them touches a word that is sung. */
#ifndef HN_NLP_CLEAN_H
#define HN_NLP_CLEAN_H

#include <stddef.h>

#include "base/error.h"
#include "base/options.h"

/* One switch a rule, in the order in which they run; off by default where a rule could hit words
 * of the song or, invalid_utf8, hides a broken file. */
extern const hn_option_spec hn_clean_options[];

/* The rules, numbered as in hn_clean_options. */
size_t hn_clean_n_rules(void);
const char *hn_clean_rule_name(size_t rule);

typedef struct hn_cleaner hn_cleaner;

/* Compile the rules that are switched on. A cleaner is const: threads may share it. Errors:
 * HN_NO_MEMORY. */
hn_status hn_cleaner_create(const hn_options *options, hn_cleaner **cleaner_out, hn_error *err);
void hn_cleaner_destroy(hn_cleaner *cleaner);

/* Bytes offset … offset + length - 1 of the original gave way to bytes text_offset … of the cleaned
 * text (text_length 0: nothing). A length of 0 is an insertion. */
typedef struct {
  size_t rule;
  size_t offset, length;
  size_t text_offset, text_length;
} hn_clean_span;

typedef struct {
  size_t n_matches; /* how often the rule applied */
  size_t n_bytes;   /* bytes of the original that its spans cover */
} hn_clean_count;

/* Start from {0}. Owns all. */
typedef struct {
  char *text; /* n bytes with a 0 behind */
  size_t n;
  hn_clean_span *spans; /* ascending and disjoint: with them, text gives the original's other bytes
                           and the original gives text */
  size_t n_spans, span_capacity;
  hn_clean_count *counts; /* (hn_clean_n_rules()) */
} hn_cleaned;

/* Clean a text. Errors: HN_FORMAT for invalid UTF-8, naming the byte, unless invalid_utf8 is on;
 * HN_NO_MEMORY. Thread-safe. O(n) for each rule. */
hn_status hn_cleaner_apply(const hn_cleaner *cleaner, const char *text, size_t n,
                           hn_cleaned *cleaned_out, hn_error *err);
void hn_cleaned_free(hn_cleaned *cleaned);

#endif
