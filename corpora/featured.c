#include "corpora/featured.h"

#include "base/labels.h"
#include "base/memory.h"
#include "corpora/names.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* A stretch of the title. */
typedef struct {
  const char *from, *to;
} span;

static span trim(span s) {
  while (s.from < s.to && isspace((unsigned char)*s.from)) s.from++;
  while (s.from < s.to && isspace((unsigned char)s.to[-1])) s.to--;
  return s;
}

/* Folded names of all leads, ascending. */
typedef struct {
  char *const *names;
  size_t n;
  int blanks_part; /* a slug has lost its commas: a lead's name may end at any blank */
} lead_names;

void hn_guests_free(hn_guests *guests) {
  if (!guests) return;
  for (size_t i = 0; i < guests->n; i++) hn_free(guests->names[i]);
  hn_free(guests->names);
  *guests = (hn_guests){0};
}

static hn_status add_guest(hn_guests *guests, span name, hn_error *err) {
  hn_status status = HN_OK;
  name = trim(name);
  if (name.from == name.to) return HN_OK;
  HN_GROW(guests->names, guests->n, guests->capacity, err);
  guests->names[guests->n] = hn_strndup(name.from, (size_t)(name.to - name.from));
  if (!guests->names[guests->n]) return hn_fail_memory(err);
  guests->n++;
done:
  return status;
}

hn_status hn_guests_from_column(const char *cell, hn_guests *guests_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_guests guests = {0};
  for (const char *at = cell;; at++) {
    size_t n = strcspn(at, ";");
    HN_TRY(add_guest(&guests, (span){at, at + n}, err));
    at += n;
    if (!*at) break;
  }
  *guests_out = guests;
  return HN_OK;
done:
  hn_guests_free(&guests);
  return status;
}

/* The bytes of a separator between names that begins at `at`, or 0. */
static size_t separator_length(const char *at, const char *start, const char *end) {
  if (strchr(",;&", *at)) return 1;
  int is_word = at > start && isspace((unsigned char)at[-1]) && end - at > 3 &&
                strncasecmp(at, "and", 3) == 0 && isspace((unsigned char)at[3]);
  return is_word ? 3 : 0;
}

static hn_status is_lead(span name, const lead_names *leads, int *is_lead_out, hn_error *err) {
  hn_status status = HN_OK;
  char *text = hn_strndup(name.from, (size_t)(name.to - name.from)), *folded = NULL;
  if (!text) return hn_fail_memory(err);
  HN_TRY(hn_name_fold(text, &folded, err));
  *is_lead_out = hn_labels_find(leads->names, leads->n, folded) != HN_LABEL_MISSING;
done:
  hn_free(text);
  hn_free(folded);
  return status;
}

/* The first name of the list: the longest beginning that ends at a separator and is a known lead
 * ("Eric B. & Rakim"), else what lies before the first separator. */
static hn_status first_name(span list, const lead_names *leads, span *name_out, int *is_lead_out,
                            hn_error *err) {
  span name = {list.from, NULL};
  int name_is_lead = 0;
  for (const char *at = list.from; at <= list.to; at++) {
    int is_end = at == list.to || separator_length(at, list.from, list.to);
    if (!is_end && !(leads->blanks_part && isspace((unsigned char)*at))) continue;
    span candidate = trim((span){list.from, at});
    int known = 0;
    if (candidate.from < candidate.to) {
      hn_status status = is_lead(candidate, leads, &known, err);
      if (status != HN_OK) return status;
    }
    if (known || (is_end && !name.to)) name = (span){list.from, at}, name_is_lead = known;
  }
  *name_out = name;
  *is_lead_out = name_is_lead;
  return HN_OK;
}

/* Add the names of a list; with only_leads, all of them or none. */
static hn_status add_names(hn_guests *guests, span list, int only_leads, const lead_names *leads,
                           hn_error *err) {
  hn_status status = HN_OK;
  size_t n_before = guests->n;
  int all_leads = 1;
  while (list.from < list.to) {
    span name;
    int known;
    HN_TRY(first_name(list, leads, &name, &known, err));
    size_t n_known = guests->n;
    HN_TRY(add_guest(guests, name, err));
    if (guests->n > n_known && !known) all_leads = 0;
    list.from = name.to;
    if (list.from < list.to) list.from += separator_length(list.from, name.from, list.to);
  }
  if (only_leads && !all_leads)
    while (guests->n > n_before) hn_free(guests->names[--guests->n]);
done:
  return status;
}

typedef enum { MARKER_NONE, MARKER_FEAT, MARKER_FT, MARKER_WITH } marker;

/* The marker word at `at`, if one stands there, and its bytes with its point. */
static marker find_marker(const char *at, const char *title, size_t *length_out) {
  static const struct {
    const char *word;
    marker kind;
  } words[] = {
      {"featuring", MARKER_FEAT}, {"feat", MARKER_FEAT}, {"ft", MARKER_FT}, {"with", MARKER_WITH}};
  if (at > title && hn_byte_is_word(at[-1])) return MARKER_NONE;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t n = strlen(words[i].word);
    if (strncasecmp(at, words[i].word, n) != 0 || hn_byte_is_word(at[n])) continue;
    int has_point = at[n] == '.' && words[i].kind != MARKER_WITH;
    *length_out = n + (size_t)has_point;
    return has_point || isspace((unsigned char)at[n]) ? words[i].kind : MARKER_NONE;
  }
  return MARKER_NONE;
}

/* The last byte before `at` that is no blank, or 0. */
static char byte_before(const char *at, const char *title) {
  while (at > title && isspace((unsigned char)at[-1])) at--;
  return at > title ? at[-1] : 0;
}

/* Where the names end that begin at `at`. */
static const char *names_end(const char *at) {
  const char *end = at;
  while (*end && !strchr("()[]", *end) && strncmp(end, " - ", 3) != 0) end++;
  return end;
}

/* Is the title a slug? Then its hyphens become blanks. */
static int unslug(char *title) {
  if (strpbrk(title, " \t")) return 0;
  for (char *at = title; *at; at++)
    if (*at == '-' || *at == '_') *at = ' ';
  return 1;
}

hn_status hn_guests_from_title(const char *title, char *const *leads, size_t n_leads,
                               hn_guests *guests_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_guests guests = {0};
  char *text = NULL;
  HN_DUP(text, title, err);
  const lead_names known = {leads, n_leads, unslug(text)};
  for (const char *at = text; *at; at++) {
    size_t n = 0;
    marker found = find_marker(at, text, &n);
    char before = byte_before(at, text);
    if (found == MARKER_NONE || before == 0) continue;
    if (found == MARKER_FT && isdigit((unsigned char)before)) continue;
    const char *end = names_end(at + n);
    int is_bare_with = found == MARKER_WITH && !strchr("([-", before);
    HN_TRY(add_names(&guests, (span){at + n, end}, is_bare_with, &known, err));
    if (!is_bare_with) at = end - 1;
  }
  *guests_out = guests;
  guests = (hn_guests){0};
done:
  hn_free(text);
  hn_guests_free(&guests);
  return status;
}
