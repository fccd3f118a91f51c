/* The report of a run: one HTML file that needs nothing else, made from metrics.json. */
#ifndef HN_EVAL_REPORT_REPORT_H
#define HN_EVAL_REPORT_REPORT_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/error.h"

/* Append the page for what is borrowed for the call:
 *   metrics      the object of metrics.json, see experiments/scores.h
 *   stages       list of {stage, seconds}; may be NULL
 *   epochs       list of {model, fold, epoch, train_loss, train_accuracy, validation_loss,
 *                validation_accuracy}, fold from 0 and epoch from 1; may be NULL
 *   environment  the object of environment.json; may be NULL; only read
 * Errors: HN_FORMAT when metrics lacks "models"; HN_NO_MEMORY. */
hn_status hn_report_html(const json_t *metrics, const json_t *stages, const json_t *epochs,
                         json_t *environment, hn_buffer *out, hn_error *err);

#endif
