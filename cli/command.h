/* The commands of the program; each file command_<name>.c holds one: it parses and calls. */
#ifndef HN_CLI_COMMAND_H
#define HN_CLI_COMMAND_H

#include "cli/args.h"

/* Exit statuses. */
enum { HN_EXIT_DONE = 0, HN_EXIT_FAILED = 1, HN_EXIT_USAGE = 2 };

/* argv without program and command. Returns an exit status. */
typedef int hn_command_function(int argc, char **argv);

hn_command_function hn_command_apply, hn_command_audit, hn_command_clean, hn_command_cluster,
    hn_command_demo, hn_command_describe, hn_command_evaluate, hn_command_feature, hn_command_fit,
    hn_command_fuse, hn_command_import, hn_command_importance, hn_command_language, hn_command_mel,
    hn_command_predict, hn_command_report, hn_command_run, hn_command_vectorize;

/* Parse, print help or a usage error. Returns 1 when the command goes on, else 0 with the exit
 * status set. */
int hn_command_begin(hn_args *args, const hn_syntax *syntax, int argc, char **argv,
                     int *exit_status);
/* Print the message of a failure to stderr; the exit status of `status`. */
int hn_command_end(hn_status status, const hn_error *err);
/* The value of a flag that must be given: NULL after printing the usage error. */
const char *hn_command_require(const hn_args *args, const char *name);

#endif
