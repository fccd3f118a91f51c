#include "nlp/tokenize.h"

#include "base/memory.h"
#include "nlp/text.h"

#include <assert.h>
#include <string.h>

struct hn_tokenizer {
  hn_pattern *pattern; /* NULL: the scanner of the default pattern */
};

hn_status hn_tokenizer_create(const char *pattern, hn_tokenizer **tokenizer_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer translated = {0};
  hn_tokenizer *made = NULL;
  HN_NEW(made, 1, err);
  if (strcmp(pattern, HN_TOKEN_PATTERN) != 0) {
    HN_TRY(hn_pattern_from_python(pattern, &translated, err));
    status = hn_pattern_create(translated.data ? translated.data : "", 0, &made->pattern, err);
    if (status != HN_OK) HN_TRY(hn_fail_prefix(err, status, "token_pattern"));
    if (hn_pattern_n_groups(made->pattern) > 1)
      HN_TRY(hn_fail(err, HN_INVALID,
                     "token_pattern \"%.200s\" has %u groups; at most one is allowed, write the "
                     "others as (?:…)",
                     pattern, hn_pattern_n_groups(made->pattern)));
  }
  *tokenizer_out = made;
  made = NULL;
done:
  hn_tokenizer_destroy(made);
  hn_buffer_free(&translated);
  return status;
}

void hn_tokenizer_destroy(hn_tokenizer *t) {
  if (!t) return;
  hn_pattern_destroy(t->pattern);
  hn_free(t);
}

int hn_tokenizer_is_default(const hn_tokenizer *t) {
  return t->pattern == NULL;
}

void hn_tokens_free(hn_tokens *t) {
  if (!t) return;
  hn_free(t->spans);
  hn_match_destroy(t->match);
  *t = (hn_tokens){0};
}

static hn_status add_token(hn_tokens *tokens, size_t start, size_t end, hn_error *err) {
  hn_status status = HN_OK;
  HN_GROW(tokens->spans, tokens->n, tokens->capacity, err);
  tokens->spans[tokens->n++] = (hn_span){(uint32_t)start, (uint32_t)(end - start)};
done:
  return status;
}

/* One bit a byte: ASCII letters, digits and '_'. */
static const uint64_t ascii_word_bits[4] = {0x03FF000000000000, 0x07FFFFFE87FFFFFE, 0, 0};

static int is_ascii_word(unsigned char byte) {
  return (int)(ascii_word_bits[byte >> 6] >> (byte & 63) & 1);
}

/* The end of the run of word characters from i, their number in *n_chars. */
static size_t skip_word(const char *text, size_t n, size_t i, size_t *n_chars) {
  size_t length;
  for (*n_chars = 0; i < n; i += length, ++*n_chars) {
    length = 1;
    if (is_ascii_word((unsigned char)text[i])) continue;
    if ((unsigned char)text[i] < 0x80) break;
    if (!hn_char_is_word(hn_utf8_decode(text + i, &length))) break;
  }
  return i;
}

static hn_status scan(const char *text, size_t n, hn_tokens *tokens, hn_error *err) {
  hn_status status = HN_OK;
  for (size_t i = 0; i < n;) {
    size_t n_chars, length = 1, end = skip_word(text, n, i, &n_chars);
    if (n_chars >= 2) HN_TRY(add_token(tokens, i, end, err));
    i = end;
    if (i < n) hn_utf8_decode(text + i, &length); /* the character that ended the run */
    i += length;
  }
done:
  return status;
}

/* As re.findall: an empty match is a token too, and from where it stood only longer ones count. */
static hn_status find_all(const hn_pattern *pattern, const char *text, size_t n, hn_tokens *tokens,
                          hn_error *err) {
  hn_status status = HN_OK;
  int was_empty = 0;
  if (!tokens->match) HN_TRY(hn_match_create(&tokens->match, err));
  for (size_t from = 0;;) {
    int found;
    hn_range groups[2];
    HN_TRY(hn_pattern_find(pattern, tokens->match, text, n, from, was_empty, groups, &found, err));
    if (!found) break;
    hn_range token = groups[hn_pattern_n_groups(pattern) > 0];
    if (token.start == HN_NO_OFFSET) token = (hn_range){groups[0].end, groups[0].end};
    HN_TRY(add_token(tokens, token.start, token.end, err));
    was_empty = groups[0].start == groups[0].end;
    from = groups[0].end;
  }
done:
  return status;
}

hn_status hn_tokenizer_apply(const hn_tokenizer *t, const char *text, size_t n, hn_tokens *tokens,
                             hn_error *err) {
  assert(n <= UINT32_MAX);
  tokens->n = 0;
  return t->pattern ? find_all(t->pattern, text, n, tokens, err) : scan(text, n, tokens, err);
}
