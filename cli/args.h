/* The command line of a command: files, flags, and options by the names they have in a study. */
#ifndef HN_CLI_ARGS_H
#define HN_CLI_ARGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/options.h"

/* A flag of a command. `value` names what it takes ("DIR"), NULL where it takes nothing. */
typedef struct {
  const char *name; /* "output" */
  char letter;      /* 'o', or 0 */
  const char *value;
  const char *help;
} hn_flag;

enum { HN_ARGS_MAX_TABLES = 4 };

/* What a command accepts. flags ends with a NULL name; --threads, --seed and --help are added. */
typedef struct {
  const char *usage;   /* "headnod fit CLASSIFIER --x X --y Y.npy -o M" */
  const char *summary; /* one line */
  const char *example;
  const hn_flag *flags;
  size_t min_files, max_files;
} hn_syntax;

/* What was given. Texts are borrowed from argv; tables are the caller's options, set in place. */
typedef struct {
  const hn_syntax *syntax;
  hn_options *tables[HN_ARGS_MAX_TABLES];
  size_t n_tables;
  const char **files;
  size_t n_files;
  const char **flag_names;
  const char **flag_values;
  size_t n_flags;
  int wants_help;
  uint64_t seed;
} hn_args;

/* Parse argv[0 … argc - 1] (without program and command); an option that is no flag is looked for
 * in the tables ("--n_estimators 500", "--n-estimators=500"). --threads is applied at once.
 * Errors: HN_INVALID, a wrong usage. */
hn_status hn_args_parse(hn_args *args, const hn_syntax *syntax, int argc, char **argv,
                        hn_error *err);
void hn_args_free(hn_args *args);
/* The last value of a flag, "" for one without value, NULL when it was not given. */
const char *hn_args_get(const hn_args *args, const char *name);
/* All values of a flag that may be repeated; *values_out has room for n_flags. */
size_t hn_args_all(const hn_args *args, const char *name, const char **values_out);
/* Usage, flags and options with the defaults in force, to stdout. */
void hn_args_print_help(const hn_args *args);

#endif
