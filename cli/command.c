#include "cli/command.h"

#include <stdio.h>

int hn_command_begin(hn_args *args, const hn_syntax *syntax, int argc, char **argv,
                     int *exit_status) {
  hn_error err = {0};
  if (hn_args_parse(args, syntax, argc, argv, &err) != HN_OK) {
    fprintf(stderr, "headnod: %s\n", err.message);
    *exit_status = HN_EXIT_USAGE;
    return 0;
  }
  if (args->wants_help) {
    hn_args_print_help(args);
    *exit_status = HN_EXIT_DONE;
    return 0;
  }
  return 1;
}

int hn_command_end(hn_status status, const hn_error *err) {
  if (status == HN_OK) return HN_EXIT_DONE;
  fprintf(stderr, "headnod: %s\n", err->message);
  return HN_EXIT_FAILED;
}

const char *hn_command_require(const hn_args *args, const char *name) {
  const char *value = hn_args_get(args, name);
  if (!value) fprintf(stderr, "headnod: --%s is missing; usage: %s\n", name, args->syntax->usage);
  return value;
}
