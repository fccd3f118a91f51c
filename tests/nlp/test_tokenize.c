#include "golden.h"

#include "base/memory.h"
#include "base/random.h"
#include "nlp/tokenize.h"

#include <string.h>

/* Each pattern as re.findall; the default one by the scanner and, spelled otherwise, by PCRE2. */
static void check_tokens(const char *pattern, hn_text text, const json_t *expected) {
  hn_error err = {0};
  hn_tokenizer *tokenizer = NULL;
  hn_tokens tokens = {0};
  if (hn_tokenizer_create(pattern, &tokenizer, &err) != HN_OK) fail_msg("%s", err.message);
  assert_int_equal(hn_tokenizer_apply(tokenizer, text.bytes, text.n, &tokens, &err), HN_OK);
  if (tokens.n != json_array_size(expected))
    fail_msg("%s gives %zu tokens of \"%s\", expected %zu", pattern, tokens.n, text.bytes,
             json_array_size(expected));
  for (size_t i = 0; i < tokens.n; i++) {
    hn_text token = golden_text(json_array_get(expected, i), NULL);
    assert_int_equal(tokens.spans[i].length, token.n);
    assert_memory_equal(text.bytes + tokens.spans[i].start, token.bytes, token.n);
  }
  hn_tokens_free(&tokens);
  hn_tokenizer_destroy(tokenizer);
}

static void test_patterns_match_python(void **state) {
  (void)state;
  json_t *golden = read_golden("tokens.json");
  size_t i;
  json_t *item;
  json_array_foreach(json_object_get(golden, "findall"), i, item) {
    const char *pattern = json_string_value(json_object_get(item, "pattern"));
    const json_t *tokens = json_object_get(item, "tokens");
    check_tokens(pattern, golden_text(item, "text"), tokens);
    if (strcmp(pattern, HN_TOKEN_PATTERN) == 0)
      check_tokens("\\b\\w\\w+\\b", golden_text(item, "text"), tokens);
  }
  json_decref(golden);
}

static void test_bad_patterns(void **state) {
  (void)state;
  hn_error err;
  hn_tokenizer *tokenizer = NULL;
  assert_int_equal(hn_tokenizer_create("\\w+)", &tokenizer, &err), HN_INVALID);
  assert_non_null(strstr(err.message, "unmatched closing parenthesis"));
  assert_int_equal(hn_tokenizer_create("(a)(b)", &tokenizer, &err), HN_INVALID);
  assert_non_null(strstr(err.message, "2 groups"));
  assert_null(tokenizer);
}

static void test_costly_pattern_is_an_error(void **state) {
  (void)state;
  hn_error err;
  hn_tokenizer *tokenizer = NULL;
  hn_tokens tokens = {0};
  const char text[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  assert_int_equal(hn_tokenizer_create("(?:a|aa)+(?:a|aa)+[!?]", &tokenizer, &err), HN_OK);
  assert_int_equal(hn_tokenizer_apply(tokenizer, text, sizeof text - 1, &tokens, &err), HN_INVALID);
  assert_non_null(strstr(err.message, "simplify"));
  hn_tokens_free(&tokens);
  hn_tokenizer_destroy(tokenizer);
}

static void test_translation(void **state) {
  (void)state;
  static const char *const pairs[][2] = {
      {"(?iu)a", "(?i)a"},
      {"(?u)a", "a"},
      {"[\\w-]", "[\\p{L}\\p{N}_-]"},
      {"a{,3}", "a{0,3}"},
      {"\\u00e9", "\\x{00e9}"},
      {"[]a]\\Z", "[]a]\\z"},
      {"[^]{,2}]", "[^]{,2}]"},
      {"\\\\w", "\\\\w"},
      {"(?:a)", "(?:a)"},
      {"\\U0001F3B5", "\\x{0001F3B5}"},
      {"\\", "\\"},
      {"[\\b]", "[\\b]"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    hn_buffer out = {0};
    assert_int_equal(hn_pattern_from_python(pairs[i][0], &out, NULL), HN_OK);
    assert_string_equal(out.data, pairs[i][1]);
    hn_buffer_free(&out);
  }
}

static void test_memory_failures(void **state) {
  (void)state;
  for (long n = 0;; n++) {
    hn_tokenizer *tokenizer = NULL;
    hn_tokens tokens = {0};
    hn_memory_fail_after(n);
    hn_status status = hn_tokenizer_create("(\\w)\\w*", &tokenizer, NULL);
    if (status == HN_OK) status = hn_tokenizer_apply(tokenizer, "one two", 7, &tokens, NULL);
    hn_memory_fail_after(-1);
    size_t n_tokens = tokens.n;
    hn_tokens_free(&tokens);
    hn_tokenizer_destroy(tokenizer);
    if (status == HN_OK) {
      assert_int_equal(n_tokens, 2);
      break;
    }
    assert_int_equal(status, HN_NO_MEMORY);
  }
}

static void check_scanner(const hn_tokenizer *scanner, const hn_tokenizer *twin, hn_text text) {
  hn_tokens found = {0}, expected = {0};
  assert_int_equal(hn_tokenizer_apply(scanner, text.bytes, text.n, &found, NULL), HN_OK);
  assert_int_equal(hn_tokenizer_apply(twin, text.bytes, text.n, &expected, NULL), HN_OK);
  assert_int_equal(found.n, expected.n);
  if (found.n) assert_memory_equal(found.spans, expected.spans, found.n * sizeof *found.spans);
  hn_tokens_free(&found);
  hn_tokens_free(&expected);
}

/* Words that begin and end anywhere in the scanner's chunks: as PCRE2 finds them. */
static void test_scanner_has_a_twin(void **state) {
  (void)state;
  static const char *const pieces[] = {"a", "Z", "0", "_", " ", "-",  "\n", "@", "[",    "`",
                                       "{", "/", ":", "é", "ж", "中", "’",  "😀", "word", "   "};
  hn_tokenizer *scanner = NULL, *twin = NULL;
  hn_rng rng;
  hn_rng_init(&rng, 7, "pieces", 0);
  assert_int_equal(hn_tokenizer_create(HN_TOKEN_PATTERN, &scanner, NULL), HN_OK);
  assert_int_equal(hn_tokenizer_create("\\b\\w\\w+\\b", &twin, NULL), HN_OK);
  for (size_t round = 0; round < 3000; round++) {
    hn_buffer text = {0};
    size_t n = round % 60, n_kinds = round % 2 ? 13 : sizeof pieces / sizeof *pieces;
    for (size_t i = 0; i < n; i++) hn_buffer_text(&text, pieces[hn_rng_below(&rng, n_kinds)]);
    check_scanner(scanner, twin, (hn_text){text.data ? text.data : "", text.length});
    hn_buffer_free(&text);
  }
  hn_tokenizer_destroy(scanner);
  hn_tokenizer_destroy(twin);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_patterns_match_python),
      cmocka_unit_test(test_scanner_has_a_twin),
      cmocka_unit_test(test_bad_patterns),
      cmocka_unit_test(test_costly_pattern_is_an_error),
      cmocka_unit_test(test_translation),
      cmocka_unit_test(test_memory_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
