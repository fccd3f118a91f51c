#include "nlp/analyze.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <string.h>

struct hn_analyzer {
  enum { WORDS, CHARACTERS, CHARACTERS_IN_WORDS } kind;
  size_t min_n, max_n;
  int lowercase, replace_invalid;
  hn_accents accents;
  hn_tokenizer *tokenizer; /* of WORDS */
  hn_vocabulary stop_words;
  char *stem;      /* the language, or NULL */
  int spell_grams; /* tokens may hold spaces, so that only its spelling tells an n-gram */
};

static hn_status read_ngram(const hn_options *options, hn_analyzer *a, hn_error *err) {
  const double *range;
  if (hn_options_list(options, "ngram", &range) != 2 || range[0] > range[1])
    return hn_fail(err, HN_INVALID,
                   "ngram: \"%s\" is not a range; expected the shortest and the longest n, such as "
                   "1,2",
                   hn_options_text(options, "ngram"));
  a->min_n = (size_t)range[0];
  a->max_n = (size_t)range[1];
  return HN_OK;
}

static hn_status add_stop_words(hn_analyzer *a, const char *list, char between, hn_error *err);

/* The list of a language, with the accents that the words of the texts will have. */
static hn_status add_language(hn_analyzer *a, const char *list, hn_error *err) {
  hn_buffer words = {0};
  hn_status status = hn_text_strip_accents(list, strlen(list), a->accents, &words, err);
  if (status == HN_OK) status = add_stop_words(a, words.data, ' ', err);
  hn_buffer_free(&words);
  return status;
}

/* Separated by `between`; blanks around a word are no part of it. Among words with commas a
 * language stands for its list. */
static hn_status add_stop_words(hn_analyzer *a, const char *list, char between, hn_error *err) {
  hn_status status = HN_OK;
  const char stops[] = {between, 0};
  for (const char *at = list; *at;) {
    uint32_t term;
    size_t length = strcspn(at, stops), n = length, start = 0;
    while (start < n && strchr(" \t\r", at[start])) start++;
    while (n > start && strchr(" \t\r", at[n - 1])) n--;
    const char *language = between == ',' ? hn_stop_words(at + start, n - start) : NULL;
    if (language)
      HN_TRY(add_language(a, language, err));
    else if (n > start)
      HN_TRY(hn_vocabulary_add_word(&a->stop_words, at + start, n - start, &term, err));
    at += length + (at[length] == between);
  }
done:
  return status;
}

static hn_status read_stop_words(hn_analyzer *a, const char *list, hn_error *err) {
  if (!hn_stop_words(list, strlen(list)) && hn_stemmer_check(list, NULL) == HN_OK)
    return hn_fail(err, HN_INVALID,
                   "stop_words: there is no list for %s (there are " HN_STOP_WORDS_LANGUAGES
                   "); name a file with one word a line: @FILE",
                   list);
  if (list[0] != '@') return add_stop_words(a, list, ',', err);
  char *bytes = NULL;
  size_t n;
  hn_status status = hn_file_read(list + 1, &bytes, &n, err);
  if (status == HN_OK) status = hn_utf8_check(bytes, n, err);
  if (status == HN_FORMAT) status = hn_fail_prefix(err, status, "%s", list + 1);
  if (status == HN_OK) status = add_stop_words(a, bytes, '\n', err);
  hn_free(bytes);
  return status;
}

static hn_status read_stem(hn_analyzer *a, const hn_options *options, hn_error *err) {
  hn_status status = HN_OK;
  const char *language = hn_options_text(options, "stem");
  if (hn_options_is_none(options, "stem")) return HN_OK;
  if (a->kind != WORDS)
    return hn_fail(err, HN_INVALID, "stem %s: only words have stems; set analyzer to word",
                   language);
  HN_TRY(hn_stemmer_check(language, err));
  HN_DUP(a->stem, language, err);
done:
  return status;
}

hn_status hn_analyzer_create(const hn_options *options, hn_analyzer **analyzer_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_analyzer *made = NULL;
  HN_NEW(made, 1, err);
  made->kind = hn_options_is(options, "analyzer", "word")   ? WORDS
               : hn_options_is(options, "analyzer", "char") ? CHARACTERS
                                                            : CHARACTERS_IN_WORDS;
  made->accents = hn_options_is(options, "strip_accents", "unicode") ? HN_ACCENTS_UNICODE
                  : hn_options_is(options, "strip_accents", "ascii") ? HN_ACCENTS_ASCII
                                                                     : HN_ACCENTS_KEEP;
  made->lowercase = hn_options_bool(options, "lowercase");
  made->replace_invalid = hn_options_is(options, "decode_error", "replace");
  HN_TRY(read_ngram(options, made, err));
  if (made->kind == WORDS) {
    HN_TRY(hn_tokenizer_create(hn_options_text(options, "token_pattern"), &made->tokenizer, err));
    made->spell_grams = made->max_n > 1 && !hn_tokenizer_is_default(made->tokenizer);
    if (!hn_options_is_none(options, "stop_words"))
      HN_TRY(read_stop_words(made, hn_options_text(options, "stop_words"), err));
  }
  HN_TRY(read_stem(made, options, err));
  *analyzer_out = made;
  made = NULL;
done:
  hn_analyzer_destroy(made);
  return status;
}

void hn_analyzer_destroy(hn_analyzer *a) {
  if (!a) return;
  hn_tokenizer_destroy(a->tokenizer);
  hn_vocabulary_free(&a->stop_words);
  hn_free(a->stem);
  hn_free(a);
}

void hn_analysis_free(hn_analysis *s) {
  if (!s) return;
  hn_free(s->terms);
  hn_free(s->ids);
  hn_free(s->grams);
  hn_buffer_free(&s->repaired);
  hn_buffer_free(&s->lowered);
  hn_buffer_free(&s->stripped);
  hn_buffer_free(&s->joined);
  hn_tokens_free(&s->tokens);
  hn_stemmer_destroy(s->stemmer);
  *s = (hn_analysis){0};
}

char hn_analyzer_joint(const hn_analyzer *a) {
  return a->kind == WORDS ? ' ' : 0;
}

/* Where numbers come from: a vocabulary that is only looked up, words and n-grams, or one that
 * grows by words, whose sequences are all that is asked for. */
typedef struct {
  const hn_vocabulary *known;
  hn_vocabulary *growing;
} term_source;

static hn_status word_number(term_source source, const char *text, size_t n, uint32_t *out,
                             hn_error *err) {
  if (source.growing) return hn_vocabulary_add_word(source.growing, text, n, out, err);
  *out = hn_vocabulary_find_word(source.known, text, n);
  return HN_OK;
}

static hn_status word_numbers(term_source source, hn_text text, const hn_tokens *tokens,
                              uint32_t *out, hn_error *err) {
  if (source.growing)
    return hn_vocabulary_add_words(source.growing, text, tokens->spans, tokens->n, out, err);
  hn_vocabulary_find_words(source.known, text, tokens->spans, tokens->n, out);
  return HN_OK;
}

static hn_status emit(hn_analysis *s, const uint32_t *terms, size_t n, hn_error *err) {
  if (s->n + n > s->capacity) {
    size_t capacity = 2 * (s->n + n);
    uint32_t *grown = hn_realloc(s->terms, capacity, sizeof *grown);
    if (!grown) return hn_fail_memory(err);
    s->terms = grown;
    s->capacity = capacity;
  }
  if (n > 0) memcpy(s->terms + s->n, terms, n * sizeof *terms);
  s->n += n;
  return HN_OK;
}

/* Room for n ids and as many grams. */
static hn_status reserve_ids(hn_analysis *s, size_t n, hn_error *err) {
  if (n <= s->id_capacity) return HN_OK;
  uint32_t *ids = hn_realloc(s->ids, n, sizeof *ids);
  if (ids) s->ids = ids;
  uint32_t *grams = hn_realloc(s->grams, n, sizeof *grams);
  if (grams) s->grams = grams;
  if (!ids || !grams) return hn_fail_memory(err);
  s->id_capacity = n;
  return HN_OK;
}

/* The end of a sequence, unless n-grams are looked up. */
static hn_status emit_end(term_source source, hn_analysis *s, hn_error *err) {
  const uint32_t end = HN_NO_TERM;
  return source.growing ? emit(s, &end, 1, err) : HN_OK;
}

/* Emit the n-grams of s->ids, or the sequence. grams[i] is the gram that ends at i: going
 * backwards, the one of n words is made in place from that of n - 1 words at i - 1. whole: a
 * sequence shorter than n is taken whole, once, as char_wb does. */
static hn_status emit_grams(const hn_analyzer *a, term_source source, int whole, hn_analysis *s,
                            hn_error *err) {
  hn_status status = HN_OK;
  size_t length = s->n_ids;
  if (length == 0) return HN_OK;
  if (source.growing) {
    HN_TRY(emit(s, s->ids, length, err));
    return emit_end(source, s, err);
  }
  memcpy(s->grams, s->ids, length * sizeof *s->ids);
  for (size_t n = 1; n <= a->max_n; n++) {
    if (n > length && !whole) break;
    if (n > 1 && n <= length)
      hn_vocabulary_find_grams(source.known, s->ids, n - 1, length, s->grams);
    if (n < a->min_n) continue;
    size_t first = (n < length ? n : length) - 1;
    HN_TRY(emit(s, s->grams + first, length - first, err));
    if (n >= length) break;
  }
done:
  return status;
}

/* Emit n-grams of tokens by their spelling. */
static hn_status emit_spelled(const hn_analyzer *a, term_source source, const char *text,
                              hn_analysis *s, hn_error *err) {
  hn_status status = HN_OK;
  const hn_tokens *tokens = &s->tokens;
  for (size_t n = a->min_n; n <= a->max_n && n <= tokens->n; n++)
    for (size_t i = 0; i + n <= tokens->n; i++) {
      uint32_t term;
      hn_buffer_clear(&s->joined);
      for (size_t k = i; k < i + n; k++) {
        if (k > i) hn_buffer_byte(&s->joined, ' ');
        hn_buffer_append(&s->joined, text + tokens->spans[k].start, tokens->spans[k].length);
      }
      HN_TRY(hn_buffer_status(&s->joined, err));
      HN_TRY(word_number(source, s->joined.data, s->joined.length, &term, err));
      HN_TRY(emit(s, &term, 1, err));
    }
  HN_TRY(emit_end(source, s, err));
done:
  return status;
}

static void drop_stop_words(const hn_analyzer *a, const char *text, hn_tokens *tokens) {
  if (a->stop_words.n == 0) return;
  size_t n = 0;
  for (size_t i = 0; i < tokens->n; i++) {
    hn_span span = tokens->spans[i];
    if (hn_vocabulary_find_word(&a->stop_words, text + span.start, span.length) == HN_NO_TERM)
      tokens->spans[n++] = span;
  }
  tokens->n = n;
}

/* The tokens become stems, and text what they stand in. */
static hn_status stem_tokens(const hn_analyzer *a, hn_text *text, hn_analysis *s, hn_error *err) {
  hn_status status = HN_OK;
  if (!a->stem) return HN_OK;
  if (!s->stemmer) HN_TRY(hn_stemmer_create(a->stem, &s->stemmer, err));
  status = hn_stemmer_apply(s->stemmer, *text, s->tokens.spans, s->tokens.n, text, err);
done:
  return status;
}

static hn_status analyze_words(const hn_analyzer *a, term_source source, hn_text text,
                               hn_analysis *s, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(hn_tokenizer_apply(a->tokenizer, text.bytes, text.n, &s->tokens, err));
  drop_stop_words(a, text.bytes, &s->tokens);
  HN_TRY(stem_tokens(a, &text, s, err));
  if (a->spell_grams) return emit_spelled(a, source, text.bytes, s, err);
  HN_TRY(reserve_ids(s, s->tokens.n, err));
  s->n_ids = s->tokens.n;
  HN_TRY(word_numbers(source, text, &s->tokens, s->ids, err));
  status = emit_grams(a, source, 0, s, err);
done:
  return status;
}

/* Append text with runs of two or more white-space characters as one space. */
static void squeeze_spaces(hn_text text, hn_buffer *out) {
  for (size_t i = 0, run_length, length; i < text.n;) {
    size_t start = i;
    for (run_length = 0; i < text.n; i += length, run_length++)
      if (!hn_char_is_space(hn_utf8_decode(text.bytes + i, &length))) break;
    if (run_length == 1) hn_buffer_append(out, text.bytes + start, i - start);
    if (run_length > 1) hn_buffer_byte(out, ' ');
    for (start = i; i < text.n; i += length)
      if (hn_char_is_space(hn_utf8_decode(text.bytes + i, &length))) break;
    hn_buffer_append(out, text.bytes + start, i - start);
  }
}

static hn_status add_character(term_source source, const char *at, size_t length, hn_analysis *s,
                               hn_error *err) {
  return word_number(source, at, length, &s->ids[s->n_ids++], err);
}

static hn_status analyze_characters(const hn_analyzer *a, term_source source, hn_text raw,
                                    hn_analysis *s, hn_error *err) {
  hn_status status = HN_OK;
  size_t length;
  int in_words = a->kind == CHARACTERS_IN_WORDS, in_word = 0;
  hn_buffer_clear(&s->joined);
  squeeze_spaces(raw, &s->joined);
  HN_TRY(hn_buffer_status(&s->joined, err));
  HN_TRY(reserve_ids(s, s->joined.length + 2, err));
  s->n_ids = 0;
  for (size_t i = 0; i < s->joined.length; i += length) {
    const char *at = s->joined.data + i;
    int is_space = hn_char_is_space(hn_utf8_decode(at, &length));
    if (in_words && is_space != !in_word) { /* a word begins or ends */
      HN_TRY(add_character(source, " ", 1, s, err));
      if (in_word) HN_TRY(emit_grams(a, source, 1, s, err));
      if (in_word) s->n_ids = 0;
      in_word = !in_word;
    }
    if (!in_words || in_word) HN_TRY(add_character(source, at, length, s, err));
  }
  if (in_word) HN_TRY(add_character(source, " ", 1, s, err));
  status = emit_grams(a, source, in_words, s, err);
done:
  return status;
}

/* Decode, lower and strip; the result is borrowed from text or s. */
static hn_status preprocess(const hn_analyzer *a, hn_text *text, hn_analysis *s, hn_error *err) {
  hn_status status = HN_OK;
  if (a->replace_invalid && hn_utf8_valid_length(text->bytes, text->n) < text->n) {
    hn_buffer_clear(&s->repaired);
    HN_TRY(hn_utf8_repair(text->bytes, text->n, &s->repaired, err));
    *text = (hn_text){s->repaired.data, s->repaired.length};
  }
  HN_TRY(hn_utf8_check(text->bytes, text->n, err));
  if (a->lowercase) {
    hn_buffer_clear(&s->lowered);
    HN_TRY(hn_text_lower(text->bytes, text->n, &s->lowered, err));
    *text = (hn_text){s->lowered.data, s->lowered.length};
  }
  if (a->accents != HN_ACCENTS_KEEP) {
    hn_buffer_clear(&s->stripped);
    HN_TRY(hn_text_strip_accents(text->bytes, text->n, a->accents, &s->stripped, err));
    *text = (hn_text){s->stripped.data, s->stripped.length};
  }
  if (text->n > UINT32_MAX)
    HN_TRY(hn_fail(err, HN_INVALID, "a text of %zu bytes is too long (at most %u); split it",
                   text->n, UINT32_MAX));
done:
  return status;
}

static hn_status analyze(const hn_analyzer *a, hn_text text, term_source source, hn_analysis *s,
                         hn_error *err) {
  hn_status status = HN_OK;
  s->n = 0;
  if (text.n == 0) text.bytes = "";
  HN_TRY(preprocess(a, &text, s, err));
  if (text.n == 0) text.bytes = "";
  status = a->kind == WORDS ? analyze_words(a, source, text, s, err)
                            : analyze_characters(a, source, text, s, err);
done:
  return status;
}

hn_status hn_analyzer_apply(const hn_analyzer *a, hn_text text, const hn_vocabulary *known,
                            hn_analysis *s, hn_error *err) {
  return analyze(a, text, (term_source){.known = known}, s, err);
}

hn_status hn_analyzer_sequences(const hn_analyzer *a, hn_text text, hn_vocabulary *words,
                                hn_analysis *s, hn_error *err) {
  return analyze(a, text, (term_source){.growing = words}, s, err);
}

hn_ngram_range hn_analyzer_range(const hn_analyzer *a) {
  if (a->spell_grams) return (hn_ngram_range){1, 1, 0};
  return (hn_ngram_range){a->min_n, a->max_n, a->kind == CHARACTERS_IN_WORDS};
}

hn_status hn_analyzer_add_spelled(const hn_analyzer *a, hn_text term, hn_vocabulary *vocabulary,
                                  uint32_t *term_out, hn_error *err) {
  hn_status status = HN_OK;
  uint32_t number = HN_NO_TERM, last;
  if ((a->kind == WORDS && a->max_n == 1) || a->spell_grams || term.n == 0)
    return hn_vocabulary_add_word(vocabulary, term.bytes, term.n, term_out, err);
  for (size_t i = 0, length; i < term.n;) {
    const char *at = term.bytes + i, *space = memchr(at, ' ', term.n - i);
    hn_utf8_decode(at, &length);
    if (a->kind == WORDS) length = space ? (size_t)(space - at) : term.n - i;
    HN_TRY(hn_vocabulary_add_word(vocabulary, at, length, &last, err));
    if (number == HN_NO_TERM)
      number = last;
    else
      HN_TRY(hn_vocabulary_add_gram(vocabulary, number, last, &number, err));
    i += length + (a->kind == WORDS);
  }
  *term_out = number;
done:
  return status;
}
