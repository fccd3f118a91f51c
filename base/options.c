#include "base/options.h"

#include "base/buffer.h"
#include "base/memory.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  char *text;
  double *numbers; /* one of a number, each of a list */
  size_t n_numbers;
  int is_set, is_word, is_fraction;
} option_value;

struct hn_options {
  const hn_option_spec *specs;
  size_t n;
  option_value *values;
};

static int same_name(const char *a, const char *b) {
  for (; *a && *b; a++, b++)
    if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_'))) return 0;
  return *a == *b;
}

const hn_option_spec *hn_option_find(const hn_option_spec *specs, const char *name) {
  for (; specs->name; specs++)
    if (same_name(specs->name, name)) return specs;
  return NULL;
}

/* Is text one of the words of "a|b|c"? */
static int is_choice(const char *choices, const char *text) {
  size_t n = strlen(text);
  for (const char *c = choices; c; c = strchr(c, '|')) {
    if (*c == '|') c++;
    size_t length = strcspn(c, "|");
    if (length == n && memcmp(c, text, n) == 0) return 1;
  }
  return 0;
}

static void describe_allowed(const hn_option_spec *spec, hn_buffer *out) {
  static const char *const kinds[] = {"a whole number",
                                      "a number",
                                      "a count, or a fraction such as 0.5",
                                      "true or false",
                                      "one of",
                                      "text",
                                      "whole numbers separated by commas",
                                      "numbers separated by commas"};
  hn_buffer_text(out, kinds[spec->type]);
  int is_number = spec->type != HN_OPTION_BOOL && spec->type != HN_OPTION_CHOICE &&
                  spec->type != HN_OPTION_TEXT;
  if (is_number && isfinite(spec->min) && isfinite(spec->max))
    hn_buffer_format(out, " from %.10g to %.10g", spec->min, spec->max);
  else if (is_number && isfinite(spec->min))
    hn_buffer_format(out, " of at least %.10g", spec->min);
  for (const char *c = spec->choices; c; c = strchr(c, '|')) {
    if (*c == '|') c++;
    hn_buffer_text(out, c == spec->choices && !is_number ? " " : ", ");
    hn_buffer_append(out, c, strcspn(c, "|"));
  }
  if (spec->none_allowed) hn_buffer_text(out, ", or none");
}

static hn_status refuse(const hn_option_spec *spec, const char *text, hn_error *err) {
  hn_buffer allowed = {0};
  describe_allowed(spec, &allowed);
  hn_status status = hn_buffer_status(&allowed, err);
  if (status == HN_OK)
    status = hn_fail(err, HN_INVALID, "%s: \"%.80s\" is not allowed; expected %s", spec->name, text,
                     allowed.data);
  hn_buffer_free(&allowed);
  return status;
}

/* One number from `from`, up to a comma or the end; its end in *end. */
static int parse_number(const hn_option_spec *spec, const char *from, char **end, double *value,
                        int *is_fraction) {
  errno = 0;
  while (isspace((unsigned char)*from)) from++;
  *value = strtod(from, end);
  if (*end == from || !isfinite(*value)) return 0;
  int is_whole = memchr(from, '.', (size_t)(*end - from)) == NULL && *value == floor(*value);
  *is_fraction = spec->type == HN_OPTION_COUNT && !is_whole;
  if ((spec->type == HN_OPTION_INT || spec->type == HN_OPTION_INTS) && *value != floor(*value))
    return 0;
  while (isspace((unsigned char)**end)) (*end)++;
  if (*is_fraction) return *value >= 0 && *value <= 1;
  return *value >= spec->min && *value <= spec->max;
}

static int parse_numbers(const hn_option_spec *spec, const char *text, option_value *value) {
  int is_list = spec->type == HN_OPTION_INTS || spec->type == HN_OPTION_REALS;
  const char *at = text;
  for (;;) {
    char *end;
    if (!parse_number(spec, at, &end, &value->numbers[value->n_numbers], &value->is_fraction))
      return 0;
    value->n_numbers++;
    if (*end == 0) return 1;
    if (!is_list || *end != ',') return 0;
    at = end + 1;
  }
}

static void drop_spaces(char *text) {
  char *to = text;
  for (; *text; text++)
    if (!isspace((unsigned char)*text)) *to++ = *text;
  *to = 0;
}

static hn_status parse_value(const hn_option_spec *spec, const char *given, option_value *value_out,
                             hn_error *err) {
  hn_status status = HN_OK;
  option_value value = {0};
  int is_none =
      strcasecmp(given, "none") == 0 || strcasecmp(given, "null") == 0 || (strcmp(given, "~") == 0);
  const char *text = is_none && spec->none_allowed ? "none" : given;
  if (spec->type == HN_OPTION_BOOL && strcasecmp(text, "true") == 0) text = "true";
  if (spec->type == HN_OPTION_BOOL && strcasecmp(text, "false") == 0) text = "false";

  HN_DUP(value.text, text, err);
  HN_NEW(value.numbers, strlen(text) / 2 + 1, err);
  int ok;
  if ((is_none && spec->none_allowed) || (spec->choices && is_choice(spec->choices, text))) {
    ok = value.is_word = 1;
  } else if (spec->type == HN_OPTION_CHOICE) {
    ok = 0;
  } else if (spec->type == HN_OPTION_TEXT) {
    ok = value.is_word = 1;
  } else if (spec->type == HN_OPTION_BOOL) {
    value.numbers[0] = strcmp(text, "true") == 0;
    value.n_numbers = 1;
    ok = strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
  } else {
    ok = parse_numbers(spec, text, &value);
    drop_spaces(value.text);
  }
  if (!ok) HN_TRY(refuse(spec, given, err));
  *value_out = value;
  return HN_OK;
done:
  hn_free(value.text);
  hn_free(value.numbers);
  return status;
}

static void free_value(option_value *value) {
  hn_free(value->text);
  hn_free(value->numbers);
  *value = (option_value){0};
}

hn_status hn_options_create(const hn_option_spec *specs, hn_options **options_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_options *made = NULL;
  HN_NEW(made, 1, err);
  made->specs = specs;
  size_t n = 0;
  while (specs[n].name) n++;
  HN_NEW(made->values, n, err);
  for (; made->n < n; made->n++)
    HN_TRY(parse_value(&specs[made->n], specs[made->n].default_text, &made->values[made->n], err));
  *options_out = made;
  return HN_OK;
done:
  hn_options_destroy(made);
  return status;
}

void hn_options_destroy(hn_options *o) {
  if (!o) return;
  for (size_t i = 0; i < o->n; i++) free_value(&o->values[i]);
  hn_free(o->values);
  hn_free(o);
}

hn_status hn_options_copy(const hn_options *o, hn_options **copy_out, hn_error *err) {
  hn_options *copy = NULL;
  hn_status status = hn_options_create(o->specs, &copy, err);
  for (size_t i = 0; status == HN_OK && i < o->n; i++)
    if (o->values[i].is_set)
      status = hn_options_set(copy, o->specs[i].name, o->values[i].text, err);
  if (status == HN_OK)
    *copy_out = copy;
  else
    hn_options_destroy(copy);
  return status;
}

static hn_status refuse_name(const hn_option_spec *specs, const char *name, hn_error *err) {
  hn_buffer known = {0};
  for (const hn_option_spec *s = specs; s->name; s++)
    hn_buffer_format(&known, "%s%s", s == specs ? "" : ", ", s->name);
  hn_status status = hn_buffer_status(&known, err);
  if (status == HN_OK)
    status = hn_fail(err, HN_INVALID, "\"%.80s\" is not a known option (known: %s)", name,
                     known.data ? known.data : "none");
  hn_buffer_free(&known);
  return status;
}

hn_status hn_options_set(hn_options *o, const char *name, const char *text, hn_error *err) {
  const hn_option_spec *spec = hn_option_find(o->specs, name);
  if (!spec) return refuse_name(o->specs, name, err);
  option_value value;
  hn_status status = parse_value(spec, text, &value, err);
  if (status != HN_OK) return status;
  value.is_set = 1;
  free_value(&o->values[spec - o->specs]);
  o->values[spec - o->specs] = value;
  return HN_OK;
}

const hn_option_spec *hn_options_specs(const hn_options *o) {
  return o->specs;
}

static const option_value *value_of(const hn_options *o, const char *name) {
  const hn_option_spec *spec = hn_option_find(o->specs, name);
  assert(spec && "an option that the table lacks");
  return &o->values[spec - o->specs];
}

const char *hn_options_text(const hn_options *o, const char *name) {
  return value_of(o, name)->text;
}

int hn_options_is_none(const hn_options *o, const char *name) {
  return hn_options_is(o, name, "none");
}

int hn_options_is_set(const hn_options *o, const char *name) {
  return value_of(o, name)->is_set;
}

int hn_options_is(const hn_options *o, const char *name, const char *word) {
  const option_value *value = value_of(o, name);
  return value->is_word && strcmp(value->text, word) == 0;
}

double hn_options_real(const hn_options *o, const char *name) {
  const option_value *value = value_of(o, name);
  assert(value->n_numbers > 0 && "a number was asked for where a word stands");
  return value->numbers[0];
}

int64_t hn_options_int(const hn_options *o, const char *name) {
  return (int64_t)hn_options_real(o, name);
}

int hn_options_bool(const hn_options *o, const char *name) {
  return hn_options_real(o, name) != 0;
}

double hn_options_count(const hn_options *o, const char *name, double n) {
  const option_value *value = value_of(o, name);
  assert(value->n_numbers > 0 && "a count was asked for where a word stands");
  return value->is_fraction ? value->numbers[0] * n : value->numbers[0];
}

size_t hn_options_list(const hn_options *o, const char *name, const double **values) {
  const option_value *value = value_of(o, name);
  *values = value->numbers;
  return value->n_numbers;
}
