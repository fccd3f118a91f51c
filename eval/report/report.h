/* The report of a run: one HTML file that needs nothing else, made from metrics.json. */
#ifndef HN_EVAL_REPORT_REPORT_H
#define HN_EVAL_REPORT_REPORT_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/error.h"

/* What a report is made of; borrowed, and all but metrics may be NULL. */
typedef struct {
  const json_t *metrics; /* the object of metrics.json, see experiments/scores.h */
  const json_t *stages;  /* list of {stage, seconds} */
  const json_t *epochs;  /* list of {model, fold, epoch, train_loss, train_accuracy,
                            validation_loss, validation_accuracy}, fold from 0 and epoch from 1 */
  const json_t *rates;   /* list of {model, fold, learning_rate, rates, losses}, the last two lists
                            of numbers: the search for a learning rate before those epochs */
  json_t *environment;   /* the object of environment.json; only read */
} hn_report_parts;

/* Append the page. Errors: HN_FORMAT when metrics lacks "models"; HN_NO_MEMORY. */
hn_status hn_report_html(const hn_report_parts *parts, hn_buffer *out, hn_error *err);

#endif
