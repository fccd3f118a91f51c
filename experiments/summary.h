/* The comparison table of a run as text: models × (accuracy with interval, macro-F1, log loss),
 * then by each slice. */
#ifndef HN_EXPERIMENTS_SUMMARY_H
#define HN_EXPERIMENTS_SUMMARY_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/error.h"

/* Append the tables for the object of metrics.json. Errors: HN_NO_MEMORY. */
hn_status hn_summary_text(const json_t *metrics, hn_buffer *out, hn_error *err);

#endif
