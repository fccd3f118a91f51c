#include "eval/report/html.h"

#include <math.h>

void hn_html_text(hn_buffer *out, const char *text) {
  for (const char *c = text ? text : ""; *c; c++) {
    switch (*c) {
    case '&':
      hn_buffer_text(out, "&amp;");
      break;
    case '<':
      hn_buffer_text(out, "&lt;");
      break;
    case '>':
      hn_buffer_text(out, "&gt;");
      break;
    case '"':
      hn_buffer_text(out, "&quot;");
      break;
    default:
      hn_buffer_byte(out, *c);
    }
  }
}

const char *hn_json_text_of(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text ? text : "";
}

double hn_json_number_of(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

void hn_html_number(hn_buffer *out, const json_t *object, const char *key, int digits) {
  double value = hn_json_number_of(object, key);
  if (isnan(value))
    hn_buffer_text(out, "–");
  else
    hn_buffer_format(out, "%.*f", digits, value);
}

void hn_html_percent(hn_buffer *out, const json_t *object, const char *key) {
  double value = hn_json_number_of(object, key);
  if (isnan(value))
    hn_buffer_text(out, "–");
  else
    hn_buffer_format(out, "%.1f %%", 100 * value);
}

static const char style[] =
    ":root{--paper:#fdfcf9;--ink:#1d2127;--soft:#667;--line:#dcd8cf;--accent:#1f5f8b;"
    "--heat:31,95,139;--warn:#8a4b08;--warnpaper:#fdf1dd}"
    "@media(prefers-color-scheme:dark){:root{--paper:#15181d;--ink:#e8e6e1;--soft:#9aa0aa;"
    "--line:#343a44;--accent:#7ab8e0;--heat:122,184,224;--warn:#f0c27b;--warnpaper:#33281a}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);"
    "font:15px/1.5 system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif}"
    "main{max-width:1080px;margin:0 auto;padding:2.5rem 1.5rem 4rem}"
    "h1{font-size:1.9rem;margin:0 0 .2rem}h2{font-size:1.25rem;margin:2.6rem 0 .6rem;"
    "border-bottom:1px solid var(--line);padding-bottom:.25rem}h3{font-size:1rem;margin:1.2rem 0 "
    ".4rem}"
    "p{margin:.4rem 0;max-width:75ch}.soft{color:var(--soft)}"
    ".note{background:var(--warnpaper);color:var(--warn);border-left:4px solid var(--warn);"
    "padding:.5rem .9rem;margin:.5rem 0;max-width:90ch}"
    "table{border-collapse:collapse;margin:.5rem 0;font-variant-numeric:tabular-nums}"
    "th,td{padding:.28rem .7rem;text-align:right;border-bottom:1px solid var(--line)}"
    "td{white-space:nowrap}th{font-weight:600;color:var(--soft);white-space:nowrap}"
    "td:first-child,th:first-child{text-align:left}tr.headline td{font-weight:650}"
    "tr.dummy td{color:var(--soft)}.scroll{overflow-x:auto}.scroll svg{min-width:34rem}"
    "table.tight th,table.tight td{padding:.28rem .45rem}table.tight th{white-space:normal}"
    ".interval{font-size:.76rem;color:var(--soft)}"
    ".grid{display:flex;flex-wrap:wrap;gap:1.4rem 2.4rem}"
    "table.matrix td{min-width:3.2rem;text-align:center;border:1px solid var(--paper)}"
    "table.matrix td:first-child{border:0;text-align:right;color:var(--soft);white-space:nowrap}"
    "table.matrix th,table.matrix td:first-child{max-width:9rem;overflow:hidden;"
    "text-overflow:ellipsis}table.matrix th{border:0;text-align:center}"
    "table.many th{writing-mode:vertical-rl;text-align:left;padding:.4rem .1rem;max-width:none;"
    "max-height:9rem}table.many th:first-child{writing-mode:initial}"
    "table.many td{min-width:0;padding:.15rem .35rem;font-size:.86rem}"
    "figure{margin:0;min-width:0;max-width:100%;overflow-x:auto}"
    "figcaption{font-weight:600;margin-bottom:.2rem}svg{display:block;max-width:100%}"
    "svg text{fill:var(--ink);font:13px system-ui,'DejaVu Sans',sans-serif}"
    "svg .soft{fill:var(--soft)}details{margin:.6rem 0}summary{cursor:pointer;color:var(--accent)}"
    "@media(max-width:40rem){main{padding:1.2rem .9rem 3rem}}";

void hn_html_begin(hn_buffer *out, const char *title) {
  hn_buffer_text(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                      "<title>");
  hn_html_text(out, title);
  hn_buffer_format(out, " – headnod</title><style>%s</style></head><body><main>\n", style);
}

void hn_html_end(hn_buffer *out) {
  hn_buffer_text(out, "</main></body></html>\n");
}
