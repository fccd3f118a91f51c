#include "golden.h"

#include "base/file.h"
#include "base/memory.h"
#include "nlp/clean.h"

#include <string.h>

static hn_cleaner *make_cleaner(const char *rule, const char *value) {
  hn_error err = {0};
  hn_options *options = NULL;
  hn_cleaner *cleaner = NULL;
  assert_int_equal(hn_options_create(hn_clean_options, &options, &err), HN_OK);
  if (rule) assert_int_equal(hn_options_set(options, rule, value, &err), HN_OK);
  if (hn_cleaner_create(options, &cleaner, &err) != HN_OK) fail_msg("%s", err.message);
  hn_options_destroy(options);
  return cleaner;
}

/* Only one rule on. */
static hn_cleaner *single_rule(const char *rule) {
  hn_options *options = NULL;
  hn_cleaner *cleaner = NULL;
  assert_int_equal(hn_options_create(hn_clean_options, &options, NULL), HN_OK);
  for (size_t r = 0; r < hn_clean_n_rules(); r++) {
    const char *name = hn_clean_rule_name(r);
    hn_options_set(options, name, strcmp(name, rule) == 0 ? "true" : "false", NULL);
  }
  assert_int_equal(hn_cleaner_create(options, &cleaner, NULL), HN_OK);
  hn_options_destroy(options);
  return cleaner;
}

/* The spans say exactly how the original became the cleaned text. */
static void check_spans(const char *text, size_t n, const hn_cleaned *c) {
  hn_buffer rebuilt = {0};
  size_t at = 0, n_bytes = 0, n_counted = 0;
  for (size_t i = 0; i < c->n_spans; i++) {
    const hn_clean_span *span = &c->spans[i];
    assert_true(span->offset >= at && span->offset + span->length <= n);
    assert_true(span->rule < hn_clean_n_rules());
    assert_true(c->counts[span->rule].n_matches > 0);
    hn_buffer_append(&rebuilt, text + at, span->offset - at);
    if (span->text_length) assert_int_equal(rebuilt.length, span->text_offset);
    hn_buffer_append(&rebuilt, c->text + span->text_offset, span->text_length);
    at = span->offset + span->length;
    n_bytes += span->length;
  }
  hn_buffer_append(&rebuilt, text + at, n - at);
  assert_int_equal(rebuilt.length, c->n);
  assert_memory_equal(rebuilt.data, c->text, c->n);
  for (size_t r = 0; r < hn_clean_n_rules(); r++) n_counted += c->counts[r].n_bytes;
  assert_int_equal(n_counted, n_bytes);
  hn_buffer_free(&rebuilt);
}

static void expect_cleaned(const hn_cleaner *cleaner, const char *before, const char *after) {
  hn_error err = {0};
  hn_cleaned c = {0};
  if (hn_cleaner_apply(cleaner, before, strlen(before), &c, &err) != HN_OK)
    fail_msg("%s", err.message);
  if (strcmp(c.text, after) != 0)
    fail_msg("\"%s\" became \"%s\", expected \"%s\"", before, c.text, after);
  check_spans(before, strlen(before), &c);
  hn_cleaned_free(&c);
}

static const struct {
  const char *rule, *before, *after;
} golden[] = {
    {"invalid_utf8", "caf\xE9 noir", "caf\xEF\xBF\xBD noir"},
    {"newlines",
     "a\r\nb\rc\xE2\x80\xA8"
     "d\n",
     "a\nb\nc\nd\n"},
    {"html_entities", "R&amp;B &#39;n&#x2019; caf&eacute; &amp;quot;hi&amp;quot; &hearts; &amp; x",
     "R&B 'n\xE2\x80\x99 caf\xC3\xA9 \"hi\" &hearts; & x"},
    {"html_breaks", "one<br>two <br/>\nthree<p class=\"x\">four", "one\ntwo\nthree\nfour"},
    {"html_tags", "<i>one</i> <a href=\"/x\">two</a> <3", "one two <3"},
    {"nfc", "cafe\xCC\x81 \xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB \xE2\x84\xAB",
     "caf\xC3\xA9 \xED\x95\x9C \xC3\x85"},
    {"zero_width",
     "\xEF\xBB\xBFno\xE2\x80\x8Bthing so\xC2\xAD"
     "ft a\xE2\x80\x8D b",
     "nothing soft a b"},
    {"lrc_timestamps", "[00:12.34]One <00:13.00> two\n[01:02]three[ 01:\n03.50 ]",
     "One two\nthree"},
    {"lrc_timestamps", "[00:12.34]\nOne\n[00:13.00] [00:20.00]\ntwo", "One\ntwo"},
    {"lrc_tags", "[ar:Someone]\n[ti: A Song]\n[offset:+200]\nline\n", "line\n"},
    {"about",
     "2 ContributorsSong Lyrics\xE2\x80\x9CSong\xE2\x80\x9D is about\nlove\xE2\x80\xA6 "
     "Read More\xC2\xA0[Verse 1]\nla",
     "2 ContributorsSong Lyrics[Verse 1]\nla"},
    {"contributors",
     "12 ContributorsTranslationsEspa\xC3\xB1olMy Lyrics Song Lyrics[Verse 1]\nla\n",
     "[Verse 1]\nla\n"},
    {"contributors", "1 Contributorsong Lyrics\nla\n", "la\n"},
    {"translations",
     "TranslationsDeutschFran\xC3\xA7"
     "aisSong Lyrics\nla",
     "la"},
    {"title", "My Song Lyrics[Chorus]\nla", "[Chorus]\nla"},
    {"title", "My Song Lyrics\n[Verse 1: X]\nla", "[Verse 1: X]\nla"},
    {"tickets", "oh\nSee Kendrick Lamar LiveGet tickets as low as $86You might also like\nla",
     "oh\nYou might also like\nla"},
    {"tickets",
     "oh\nSee Mary J. Blige Live\nGet tickets as low as \xE2\x82\xAC"
     "1,086.50\nla",
     "oh\nla"},
    {"embed", "my love12Embed", "my love"},
    {"embed", "my love1.2KEmbed\n", "my love\n"},
    {"embed", "in 19995Embed", "in 19995"},
    {"embed", "my love\n7EmbedShare URLCopyEmbedCopy", "my love\n"},
    {"you_might_also_like", "my loveYou might also like[Chorus]\nYou might also like\nla",
     "my love[Chorus]\nla"},
    {"you_might_also_like", "my love?You might also likeAnd then", "my love?And then"},
    {"produced_by", "[Produced by Dr. Dre & Mel-Man]\nla\n(Prod. by X)\nla", "la\nla"},
    {"title_marks", "[Letra de \"Mi amor\" ft. Ana]\nla [Letra de \"x\"]", "la [Letra de \"x\"]"},
    {"title_marks", "[Paroles de \u00abAmour\u00bb]\n\n[Couplet 1]", "\n[Couplet 1]"},
    {"title_marks",
     "[\u0422\u0435\u043a\u0441\u0442 \u043f\u0435\u0441\u043d\u0438 \u00ab\u042f\u00bb]\nla",
     "la"},
    {"expand_repeats", "[Hook: repeat 2X]\nla\nlo\n\n[Verse]\nli",
     "[chorus]\nla\nlo\nla\nlo\n\n[Verse]\nli"},
    {"expand_repeats", "[Chorus]\nla\n[Verse 1]\nlo\n[Chorus]\n[Verse 2]\nli\n[Chorus x2]",
     "[Chorus]\nla\n[Verse 1]\nlo\n[chorus]\nla\n[Verse 2]\nli\n[chorus]\nla\nla"},
    {"expand_repeats", "oh yeah (x3)\nno [2x]\n(x2)\n(4 x) la",
     "oh yeah\noh yeah\noh yeah\nno\nno\n(x2)\n(4 x) la"},
    {"expand_repeats", "[Chorus]\n[Verse 2]\n[Verse 3 x99]\nla (x1000)",
     "[Chorus]\n[Verse 2]\n[Verse 3 x99]\nla (x1000)"},
    {"section_marks", "[Hook: repeat 2X]\nla\n[Chorus x2]", "la\n"},
    {"section_marks", "[Verse 1: Snoop Dogg]\nla [Hook]\n(Chorus)\n{Bridge}\n[Refr\xC3\xA3o]\nlo",
     "la \nlo"},
    {"section_marks", "[Chorus: A &\nB, repeat 2X]la", "la"},
    {"bare_sections", "Verse 1\nla\nChorus\nlo\nHook x2\nle\n\nHook\nli\nverse 2:\nlu\nBridge (2x)",
     "la\nlo\nle\n\nli\nlu\n"},
    {"repetitions", "yeah (x4)\nno [2x]\n(repeat 3 times)\nla (Repeat x2)", "yeah\nno\nla"},
    {"ad_lib_marks", "I [?] you [laughs]\n[Music fades out]\n[[Drums]]\n[zh]ni hao",
     "I you\nni hao"},
    {"braces", "la {x}\n{scratching}\nlo", "la\nlo"},
    {"brackets", "la [la]\n[Anything]\nlo", "la\nlo"},
    {"trailing_spaces", "a \t\nb\xC2\xA0\n  c", "a\nb\n  c"},
    {"blank_lines", "\n\na\n\n\n\nb\n\n\n", "a\n\nb\n"},
};

static void test_every_rule_has_golden_examples(void **state) {
  (void)state;
  for (size_t r = 0; r < hn_clean_n_rules(); r++) {
    int n = 0;
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++)
      n += strcmp(golden[i].rule, hn_clean_rule_name(r)) == 0;
    if (n == 0) fail_msg("no example of %s", hn_clean_rule_name(r));
  }
  for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
    hn_cleaner *cleaner = single_rule(golden[i].rule);
    expect_cleaned(cleaner, golden[i].before, golden[i].after);
    expect_cleaned(cleaner, golden[i].after, golden[i].after);
    hn_cleaner_destroy(cleaner);
  }
}

static void test_lookalikes_stay(void **state) {
  (void)state;
  char *bytes, *block;
  size_t n;
  assert_int_equal(hn_file_read(HN_TEST_DIR "/lookalikes.txt", &bytes, &n, NULL), HN_OK);
  hn_cleaner *cleaner = make_cleaner(NULL, NULL);
  for (block = bytes; block; block = strstr(block, "%%\n")) {
    if (block > bytes) block += 3;
    char *end = strstr(block, "%%\n");
    char *text = hn_strndup(block, end ? (size_t)(end - block) : strlen(block));
    expect_cleaned(cleaner, text, text);
    hn_free(text);
  }
  hn_cleaner_destroy(cleaner);
  hn_free(bytes);
}

static void test_a_whole_page(void **state) {
  (void)state;
  hn_cleaner *cleaner = make_cleaner(NULL, NULL);
  expect_cleaned(cleaner,
                 "48 ContributorsTranslationsPortugu\xC3\xAAsSome Song Lyrics\xE2\x80\x9CSome "
                 "Song\xE2\x80\x9D is the second single\xE2\x80\xA6 Read More\xC2\xA0[Intro: "
                 "Someone]\r\nYeah&#44; yeah (x2)\r\n\r\n[Verse 1]\r\nDon&amp;#39;t stop "
                 "\r\nSee Someone LiveGet tickets as low as $40You might also like[Chorus]\r\n"
                 "Cafe\xCC\x81 love\xE2\x80\x8B\r\n\r\n\r\n[Outro]\r\nMy love12Embed",
                 "Yeah, yeah\n\nDon't stop\nCaf\xC3\xA9 love\n\nMy love");
  expect_cleaned(cleaner, "", "");
  expect_cleaned(cleaner, "\n\n", "");
  expect_cleaned(cleaner, "[Instrumental]", "");
  expect_cleaned(cleaner, "a", "a");
  hn_cleaner_destroy(cleaner);
}

static void test_spans_name_the_rule(void **state) {
  (void)state;
  static const char text[] = "[Hook]\nR&amp;B \xE2\x80\x8B[?]12Embed";
  hn_cleaner *cleaner = make_cleaner(NULL, NULL);
  hn_cleaned c = {0};
  assert_int_equal(hn_cleaner_apply(cleaner, text, strlen(text), &c, NULL), HN_OK);
  assert_string_equal(c.text, "R&B");
  static const struct {
    const char *rule;
    size_t offset, length, text_length;
  } expected[] = {{"section_marks", 0, 7, 0}, {"html_entities", 8, 5, 1},
                  {"ad_lib_marks", 14, 1, 0}, {"zero_width", 15, 3, 0},
                  {"ad_lib_marks", 18, 3, 0}, {"embed", 21, 7, 0}};
  assert_int_equal(c.n_spans, 6);
  for (size_t i = 0; i < c.n_spans; i++) {
    assert_string_equal(hn_clean_rule_name(c.spans[i].rule), expected[i].rule);
    assert_int_equal(c.spans[i].offset, expected[i].offset);
    assert_int_equal(c.spans[i].length, expected[i].length);
    assert_int_equal(c.spans[i].text_length, expected[i].text_length);
  }
  assert_memory_equal(c.text + c.spans[1].text_offset, "&", 1);
  hn_cleaned_free(&c);
  hn_cleaner_destroy(cleaner);
}

static void test_repeats_are_written_out(void **state) {
  (void)state;
  hn_cleaner *cleaner = make_cleaner("expand_repeats", "true");
  expect_cleaned(cleaner,
                 "[Chorus: A, repeat 2x]\nla\n\n[Verse 1]\nlo (x2)\n\n[Chorus]\n\n[Outro]\nli",
                 "la\nla\n\nlo\nlo\n\nla\n\nli");
  hn_cleaner_destroy(cleaner);
}

static void test_rules_switch_off(void **state) {
  (void)state;
  hn_cleaner *cleaner = make_cleaner("section_marks", "false");
  expect_cleaned(cleaner, "[Chorus]\nla", "[Chorus]\nla");
  hn_cleaner_destroy(cleaner);
  hn_options *options = NULL;
  assert_int_equal(hn_options_create(hn_clean_options, &options, NULL), HN_OK);
  assert_int_equal(hn_options_set(options, "nonsense", "true", NULL), HN_INVALID);
  hn_options_destroy(options);
}

static void test_invalid_utf8(void **state) {
  (void)state;
  hn_error err;
  hn_cleaned c = {0};
  hn_cleaner *cleaner = make_cleaner(NULL, NULL);
  assert_int_equal(hn_cleaner_apply(cleaner, "caf\xE9", 4, &c, &err), HN_FORMAT);
  assert_non_null(strstr(err.message, "byte 3"));
  assert_null(c.text);
  hn_cleaner_destroy(cleaner);
}

/* Bytes and marks thrown together: whatever comes, the spans stay exact. */
static void test_spans_survive_anything(void **state) {
  (void)state;
  static const char *const pieces[] = {"[Verse 1: X]",
                                       "\n",
                                       " ",
                                       "love",
                                       "&amp;",
                                       "#39;",
                                       "e\xCC\x81",
                                       "\xE2\x80\x8B",
                                       "12Embed",
                                       "(x2)",
                                       "{a}",
                                       "[",
                                       "]",
                                       "\r\n",
                                       "<br>",
                                       "Chorus",
                                       "[00:12.00]",
                                       "\xE9",
                                       "&nbsp;",
                                       "[?]",
                                       "Lyrics",
                                       "12 Contributors",
                                       "[Hook: repeat 2X]",
                                       "[Letra de \"x\"]",
                                       "You might also like",
                                       "\xC2\xA0",
                                       "\xE1\x84\x92\xE1\x85\xA1",
                                       "&lt;",
                                       "br>"};
  hn_cleaner *usual = make_cleaner("invalid_utf8", "true"), *expanding = NULL;
  hn_options *options = NULL;
  assert_int_equal(hn_options_create(hn_clean_options, &options, NULL), HN_OK);
  hn_options_set(options, "invalid_utf8", "true", NULL);
  hn_options_set(options, "expand_repeats", "true", NULL);
  assert_int_equal(hn_cleaner_create(options, &expanding, NULL), HN_OK);
  hn_options_destroy(options);
  uint64_t seed = 1;
  for (int round = 0; round < 2000; round++) {
    const hn_cleaner *cleaner = round % 2 ? usual : expanding;
    hn_buffer text = {0};
    hn_cleaned c = {0};
    for (int i = 0; i < 20; i++) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      hn_buffer_text(&text, pieces[(seed >> 33) % (sizeof pieces / sizeof *pieces)]);
    }
    assert_int_equal(hn_cleaner_apply(cleaner, text.data, text.length, &c, NULL), HN_OK);
    check_spans(text.data, text.length, &c);
    assert_int_equal(hn_utf8_check(c.text, c.n, NULL), HN_OK);
    hn_cleaned_free(&c);
    hn_buffer_free(&text);
  }
  hn_cleaner_destroy(usual);
  hn_cleaner_destroy(expanding);
}

static void test_memory_failures(void **state) {
  (void)state;
  static const char text[] = "[Hook]\nR&amp;B e\xCC\x81 [?]12Embed";
  hn_options *options = NULL;
  assert_int_equal(hn_options_create(hn_clean_options, &options, NULL), HN_OK);
  for (long n = 0;; n++) {
    hn_cleaner *cleaner = NULL;
    hn_cleaned c = {0};
    hn_memory_fail_after(n);
    hn_status status = hn_cleaner_create(options, &cleaner, NULL);
    if (status == HN_OK) status = hn_cleaner_apply(cleaner, text, strlen(text), &c, NULL);
    hn_memory_fail_after(-1);
    hn_cleaned_free(&c);
    hn_cleaner_destroy(cleaner);
    if (status == HN_OK) break;
    assert_int_equal(status, HN_NO_MEMORY);
  }
  hn_options_destroy(options);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_rule_has_golden_examples),
      cmocka_unit_test(test_lookalikes_stay),
      cmocka_unit_test(test_a_whole_page),
      cmocka_unit_test(test_spans_name_the_rule),
      cmocka_unit_test(test_repeats_are_written_out),
      cmocka_unit_test(test_rules_switch_off),
      cmocka_unit_test(test_invalid_utf8),
      cmocka_unit_test(test_spans_survive_anything),
      cmocka_unit_test(test_memory_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
