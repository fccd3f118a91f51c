/* A run: one study from its songs to its report. */
#ifndef HN_EXPERIMENTS_RUNNER_H
#define HN_EXPERIMENTS_RUNNER_H

#include <jansson.h>
#include <stdio.h>

#include "base/error.h"
#include "experiments/study.h"

/* A new run. output: the run folder, or NULL for runs/<name>-<UTC time>. messages (may be NULL)
 * gets progress and a line a stage. on_folder (may be NULL) is told the run folder before anything
 * long begins: from then on the run can be resumed.
 * metrics_out (may be NULL) gets what metrics.json holds; the caller owns it, and *folder_out (may
 * be NULL), the folder's path. Errors: those of every stage;
 * when no fold was trained yet, nothing of the run is left behind. */
hn_status hn_run_study(const hn_study *study, const char *output, FILE *messages,
                       void (*on_folder)(const char *path), json_t **metrics_out, char **folder_out,
                       hn_error *err);

/* Go on with an interrupted run: what its folder holds already is not computed again, and the
 * predictions are those of an uninterrupted one, byte for byte. Errors also: HN_INVALID when the
 * inputs have changed since. */
hn_status hn_run_resume(const char *folder, FILE *messages, void (*on_folder)(const char *path),
                        json_t **metrics_out, hn_error *err);

/* Write report.html from the folder's metrics.json, environment.json and log.jsonl. Errors:
 * HN_INVALID for a run that is not finished; HN_IO, HN_FORMAT of these files. */
hn_status hn_run_report(const char *folder, hn_error *err);

#endif
