#include "nlp/pattern.h"

#include "base/memory.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct hn_pattern {
  pcre2_general_context *memory;
  pcre2_code *code;
  unsigned n_groups;
};

struct hn_match {
  pcre2_general_context *memory;
  pcre2_match_data *data;
};

static void *allocate(size_t n, void *context) {
  (void)context;
  return hn_alloc(n, 1);
}

static void release(void *p, void *context) {
  (void)context;
  hn_free(p);
}

static hn_status refuse_pattern(const char *pattern, int code, size_t offset, hn_error *err) {
  char reason[128];
  pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason);
  return hn_fail(err, HN_INVALID, "pattern \"%.200s\": %s at offset %zu", pattern, reason, offset);
}

hn_status hn_pattern_create(const char *pattern, int multiline, hn_pattern **pattern_out,
                            hn_error *err) {
  hn_status status = HN_OK;
  hn_pattern *made = NULL;
  pcre2_compile_context *context = NULL;
  HN_NEW(made, 1, err);
  made->memory = pcre2_general_context_create(allocate, release, NULL);
  if (made->memory) context = pcre2_compile_context_create(made->memory);
  if (!context) HN_TRY(hn_fail_memory(err));
  pcre2_set_newline(context, PCRE2_NEWLINE_LF);

  int code;
  PCRE2_SIZE offset;
  uint32_t flags = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
  made->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                             flags | (multiline ? PCRE2_MULTILINE : 0), &code, &offset, context);
  if (!made->code && code == PCRE2_ERROR_HEAP_FAILED) HN_TRY(hn_fail_memory(err));
  if (!made->code) HN_TRY(refuse_pattern(pattern, code, offset, err));
  /* Without JIT (an unsupported machine) the interpreter gives the same matches. */
  if (pcre2_jit_compile(made->code, PCRE2_JIT_COMPLETE) == PCRE2_ERROR_NOMEMORY)
    HN_TRY(hn_fail_memory(err));
  uint32_t n_groups;
  pcre2_pattern_info(made->code, PCRE2_INFO_CAPTURECOUNT, &n_groups);
  made->n_groups = n_groups;
  *pattern_out = made;
  made = NULL;
done:
  pcre2_compile_context_free(context);
  hn_pattern_destroy(made);
  return status;
}

void hn_pattern_destroy(hn_pattern *p) {
  if (!p) return;
  pcre2_code_free(p->code);
  pcre2_general_context_free(p->memory);
  hn_free(p);
}

unsigned hn_pattern_n_groups(const hn_pattern *p) {
  return p->n_groups;
}

hn_status hn_match_create(hn_match **match_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_match *made = NULL;
  HN_NEW(made, 1, err);
  made->memory = pcre2_general_context_create(allocate, release, NULL);
  if (made->memory) made->data = pcre2_match_data_create(2, made->memory);
  if (!made->data) HN_TRY(hn_fail_memory(err));
  *match_out = made;
  made = NULL;
done:
  hn_match_destroy(made);
  return status;
}

void hn_match_destroy(hn_match *m) {
  if (!m) return;
  pcre2_match_data_free(m->data);
  pcre2_general_context_free(m->memory);
  hn_free(m);
}

hn_status hn_pattern_find(const hn_pattern *p, hn_match *m, const char *text, size_t n, size_t from,
                          int not_empty, hn_range groups_out[2], int *found_out, hn_error *err) {
  uint32_t flags = PCRE2_NO_UTF_CHECK | (not_empty ? PCRE2_NOTEMPTY_ATSTART : 0);
  int code = pcre2_match(p->code, (PCRE2_SPTR)text, n, from, flags, m->data, NULL);
  if (code == PCRE2_ERROR_JIT_STACKLIMIT) /* the interpreter's stack is the heap */
    code = pcre2_match(p->code, (PCRE2_SPTR)text, n, from, flags | PCRE2_NO_JIT, m->data, NULL);
  if (code == PCRE2_ERROR_NOMATCH) return *found_out = 0, HN_OK;
  if (code == PCRE2_ERROR_NOMEMORY) return hn_fail_memory(err);
  if (code < 0) {
    char reason[128];
    pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason);
    return hn_fail(err, HN_INVALID, "the pattern cannot be matched: %s; simplify it", reason);
  }
  const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(m->data);
  groups_out[0] = (hn_range){offsets[0], offsets[1]};
  int has_group = p->n_groups > 0 && offsets[2] != PCRE2_UNSET;
  groups_out[1] =
      has_group ? (hn_range){offsets[2], offsets[3]} : (hn_range){HN_NO_OFFSET, HN_NO_OFFSET};
  *found_out = 1;
  return HN_OK;
}

#define WORD "\\p{L}\\p{N}_"
#define SPACE                                                                                      \
  "\\t-\\r\\x1c-\\x20\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205" \
  "f}\\x{3000}"

/* What an escape is written as outside and inside a class; NULL: as it is. */
static const struct {
  char letter;
  const char *outside, *inside;
} escapes[] = {
    {'w', "[" WORD "]", WORD},
    {'W', "[^" WORD "]", NULL},
    {'s', "[" SPACE "]", SPACE},
    {'S', "[^" SPACE "]", NULL},
    {'d', "\\p{Nd}", "\\p{Nd}"},
    {'D', "\\P{Nd}", "\\P{Nd}"},
    {'b', "(?:(?<=[" WORD "])(?![" WORD "])|(?<![" WORD "])(?=[" WORD "]))", NULL},
    {'B', "(?:(?<=[" WORD "])(?=[" WORD "])|(?<![" WORD "])(?![" WORD "]))", NULL},
    {'Z', "\\z", NULL},
};

/* Translate the escape at `at` (a backslash); its length in the source. */
static size_t translate_escape(const char *at, int in_class, hn_buffer *out) {
  for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
    const char *text = in_class ? escapes[i].inside : escapes[i].outside;
    if (at[1] != escapes[i].letter || !text) continue;
    hn_buffer_text(out, text);
    return 2;
  }
  size_t n_digits = at[1] == 'u' ? 4 : at[1] == 'U' ? 8 : 0;
  if (n_digits && strlen(at) >= 2 + n_digits) {
    hn_buffer_format(out, "\\x{%.*s}", (int)n_digits, at + 2);
    return 2 + n_digits;
  }
  size_t length = at[1] ? 2 : 1;
  hn_buffer_append(out, at, length);
  return length;
}

/* Copy flags such as "(?iu)" without the u; 0 when no flags stand here. */
static size_t translate_flags(const char *at, hn_buffer *out) {
  if (at[0] != '(' || at[1] != '?') return 0;
  size_t n = 2 + strspn(at + 2, "aiLmsux");
  if (n == 2 || at[n] != ')') return 0;
  if (n == 3 && at[2] == 'u') return n + 1;
  hn_buffer_text(out, "(?");
  for (size_t i = 2; i < n; i++)
    if (at[i] != 'u') hn_buffer_byte(out, at[i]);
  hn_buffer_byte(out, ')');
  return n + 1;
}

hn_status hn_pattern_from_python(const char *pattern, hn_buffer *out, hn_error *err) {
  int in_class = 0;
  for (const char *at = pattern; *at;) {
    size_t length = 0;
    if (*at == '\\') {
      length = translate_escape(at, in_class, out);
    } else if (in_class) {
      in_class = *at != ']';
    } else if (*at == '[') {
      in_class = 1;
      length = at[1] == '^' ? 2 : 1;
      length += at[length] == ']'; /* in front it is a member */
      hn_buffer_append(out, at, length);
    } else if (*at == '(') {
      length = translate_flags(at, out);
    } else if (*at == '{' && at[1] == ',' && isdigit((unsigned char)at[2])) {
      hn_buffer_text(out, "{0");
      length = 1;
    }
    if (length == 0) {
      hn_buffer_byte(out, *at);
      length = 1;
    }
    at += length;
  }
  return hn_buffer_status(out, err);
}
