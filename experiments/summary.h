/* A run as text for a terminal: a line that says how much was left out, the notes, models ×
 * (accuracy with interval, training accuracy, macro-F1, log loss), each slice with intervals, the
 * differences between models, the clusters. */
#ifndef HN_EXPERIMENTS_SUMMARY_H
#define HN_EXPERIMENTS_SUMMARY_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/error.h"

/* Append that for the object of metrics.json, see experiments/scores.h. Errors: HN_NO_MEMORY. */
hn_status hn_summary_text(const json_t *metrics, hn_buffer *out, hn_error *err);

#endif
