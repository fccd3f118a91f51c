#include "eval/report/chart.h"

#include <math.h>

double hn_chart_y(double value, double top) {
  return HN_CHART_TOP + HN_CHART_HEIGHT * (1 - value / top);
}

void hn_chart_begin(const char *caption, const char *label, hn_buffer *out) {
  hn_buffer_format(out,
                   "<figure><figcaption>%s</figcaption><svg viewBox=\"0 0 %d %d\" width=\"%d\" "
                   "role=\"img\" aria-label=\"%s\">",
                   caption, HN_CHART_LEFT + HN_CHART_WIDTH + 12,
                   HN_CHART_TOP + HN_CHART_HEIGHT + 26, HN_CHART_LEFT + HN_CHART_WIDTH + 12, label);
}

/* Of 1, 2 or 5 times a power of ten, the step that cuts `top` into two to five parts. */
static double tick_step(double top) {
  static const double steps[] = {1, 2, 5};
  double power = pow(10, floor(log10(top)) - 1);
  for (;; power *= 10)
    for (size_t i = 0; i < 3; i++)
      if (top / (steps[i] * power) <= 5) return steps[i] * power;
}

void hn_chart_values(double top, int is_share, hn_buffer *out) {
  const double step = is_share ? 0.25 : tick_step(top);
  for (double tick = 0; tick <= top * (1 + 1e-9); tick += step)
    hn_buffer_format(out,
                     "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"var(--line)\"/>"
                     "<text class=\"soft\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.4g%s</text>",
                     HN_CHART_LEFT, HN_CHART_LEFT + HN_CHART_WIDTH, hn_chart_y(tick, top),
                     hn_chart_y(tick, top), HN_CHART_LEFT - 6, hn_chart_y(tick, top) + 4,
                     is_share ? 100 * tick : tick, is_share ? " %" : "");
}

void hn_chart_below(double x, const char *anchor, const char *label, hn_buffer *out) {
  hn_buffer_format(out, "<text class=\"soft\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>", x,
                   HN_CHART_TOP + HN_CHART_HEIGHT + 18, anchor, label);
}

void hn_chart_end(hn_buffer *out) {
  hn_buffer_text(out, "</svg></figure>\n");
}
