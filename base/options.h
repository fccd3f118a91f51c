/* Options described as data: one table of names, types, defaults and ranges serves a study's keys,
 * the command line (--n_estimators 500), the help with live defaults, and the text saved with a
 * model. A value travels as text; lists are separated by commas. */
#ifndef HN_BASE_OPTIONS_H
#define HN_BASE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum {
  HN_OPTION_INT,    /* 500 */
  HN_OPTION_REAL,   /* 0.001 */
  HN_OPTION_COUNT,  /* 2 (a count) or 0.5 (a fraction: written with a point) */
  HN_OPTION_BOOL,   /* true, false */
  HN_OPTION_CHOICE, /* one of `choices` */
  HN_OPTION_TEXT,   /* anything */
  HN_OPTION_INTS,   /* 16,32,64 */
  HN_OPTION_REALS   /* 30,75 */
} hn_option_type;

typedef struct {
  const char *name; /* as scikit-learn or librosa calls it */
  hn_option_type type;
  const char *default_text; /* "none" where none_allowed */
  double min, max;     /* of numbers, of counts (a fraction is 0 … 1), of each list element */
  int none_allowed;    /* "none" is a value */
  const char *choices; /* HN_OPTION_CHOICE: "gini|entropy"; else extra words that a number may
                          be ("sqrt|log2"), or NULL */
  const char *help;    /* one line, with the unit */
} hn_option_spec;

/* Values for one table of specs (borrowed, usually static). Const use is thread-safe. */
typedef struct hn_options hn_options;

/* All defaults. specs ends with a name of NULL. Errors: HN_NO_MEMORY. */
hn_status hn_options_create(const hn_option_spec *specs, hn_options **options_out, hn_error *err);
void hn_options_destroy(hn_options *options);
hn_status hn_options_copy(const hn_options *options, hn_options **copy_out, hn_error *err);
/* The spec of a name ('-' and '_' alike), or NULL. */
const hn_option_spec *hn_option_find(const hn_option_spec *specs, const char *name);
/* Set one from text. Errors: HN_INVALID naming the option, the value found and what is allowed;
 * an unknown name lists the known ones. */
hn_status hn_options_set(hn_options *options, const char *name, const char *text, hn_error *err);
const hn_option_spec *hn_options_specs(const hn_options *options);

/* The value in force as text, normalised ("1,2", "true", "none"). Borrowed. */
const char *hn_options_text(const hn_options *options, const char *name);
/* Typed access; asking for a name or a type that the table lacks is our own bug (assert). */
int hn_options_is_none(const hn_options *options, const char *name);
/* Was it set at all, or is it the default? */
int hn_options_is_set(const hn_options *options, const char *name);
int64_t hn_options_int(const hn_options *options, const char *name);
double hn_options_real(const hn_options *options, const char *name);
int hn_options_bool(const hn_options *options, const char *name);
/* Is the value this word (a choice, "sqrt", "none")? */
int hn_options_is(const hn_options *options, const char *name, const char *word);
/* A count or fraction of n: counts as they are, fractions times n (not rounded). */
double hn_options_count(const hn_options *options, const char *name, double n);
/* List elements; *values borrowed. */
size_t hn_options_list(const hn_options *options, const char *name, const double **values);

#endif
