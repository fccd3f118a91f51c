#include "nlp/clean.h"

#include "base/memory.h"
#include "nlp/clean_rules.h"
#include "nlp/pattern.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum { N_RULES_MAX = 64 };

struct hn_cleaner {
  size_t n_rules;
  uint8_t is_on[N_RULES_MAX];
  hn_pattern *patterns[N_RULES_MAX];
};

size_t hn_clean_n_rules(void) {
  size_t n = 0;
  while (hn_clean_options[n].name) n++;
  assert(n <= N_RULES_MAX);
  return n;
}

const char *hn_clean_rule_name(size_t rule) {
  return hn_clean_options[rule].name;
}

hn_status hn_cleaner_create(const hn_options *options, hn_cleaner **cleaner_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_cleaner *made = NULL;
  HN_NEW(made, 1, err);
  made->n_rules = hn_clean_n_rules();
  for (size_t r = 0; r < made->n_rules; r++) {
    made->is_on[r] = (uint8_t)hn_options_bool(options, hn_clean_rule_name(r));
    if (made->is_on[r] && hn_clean_rules[r].pattern)
      HN_TRY(hn_pattern_create(hn_clean_rules[r].pattern, 1, &made->patterns[r], err));
  }
  *cleaner_out = made;
  made = NULL;
done:
  hn_cleaner_destroy(made);
  return status;
}

void hn_cleaner_destroy(hn_cleaner *c) {
  if (!c) return;
  for (size_t r = 0; r < c->n_rules; r++) hn_pattern_destroy(c->patterns[r]);
  hn_free(c);
}

void hn_cleaned_free(hn_cleaned *c) {
  if (!c) return;
  hn_free(c->text);
  hn_free(c->spans);
  hn_free(c->counts);
  *c = (hn_cleaned){0};
}

#define NO_RULE UINT8_MAX

/* What stands behind each byte of the text in its present state: the bytes source.start …
 * source.end - 1 of the original, one and the same byte where rule is NO_RULE. Of a replacement
 * the first byte stands for all that was replaced, the others for nothing. */
typedef struct {
  hn_range source;
  uint8_t rule;
} origin;

typedef struct {
  hn_buffer text;
  origin *origins;
  size_t capacity;
} state;

/* One text on its way through the rules. A rule reads `now` and writes `next`. */
typedef struct {
  state now, next;
  uint8_t *owner; /* (n of the original) the rule that took the byte away, or NO_RULE */
  hn_match *match;
  hn_buffer replacement;
} work;

static void free_work(work *w) {
  hn_buffer_free(&w->now.text);
  hn_buffer_free(&w->next.text);
  hn_free(w->now.origins);
  hn_free(w->next.origins);
  hn_free(w->owner);
  hn_match_destroy(w->match);
  hn_buffer_free(&w->replacement);
}

static hn_status begin(work *w, const char *text, size_t n, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer_append(&w->now.text, text, n);
  HN_TRY(hn_buffer_status(&w->now.text, err));
  HN_NEW(w->now.origins, n, err);
  w->now.capacity = n;
  HN_NEW(w->owner, n, err);
  memset(w->owner, NO_RULE, n);
  for (size_t i = 0; i < n; i++) w->now.origins[i] = (origin){{i, i + 1}, NO_RULE};
  HN_TRY(hn_match_create(&w->match, err));
done:
  return status;
}

/* Append n bytes and their origins to w->next. */
static hn_status push(work *w, const char *bytes, const origin *origins, size_t n, hn_error *err) {
  size_t wanted = w->next.text.length + n;
  if (wanted > w->next.capacity) {
    size_t capacity = wanted + wanted / 2;
    origin *grown = hn_realloc(w->next.origins, capacity, sizeof *grown);
    if (!grown) return hn_fail_memory(err);
    w->next.origins = grown;
    w->next.capacity = capacity;
  }
  if (n) memcpy(w->next.origins + w->next.text.length, origins, n * sizeof *origins);
  hn_buffer_append(&w->next.text, bytes, n);
  return hn_buffer_status(&w->next.text, err);
}

/* Put w->replacement for a range of w->now into w->next. */
static hn_status replace(work *w, size_t rule, hn_range range, hn_error *err) {
  hn_status status = HN_OK;
  const origin *from = w->now.origins;
  assert(range.start < range.end);
  for (size_t i = range.start; i < range.end; i++)
    for (size_t k = from[i].source.start; k < from[i].source.end; k++) w->owner[k] = (uint8_t)rule;
  hn_range source = {from[range.start].source.start, from[range.end - 1].source.end};
  for (size_t i = 0; i < w->replacement.length; i++) {
    origin o = {source, (uint8_t)rule};
    HN_TRY(push(w, w->replacement.data + i, &o, 1, err));
    source.start = source.end;
  }
done:
  return status;
}

/* Widen a removal that leaves nothing of its line to the whole line with its line break. */
static hn_range whole_line(const hn_buffer *text, size_t from, hn_range range) {
  size_t start = range.start, end = range.end;
  while (start > from && (text->data[start - 1] == ' ' || text->data[start - 1] == '\t')) start--;
  while (end < text->length && (text->data[end] == ' ' || text->data[end] == '\t')) end++;
  int begins_line = start == 0 || text->data[start - 1] == '\n';
  int ends_line = end == text->length || text->data[end] == '\n';
  if (!begins_line || !ends_line) return range;
  return (hn_range){start, end + (end < text->length)};
}

/* The next match of a rule at or behind `from`; its replacement goes to w->replacement. */
static hn_status find(const hn_cleaner *c, size_t rule, work *w, size_t from, hn_range *range_out,
                      int *found_out, hn_error *err) {
  const hn_clean_rule *r = &hn_clean_rules[rule];
  const hn_buffer *text = &w->now.text;
  hn_buffer_clear(&w->replacement);
  if (r->find)
    return r->find(text->data, text->length, from, range_out, &w->replacement, found_out, err);
  hn_range groups[2];
  hn_status status = hn_pattern_find(c->patterns[rule], w->match, text->data, text->length, from, 1,
                                     groups, found_out, err);
  if (status != HN_OK || !*found_out) return status;
  *range_out = groups[0];
  if (r->replacement) hn_buffer_text(&w->replacement, r->replacement);
  return hn_buffer_status(&w->replacement, err);
}

/* Run one rule over the whole text. */
static hn_status run(const hn_cleaner *c, size_t rule, work *w, size_t *n_matches, hn_error *err) {
  hn_status status = HN_OK;
  size_t done_to = 0, length = w->now.text.length;
  hn_range range;
  int found;
  hn_buffer_clear(&w->next.text);
  while (done_to < length) {
    HN_TRY(find(c, rule, w, done_to, &range, &found, err));
    if (!found) break;
    if (hn_clean_rules[rule].whole_line) range = whole_line(&w->now.text, done_to, range);
    HN_TRY(
        push(w, w->now.text.data + done_to, w->now.origins + done_to, range.start - done_to, err));
    HN_TRY(replace(w, rule, range, err));
    done_to = range.end;
    ++*n_matches;
  }
  if (*n_matches == 0) return HN_OK;
  HN_TRY(push(w, w->now.text.data + done_to, w->now.origins + done_to, length - done_to, err));
  state swap = w->now;
  w->now = w->next;
  w->next = swap;
done:
  return status;
}

static hn_status add_span(hn_cleaned *out, hn_clean_span span, hn_error *err) {
  hn_status status = HN_OK;
  HN_GROW(out->spans, out->n_spans, out->span_capacity, err);
  out->spans[out->n_spans++] = span;
  out->counts[span.rule].n_bytes += span.length;
done:
  return status;
}

/* Spans for the original's bytes from … to - 1, one for each run of one rule. The first run of
 * `rule` gives way to text_length bytes of the cleaned text, from text_offset on. */
static hn_status add_spans(const work *w, size_t from, size_t to, uint8_t rule, size_t text_offset,
                           size_t text_length, hn_cleaned *out, hn_error *err) {
  hn_status status = HN_OK;
  for (size_t i = from, end; i < to; i = end) {
    for (end = i; end < to && w->owner[end] == w->owner[i];) end++;
    size_t given = w->owner[i] == rule ? text_length : 0;
    HN_TRY(add_span(out, (hn_clean_span){w->owner[i], i, end - i, text_offset, given}, err));
    text_offset += given;
    text_length -= given;
  }
  if (text_length > 0) /* what it replaced was itself taken away by a later rule */
    HN_TRY(add_span(out, (hn_clean_span){rule, to, 0, text_offset, text_length}, err));
done:
  return status;
}

/* Read off the origins which bytes of the original are gone, and by which rule. */
static hn_status list_spans(const work *w, size_t n_original, hn_cleaned *out, hn_error *err) {
  hn_status status = HN_OK;
  size_t at = 0, n = w->now.text.length;
  const origin *origins = w->now.origins;
  for (size_t i = 0, end; i < n; i = end) {
    hn_range source = origins[i].source;
    HN_TRY(add_spans(w, at, source.start, NO_RULE, i, 0, out, err));
    end = i + 1;
    if (origins[i].rule != NO_RULE) { /* a replacement: with the bytes that stand for nothing */
      while (end < n && origins[end].rule == origins[i].rule &&
             origins[end].source.start == origins[end].source.end &&
             origins[end].source.start == source.end)
        end++;
      HN_TRY(add_spans(w, source.start, source.end, origins[i].rule, i, end - i, out, err));
    }
    at = source.end;
  }
  HN_TRY(add_spans(w, at, n_original, NO_RULE, n, 0, out, err));
done:
  return status;
}

hn_status hn_cleaner_apply(const hn_cleaner *c, const char *text, size_t n, hn_cleaned *cleaned_out,
                           hn_error *err) {
  hn_status status = HN_OK;
  work w = {0};
  hn_cleaned made = {0};
  if (!c->is_on[0]) HN_TRY(hn_utf8_check(text, n, err));
  HN_TRY(begin(&w, text, n, err));
  HN_NEW(made.counts, c->n_rules, err);
  for (size_t r = 0; r < c->n_rules; r++)
    if (c->is_on[r]) HN_TRY(run(c, r, &w, &made.counts[r].n_matches, err));
  HN_TRY(list_spans(&w, n, &made, err));
  HN_TRY(hn_buffer_steal(&w.now.text, &made.text, &made.n, err));
  *cleaned_out = made;
  made = (hn_cleaned){0};
done:
  hn_cleaned_free(&made);
  free_work(&w);
  return status;
}
