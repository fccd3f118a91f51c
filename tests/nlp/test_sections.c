#include "golden.h"

#include "base/memory.h"
#include "nlp/sections.h"

#include <string.h>

static const char song[] = "Title line\n"
                           "[Intro]\nyo\n"
                           "[Verse 1: Snoop Dogg & Nate Dogg]\nla\n"
                           "[Chorus: *Nate Dogg* with (Warren G), Kurupt]\nlo\n"
                           "[Verse 2 \xE2\x80\x93 Simon and Garfunkel]\nle\n"
                           "[?] not a mark\n"
                           "Verse 3\nli\n"
                           "(Hook)\nlu\n"
                           "[Outro: D\xE2\x80\x99"
                           "Angelo feat. Redman]\nend";

static void expect_range(hn_range range, const char *expected) {
  assert_int_equal(range.end - range.start, strlen(expected));
  assert_memory_equal(song + range.start, expected, strlen(expected));
}

static void test_read(void **state) {
  (void)state;
  static const struct {
    hn_section_kind kind;
    const char *heading, *text, *performers[4];
  } expected[] = {
      {HN_SECTION_NONE, "", "Title line\n", {NULL}},
      {HN_SECTION_INTRO, "Intro", "\nyo\n", {NULL}},
      {HN_SECTION_VERSE, "Verse 1: Snoop Dogg & Nate Dogg", "\nla\n", {"Snoop Dogg", "Nate Dogg"}},
      {HN_SECTION_CHORUS,
       "Chorus: *Nate Dogg* with (Warren G), Kurupt",
       "\nlo\n",
       {"Nate Dogg", "Warren G", "Kurupt"}},
      {HN_SECTION_VERSE,
       "Verse 2 \xE2\x80\x93 Simon and Garfunkel",
       "\nle\n[?] not a mark\n",
       {"Simon", "Garfunkel"}},
      {HN_SECTION_VERSE, "Verse 3", "\nli\n", {NULL}},
      {HN_SECTION_CHORUS, "Hook", "\nlu\n", {NULL}},
      {HN_SECTION_OUTRO,
       "Outro: D\xE2\x80\x99"
       "Angelo feat. Redman",
       "\nend",
       {"D\xE2\x80\x99"
        "Angelo",
        "Redman"}},
  };
  hn_sections sections = {0};
  assert_int_equal(hn_sections_read(song, strlen(song), &sections, NULL), HN_OK);
  assert_int_equal(sections.n, sizeof expected / sizeof *expected);
  for (size_t i = 0; i < sections.n; i++) {
    const hn_section *section = &sections.items[i];
    assert_string_equal(hn_section_kind_name(section->kind),
                        hn_section_kind_name(expected[i].kind));
    expect_range(section->heading, expected[i].heading);
    expect_range(section->text, expected[i].text);
    for (size_t k = 0; k < section->n_performers; k++)
      expect_range(section->performers[k], expected[i].performers[k]);
    assert_null(expected[i].performers[section->n_performers]);
  }
  hn_sections_free(&sections);
}

static void expect_removed(const char *const *names, size_t n_names, size_t n_removed,
                           const char *gone) {
  hn_buffer out = {0};
  size_t n;
  assert_int_equal(
      hn_sections_remove_performers(song, strlen(song), names, n_names, &out, &n, NULL), HN_OK);
  assert_int_equal(n, n_removed);
  if (gone) assert_null(strstr(out.data, gone));
  if (!gone) assert_string_equal(out.data, song);
  hn_buffer_free(&out);
}

static void test_remove_performers(void **state) {
  (void)state;
  expect_removed(NULL, 0, 0, NULL);
  expect_removed((const char *const[]){"Nate Dogg"}, 1, 0, NULL);
  expect_removed((const char *const[]){"nate  DOGG", "SNOOP DOGG"}, 2, 1, "\nla\n");
  expect_removed((const char *const[]){"Kurupt", "Nate Dogg", "Warren G"}, 3, 1, "\nlo\n");
  expect_removed((const char *const[]){"simon And garfunkel"}, 1, 1, "\nle\n");
  expect_removed((const char *const[]){"Simon", "Garfunkel", "X"}, 3, 1, "\nle\n");
  expect_removed((const char *const[]){"d'angelo", "redman"}, 2, 1, "\nend");
}

static void test_keep_performer(void **state) {
  (void)state;
  static const char lyric[] = "[Intro]\na\n[Verse 1: Nas]\nb\n[Verse 2: AZ]\nc\n"
                              "[Hook: repeat 2X]\nd\n[Verse 3: AZ & nas]\ne\n[Outro: AZ, Jay]\nf";
  hn_buffer out = {0};
  size_t n;
  assert_int_equal(hn_sections_keep_performer(lyric, strlen(lyric), "NAS", &out, &n, NULL), HN_OK);
  assert_int_equal(n, 2);
  assert_string_equal(out.data, "[Intro]\na\n[Verse 1: Nas]\nb\n[Hook: repeat 2X]\nd\n"
                                "[Verse 3: AZ & nas]\ne\n");
  hn_buffer_clear(&out);
  assert_int_equal(
      hn_sections_keep_performer(song, strlen(song), "Simon And Garfunkel", &out, &n, NULL), HN_OK);
  assert_int_equal(n, 3);
  assert_non_null(strstr(out.data, "\nle\n"));
  hn_buffer_free(&out);
}

/* A heading or NULL, by the first mark found in a text. */
static void expect_mark(const char *text, const char *heading) {
  hn_section_mark mark;
  int found = hn_section_next_mark(text, strlen(text), 0, &mark);
  if (found != (heading != NULL)) fail_msg("\"%s\": %s", text, found ? "a mark" : "no mark");
  if (!heading) return;
  assert_int_equal(mark.heading.end - mark.heading.start, strlen(heading));
  assert_memory_equal(text + mark.heading.start, heading, strlen(heading));
}

static void test_marks(void **state) {
  (void)state;
  static const char *const headings[] = {"Verse",
                                         "verse2",
                                         "Verse  1 -  Male Rap",
                                         "Final Chorus",
                                         "Pre-Chorus 2",
                                         "Chorus x2",
                                         "Hook: repeat 2X",
                                         "Instrumental Break",
                                         "Couplet 1",
                                         "Estribillo",
                                         "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xBF\xD0\xB5\xD0\xB2 2",
                                         "Part II",
                                         "Guitar Solo",
                                         "\xE5\x89\xAF\xE6\xAD\x8C",
                                         "Bridge: A, B & C",
                                         "Verse 1 (A)",
                                         "Skit",
                                         "Repeat Chorus",
                                         "Middle 8",
                                         "OUTRO",
                                         "Drop",
                                         "Vers 3: X"};
  char text[128];
  for (size_t i = 0; i < sizeof headings / sizeof *headings; i++) {
    snprintf(text, sizeof text, "la [ %s ] la", headings[i]);
    expect_mark(text, headings[i]);
  }
  static const char *const none[] = {"[?]",
                                     "[Oh]",
                                     "[Part of me]",
                                     "[Hooked]",
                                     "[Bridges]",
                                     "[Drop it low]",
                                     "[Verses]",
                                     "[]",
                                     "[Verse",
                                     "[\n\n\nVerse]",
                                     "part",
                                     "(drop)",
                                     "(verse of love)",
                                     "Vers",
                                     "a\nBridge\nb",
                                     "Chorus of angels",
                                     "End",
                                     "[Hook's up]"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) expect_mark(none[i], NULL);
  expect_mark("a\nChorus\nb", "Chorus");
  expect_mark("a\n\nBridge\nb", "Bridge");
  expect_mark("a\nBridge:\nb", "Bridge:");
  expect_mark("a\n  Verse two\nb", "Verse two");
  expect_mark("a\nHook (repeat x2)\nb", "Hook (repeat x2)");
  expect_mark("a\n(chorus)\nb", "chorus");
  expect_mark("", NULL);
}

static void test_errors(void **state) {
  (void)state;
  hn_error err;
  hn_sections sections = {0};
  hn_buffer out = {0};
  size_t n;
  assert_int_equal(hn_sections_read("a\xFF", 2, &sections, &err), HN_FORMAT);
  assert_int_equal(hn_sections_remove_performers("[Verse: A]", 10, (const char *const[]){"\xFF"}, 1,
                                                 &out, &n, &err),
                   HN_FORMAT);
  assert_int_equal(hn_sections_read("", 0, &sections, &err), HN_OK);
  assert_int_equal(sections.n, 1);
  hn_sections_free(&sections);
  hn_buffer_free(&out);
}

static void test_memory_failures(void **state) {
  (void)state;
  for (long n = 0;; n++) {
    hn_buffer out = {0};
    size_t n_removed;
    hn_memory_fail_after(n);
    hn_status status = hn_sections_remove_performers(
        song, strlen(song), (const char *const[]){"Redman", "Simon"}, 2, &out, &n_removed, NULL);
    hn_memory_fail_after(-1);
    hn_buffer_free(&out);
    if (status == HN_OK) break;
    assert_int_equal(status, HN_NO_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_read),           cmocka_unit_test(test_remove_performers),
      cmocka_unit_test(test_keep_performer), cmocka_unit_test(test_marks),
      cmocka_unit_test(test_errors),         cmocka_unit_test(test_memory_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
