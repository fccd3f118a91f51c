/* What charts of lines have in common: an SVG in pixels, its values from 0 at the bottom to `top`.
 * Captions and labels are our own words: they are not escaped. */
#ifndef HN_EVAL_REPORT_CHART_H
#define HN_EVAL_REPORT_CHART_H

#include "base/buffer.h"

/* Where the lines lie. */
enum { HN_CHART_LEFT = 48, HN_CHART_TOP = 12, HN_CHART_WIDTH = 380, HN_CHART_HEIGHT = 190 };

double hn_chart_y(double value, double top);
/* caption stands above; label names the chart for who cannot see it. */
void hn_chart_begin(const char *caption, const char *label, hn_buffer *out);
/* Lines and numbers of round values up to top; is_share: as percent. */
void hn_chart_values(double top, int is_share, hn_buffer *out);
/* A label below; anchor as SVG's text-anchor. */
void hn_chart_below(double x, const char *anchor, const char *label, hn_buffer *out);
void hn_chart_end(hn_buffer *out);

#endif
