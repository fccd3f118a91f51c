/* Notes: the sentences that stand at the head of a run's table and report. */
#ifndef HN_EXPERIMENTS_NOTES_H
#define HN_EXPERIMENTS_NOTES_H

#include <jansson.h>

#include "base/error.h"

/* Append a sentence to the list "notes" of an object, which must have one. Errors: HN_NO_MEMORY. */
hn_status hn_note(json_t *object, hn_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
