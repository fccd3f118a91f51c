#include "nlp/tokenize.h"

#include "base/memory.h"
#include "nlp/text.h"

#include <assert.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

enum { CHUNK = 16 };

/* A bit for each of CHUNK bytes, the first one lowest: is it an ASCII word character? Is it no
 * ASCII at all? */
typedef struct {
  uint32_t word, foreign;
} chunk_bits;

#ifdef __SSE2__
/* Bytes from low to high; signed, so that foreign bytes are below all others. */
static __m128i between(__m128i bytes, char low, char high) {
  return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)(low - 1))),
                       _mm_cmpgt_epi8(_mm_set1_epi8((char)(high + 1)), bytes));
}

static chunk_bits classify(const char *at) {
  __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
  __m128i letters = between(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 'z');
  __m128i word = _mm_or_si128(
      letters, _mm_or_si128(between(bytes, '0', '9'), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'))));
  return (chunk_bits){(uint32_t)_mm_movemask_epi8(word), (uint32_t)_mm_movemask_epi8(bytes)};
}
#else
static chunk_bits classify(const char *at) {
  chunk_bits bits = {0, 0};
  for (int i = 0; i < CHUNK; i++) {
    unsigned char byte = (unsigned char)at[i];
    bits.word |= (uint32_t)is_ascii_word(byte) << i;
    bits.foreign |= (uint32_t)(byte >> 7) << i;
  }
  return bits;
}
#endif

/* The word that is being read: where it began, and its bytes beyond one a character. */
typedef struct {
  int is_open;
  size_t start, n_extra;
} open_word;

static hn_status close_word(open_word *word, size_t end, hn_tokens *tokens, hn_error *err) {
  word->is_open = 0;
  if (end - word->start - word->n_extra < 2) return HN_OK;
  return add_token(tokens, word->start, end, err);
}

/* Go on by CHUNK ASCII bytes: words begin and end where neighbouring bits differ. */
static hn_status scan_chunk(uint32_t bits, size_t at, open_word *word, hn_tokens *tokens,
                            hn_error *err) {
  hn_status status = HN_OK;
  for (uint32_t edges = (bits ^ (bits << 1 | (uint32_t)word->is_open)) & 0xFFFF; edges;
       edges &= edges - 1) {
    size_t i = at + (size_t)__builtin_ctz(edges);
    if (word->is_open)
      HN_TRY(close_word(word, i, tokens, err));
    else
      *word = (open_word){1, i, 0};
  }
done:
  return status;
}

/* Go on by one character, whose length is *length_out. */
static hn_status scan_character(const char *text, size_t at, open_word *word, hn_tokens *tokens,
                                size_t *length_out, hn_error *err) {
  uint32_t c = hn_utf8_decode(text + at, length_out);
  int is_word = c < 0x80 ? is_ascii_word((unsigned char)c) : hn_char_is_word(c);
  if (!is_word) return word->is_open ? close_word(word, at, tokens, err) : HN_OK;
  if (!word->is_open) *word = (open_word){1, at, 0};
  word->n_extra += *length_out - 1;
  return HN_OK;
}

static hn_status scan(const char *text, size_t n, hn_tokens *tokens, hn_error *err) {
  hn_status status = HN_OK;
  open_word word = {0};
  for (size_t i = 0, length; i < n;) {
    if (i + CHUNK <= n) {
      chunk_bits bits = classify(text + i);
      if (!bits.foreign) {
        HN_TRY(scan_chunk(bits.word, i, &word, tokens, err));
        i += CHUNK;
        continue;
      }
    }
    for (size_t end = i + CHUNK < n ? i + CHUNK : n; i < end; i += length)
      HN_TRY(scan_character(text, i, &word, tokens, &length, err));
  }
  if (word.is_open) HN_TRY(close_word(&word, n, tokens, err));
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
