/* Building blocks of the report's page. */
#ifndef HN_EVAL_REPORT_HTML_H
#define HN_EVAL_REPORT_HTML_H

#include <jansson.h>

#include "base/buffer.h"

/* Text with &, <, > and quotes escaped. NULL gives nothing. */
void hn_html_text(hn_buffer *out, const char *text);
/* A number from an object: "0.731", or "–" where it is missing or null. */
void hn_html_number(hn_buffer *out, const json_t *object, const char *key, int digits);
/* A share as percent: "73.1 %". */
void hn_html_percent(hn_buffer *out, const json_t *object, const char *key);
/* The page's beginning with its style sheet, and its end. */
void hn_html_begin(hn_buffer *out, const char *title);
void hn_html_end(hn_buffer *out);

/* Shorthands over jansson; absent things give "" and 0. */
const char *hn_json_text_of(const json_t *object, const char *key);
double hn_json_number_of(const json_t *object, const char *key); /* NaN where absent */

#endif
