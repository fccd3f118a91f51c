/* Progress of long work on stderr: a bar with rate and time left on a terminal, one line a stage
 * elsewhere. Libraries take an hn_progress that may be NULL and only count; they never print. */
#ifndef HN_BASE_PROGRESS_H
#define HN_BASE_PROGRESS_H

#include <stddef.h>
#include <stdio.h>

typedef struct hn_progress hn_progress;

/* Begin a stage of `total` units ("songs", "trees"; 0: unknown) on stream (NULL: stay silent).
 * NULL when out of memory, which every function below accepts. */
hn_progress *hn_progress_create(FILE *stream, const char *stage, const char *unit, size_t total);
/* n more units are done. Thread-safe; redraws at most ten times a second. */
void hn_progress_advance(hn_progress *progress, size_t n);
/* Count from here on in another unit, of which `total` lie ahead: for work whose size only shows on
 * the way, or that has parts. The rate is that since then. Thread-safe. */
void hn_progress_restart(hn_progress *progress, const char *unit, size_t total);
/* Show a short text behind the bar (loss, fold); copied. Thread-safe. */
void hn_progress_note(hn_progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* End the stage: the final line with its time. Frees progress. */
void hn_progress_destroy(hn_progress *progress);

#endif
