/* The folder of a run, complete or resumable at every moment: files appear whole, events are
 * appended to log.jsonl a line at a time. */
#ifndef HN_EXPERIMENTS_RUN_FOLDER_H
#define HN_EXPERIMENTS_RUN_FOLDER_H

#include <jansson.h>
#include <stdio.h>

#include "base/error.h"

typedef struct {
  char *path;
  FILE *log;
  int is_ours; /* made by hn_run_folder_create, not found empty */
} hn_run_folder;

/* A new folder: `given` (-o; made, or an existing empty one), or runs/<name>-<UTC time> when NULL.
 * Errors: HN_INVALID when given holds anything already; HN_IO. */
hn_status hn_run_folder_create(const char *given, const char *name, hn_run_folder *folder_out,
                               hn_error *err);
/* An existing one, to go on with; what was left half written is removed. Errors: HN_IO, HN_INVALID
 * when it holds no study.yaml. */
hn_status hn_run_folder_open(const char *path, hn_run_folder *folder_out, hn_error *err);
void hn_run_folder_close(hn_run_folder *folder);
/* For a new run that failed: when no fold was trained there is nothing to go on with, and what was
 * written is taken away, so that the same command works once its cause is mended. */
void hn_run_folder_discard(const hn_run_folder *folder);

/* folder/<formatted name>; NULL: out of memory. The caller owns it. */
char *hn_run_path(const char *folder, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Make folder/<name> and its parents. */
hn_status hn_run_make(const char *folder, const char *name, hn_error *err);

/* Append one event: a line of JSON with "time" (UTC) and "event" in front of `fields` (an object,
 * taken over in any case; NULL is out of memory). A log that cannot be written is an error: an
 * audit trail has no holes. */
hn_status hn_run_log(hn_run_folder *folder, const char *event, json_t *fields, hn_error *err);
/* The events of a kind in folder/log.jsonl, as they were logged, in their order. Without a log the
 * list is empty; lines that are no JSON are passed over. The caller owns it. */
hn_status hn_run_events(const char *folder, const char *event, json_t **list_out, hn_error *err);
/* What the events "stage" of folder/log.jsonl say: a list of {stage, seconds}, each stage once, in
 * the order of their first end; the seconds are those of all sessions of a resumed run. The caller
 * owns it. */
hn_status hn_run_stages(const char *folder, json_t **stages_out, hn_error *err);

#endif
