/* The sections of the report, each written from its part of metrics.json. */
#ifndef HN_EVAL_REPORT_SECTIONS_H
#define HN_EVAL_REPORT_SECTIONS_H

#include <jansson.h>

#include "base/buffer.h"

/* The "notes" of an object as marked paragraphs. */
void hn_report_notes(const json_t *object, hn_buffer *out);
/* "65.0 – 75.0 %" from low and high, "*" behind it where tracks were resampled, "–" where there is
 * none. */
void hn_report_interval(const json_t *object, hn_buffer *out);
/* Accuracies as a chart and a table; then the differences between models. */
void hn_report_models(const json_t *models, hn_buffer *out);
void hn_report_comparisons(const json_t *comparisons, hn_buffer *out);
/* Five cells: a difference, its interval and its three p values; and their headings. */
void hn_report_difference(const json_t *comparison, hn_buffer *out);
extern const char hn_report_difference_head[];
/* What other policies for guests change. NULL: no section. */
void hn_report_guests(const json_t *guests, hn_buffer *out);
/* One confusion matrix with its caption; all of the models, with precision, recall and F1. */
void hn_report_matrix(const json_t *matrix, const json_t *classes, const char *caption,
                      hn_buffer *out);
void hn_report_confusions(const json_t *models, const json_t *classes, hn_buffer *out);
/* Every slice of metrics. */
void hn_report_slices(const json_t *metrics, hn_buffer *out);
/* Terms by class; features by model, by impurity and by permutation. NULL: no section. */
void hn_report_words(const json_t *telling, hn_buffer *out);
void hn_report_importances(const json_t *importances, hn_buffer *out);
void hn_report_permutations(const json_t *importances, hn_buffer *out);
/* The epochs of the networks and their searches for a learning rate, see hn_report_parts. No
 * epochs: no section. */
void hn_report_curves(const json_t *epochs, const json_t *rates, hn_buffer *out);
/* The figure of a model's searches; nothing where it made none. */
void hn_report_rates(const json_t *rates, const char *model, hn_buffer *out);
/* What was left out, skipped and cleaned; then how the run was made (either may be NULL). */
void hn_report_audit(const json_t *metrics, hn_buffer *out);
void hn_report_environment(const json_t *stages, json_t *environment, hn_buffer *out);

#endif
