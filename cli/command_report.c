/* headnod report: report.html of a run, made again from its metrics.json. */
#include "cli/command.h"

#include "experiments/runner.h"

#include <stdio.h>

static const hn_flag flags[] = {{NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {"headnod report RUN",
                                 "Build report.html of a run again.",
                                 "headnod report runs/demo-20260101T120000Z",
                                 flags,
                                 1,
                                 1};

int hn_command_report(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  int exit_status;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    exit_status = hn_command_end(hn_run_report(args.files[0], &err), &err);
    if (exit_status == HN_EXIT_DONE) printf("%s/report.html\n", args.files[0]);
  }
  hn_args_free(&args);
  return exit_status;
}
