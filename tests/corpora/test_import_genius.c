#include "importing.h"

static hn_status import(scratch *s, const char *path, hn_import_report *report, hn_error *err) {
  return run_import(s, "genius", path, NULL, report, err);
}

static void imports(scratch *s, const char *path, const char *manifest,
                    const char *const *problems) {
  assert_imports(s, "genius", path, NULL, manifest, problems);
}

#define HEADER "track_id,title,artist,featured,album,year,lyrics,audio\n"
static const char *const none[] = {NULL};

/* As version 3 of LyricsGenius writes an artist, cut to what matters and what could mislead. */
static void an_artist(void **state) {
  scratch *s = *state;
  scratch_write(
      s, "Lyrics_Ann.json",
      "{\"id\": 1, \"name\": \"Ann\", \"url\": \"u\", \"songs\": ["
      "{\"id\": 11, \"title\": \"One\", \"artist\": \"Ann\", \"featured_artists\": "
      "[{\"id\": 2, \"name\": \"\u200bbob\"}, {\"id\": 3, \"name\": \"Cat; Dee\"}],"
      " \"primary_artist\": {\"id\": 1, \"name\": \"Ann\"}, \"album\": {\"name\": \"LP, 1\"},"
      " \"release_date\": \"1999-05-01\", \"release_date_components\": {\"year\": 2001, \"month\": "
      "null, \"day\": null}, \"lyrics\": \"[Verse 1]\\nLa la\", \"song_relationships\": "
      "[{\"type\": \"samples\", \"songs\": []}]},"
      "{\"id\": 12, \"title\": \"Two\", \"album\": null, \"release_date\": null,"
      " \"release_date_for_display\": \"May 5, 1987\", \"featured_artists\": [],"
      " \"lyrics\": \"Lo\"}]}");
  imports(s, "Lyrics_Ann.json",
          HEADER "genius-11,One,Ann,\"bob;Cat, Dee\",\"LP, 1\",2001,lyrics/genius-11.txt,\n"
                 "genius-12,Two,Ann,,,1987,lyrics/genius-12.txt,\n",
          none);
  char *lyrics = scratch_read(s, "out/lyrics/genius-11.txt");
  assert_string_equal(lyrics, "[Verse 1]\nLa la");
  free(lyrics);
}

static void other_shapes(void **state) {
  scratch *s = *state;
  scratch_write(s, "d/1-song.json",
                "{\"id\": 1, \"title\": \"A\", \"artist\": \"Ann\", \"lyrics\": \"l\"}");
  scratch_write(s, "d/2-list.JSON",
                "[{\"id\": 2, \"title\": \"B\", \"artist\": {\"name\": \"Bob\"}, \"album\": "
                "\"LP\", \"year\": 1990, \"lyrics\": \"l\"}]");
  scratch_write(s, "d/3-album.json",
                "{\"name\": \"Album\", \"artist\": {\"name\": \"Cat\"}, "
                "\"release_date_components\": {\"year\": 1991}, \"tracks\": [{\"number\": 1, "
                "\"song\": {\"id\": 3, \"title\": \"C\", \"lyrics\": \"l\"}}]}");
  scratch_write(s, "d/4-old.json",
                "{\"songs\": [{\"title\": \"D\", \"album\": \"LP\", \"year\": \"1992-01-01\", "
                "\"lyrics\": \"l\", \"artist\": \"Dee\", \"json\": {\"id\": 4, \"title\": \"x\", "
                "\"featured_artists\": [{\"name\": \"Eve\"}]}}], \"artist\": \"Dee\"}");
  scratch_write(s, "d/sub/5-answer.json",
                "{\"meta\": {}, \"response\": {\"song\": {\"id\": \"5\", \"title\": \"E\", "
                "\"lyrics\": \"l\"}}}");
  scratch_write(s, "d/sub/6-no-id.json",
                "[{\"title\": \"Intro\", \"artist\": \"F\", \"lyrics\": \"l\"},"
                " {\"title\": \"Intro\", \"artist\": \"F\", \"lyrics\": \"m\"}]");
  scratch_write(s, "d/notes.txt", "not a dump");
  imports(s, "d",
          HEADER "genius-1,A,Ann,,,,lyrics/genius-1.txt,\n"
                 "genius-2,B,Bob,,LP,1990,lyrics/genius-2.txt,\n"
                 "genius-3,C,Cat,,Album,1991,lyrics/genius-3.txt,\n"
                 "genius-4,D,Dee,Eve,LP,1992,lyrics/genius-4.txt,\n"
                 "genius-5,E,,,,,lyrics/genius-5.txt,\n"
                 "genius-F-Intro,Intro,F,,,,lyrics/genius-F-Intro.txt,\n"
                 "genius-F-Intro-2,Intro,F,,,,lyrics/genius-F-Intro-2.txt,\n",
          none);
}

static void a_bad_song_costs_that_song(void **state) {
  scratch *s = *state;
  scratch_write(s, "d/a.json",
                "{\"songs\": [{\"id\": 1, \"title\": \"A\", \"lyrics\": \"l\"},"
                "{\"id\": 2, \"title\": \"B\", \"lyrics\": null},"
                "{\"id\": 3, \"title\": \" \", \"lyrics\": \"l\"},"
                "{\"id\": 4, \"title\": \"D\", \"lyrics\": \" \\n\"},"
                "{\"id\": 5}, 7,"
                "{\"id\": 1, \"title\": \"A again\", \"lyrics\": \"l\"},"
                "{\"id\": 8, \"title\": \"E\", \"year\": \"19x4\", \"lyrics\": \"l\"}]}");
  static const char *const problems[] = {
      "$/d/a.json: song 2 (\"B\") has no lyrics; left out",
      "$/d/a.json: song 3 (\" \") has no title; left out",
      "$/d/a.json: song 4 (\"D\") has no lyrics; left out",
      "$/d/a.json: song 5 (\"\") is no song (no title, no lyrics); left out",
      "$/d/a.json: song 6 (\"\") is no song (no title, no lyrics); left out",
      "$/d/a.json: song 7 (\"A again\") was read before (the same Genius id); left out",
      "$/d/a.json: song 8 (\"E\") has a date without a year (\"19x4\"); year left empty",
      NULL};
  imports(s, "d",
          HEADER "genius-1,A,,,,,lyrics/genius-1.txt,\n"
                 "genius-8,E,,,,,lyrics/genius-8.txt,\n",
          problems);
}

static void a_broken_file_gives_its_whole_songs(void **state) {
  scratch *s = *state;
  scratch_write(s, "d/a.json",
                "{\n\"songs\": [\n"
                "{\"id\": 1, \"title\": \"A {\", \"lyrics\": \"l\"},\n"
                "{\"id\": 2, \"title\": \"B \\\" }\", \"lyrics\": \"\xff\"},\n"
                "{\n\"id\": 3,\n\"title\": \"C \" stray\",\n\"lyrics\": \"l\"\n},\n"
                "{\"id\": 4, \"title\": \"D\", \"lyrics\": \"\\ud83d\"},\n"
                "{\"id\": 5, \"title\": \"E\", \"lyrics\": \"l\"},\n"
                "{\"id\": 6, \"title\": \"F\", \"lyr");
  scratch_write(s, "d/b.json", "nonsense");
  static const char *const problems[] = {
      "$/d/a.json:4:40: not JSON: unable to decode byte 0xff near '\"'; looking for whole songs in "
      "it",
      "$/d/a.json:4: song 2 is not JSON; left out",
      "$/d/a.json:5: song 3 is not JSON; left out",
      "$/d/a.json:10: song 4 is not JSON; left out",
      "$/d/a.json:12: song 6 is not JSON; left out",
      "$/d/b.json:1:8: not JSON: invalid token near 'nonsense'; looking for whole songs in it",
      NULL};
  imports(s, "d",
          HEADER "genius-1,A {,,,,,lyrics/genius-1.txt,\n"
                 "genius-5,E,,,,,lyrics/genius-5.txt,\n",
          problems);
}

static void translations_are_not_the_song(void **state) {
  scratch *s = *state;
  static const char *const keep[] = {"translations", "keep", NULL};
  static const char *const problems[] = {"$/a.json: song 1 (\"A\") is a translation, not the song "
                                         "(--translations keep takes it); left "
                                         "out",
                                         "$/a.json: song 2 (\"B (English Translation)\") is a "
                                         "translation, not the song (--translations "
                                         "keep takes it); left out",
                                         "$/a.json: song 3 (\"C\") is a translation, not the song "
                                         "(--translations keep takes it); left "
                                         "out",
                                         NULL};
  scratch_write(
      s, "a.json",
      "[{\"id\": 1, \"title\": \"A\", \"artist\": \"Genius Traducciones al Espa\u00f1ol\", "
      "\"lyrics\": \"l\"},"
      "{\"id\": 2, \"title\": \"B (English Translation)\", \"lyrics\": \"l\"},"
      "{\"id\": 3, \"title\": \"C\", \"lyrics\": \"l\", \"song_relationships\": "
      "[{\"relationship_type\": \"translation_of\", \"songs\": [{\"id\": 9}]}]},"
      "{\"id\": 4, \"title\": \"Lost in Translation\", \"artist\": \"Genius Cru\", "
      "\"lyrics\": \"l\", \"song_relationships\": [{\"type\": \"translation_of\", "
      "\"songs\": []}, {\"type\": \"translations\", \"songs\": [{\"id\": 1}]}]}]");
  imports(s, "a.json", HEADER "genius-4,Lost in Translation,Genius Cru,,,,lyrics/genius-4.txt,\n",
          problems);
  assert_imports(s, "genius", "a.json", keep,
                 HEADER "genius-1,A,Genius Traducciones al Espa\u00f1ol,,,,lyrics/genius-1.txt,\n"
                        "genius-2,B (English Translation),,,,,lyrics/genius-2.txt,\n"
                        "genius-3,C,,,,,lyrics/genius-3.txt,\n"
                        "genius-4,Lost in Translation,Genius Cru,,,,lyrics/genius-4.txt,\n",
                 none);
}

static void nothing_to_import(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_import_report report = {0};
  char expected[512];
  assert_int_equal(import(s, "none", &report, &err), HN_IO);
  snprintf(expected, sizeof expected,
           "%s/none: no such file or folder; expected a LyricsGenius JSON file or a folder of them",
           s->folder);
  assert_string_equal(err.message, expected);
  scratch_write(s, "d/x.txt", "");
  assert_int_equal(import(s, "d", &report, &err), HN_FORMAT);
  snprintf(expected, sizeof expected, "%s/d: no song found", s->folder);
  assert_string_equal(err.message, expected);
  scratch_write(s, "d/x.json", "{}");
  assert_int_equal(import(s, "d", &report, &err), HN_FORMAT);
  snprintf(expected, sizeof expected,
           "%s/d: no song found; the first problem: %s/d/x.json: song 1 (\"\") is no song (no "
           "title, no lyrics); left out",
           s->folder, s->folder);
  assert_string_equal(err.message, expected);
  assert_null(scratch_read(s, "out/manifest.csv"));
}

static void running_out_of_memory(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_import_report report = {0};
  scratch_write(s, "d/a.json",
                "{\"name\": \"Ann\", \"songs\": [{\"id\": 1, \"title\": \"A\", "
                "\"featured_artists\": [{\"name\": \"B\"}], \"lyrics\": \"l\"},"
                "{\"id\": 2, \"title\": \"B\"}]}");
  scratch_write(s, "d/b.json", "[{\"id\": 3, \"title\": \"C\", \"lyrics\": \"l\"}, {");
  assert_survives_no_memory(import(s, "d", &report, &err));
  assert_int_equal(report.n_tracks, 2);
  assert_int_equal(report.n_problems, 3);
  hn_import_report_free(&report);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(an_artist, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(other_shapes, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(a_bad_song_costs_that_song, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(a_broken_file_gives_its_whole_songs, scratch_make,
                                      scratch_remove),
      cmocka_unit_test_setup_teardown(translations_are_not_the_song, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(nothing_to_import, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(running_out_of_memory, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
