#include "importing.h"

static void csv_with_its_own_names(void **state) {
  scratch *s = *state;
  static const char *const settings[] = {"title",    "song",   "artist", "singer", "lyrics",
                                         "words",    "id",     "none",   "year",   "released",
                                         "featured", "guests", NULL};
  scratch_write(s, "t.csv",
                "song,singer,words,released,guests,mood\n"
                "One,Ann,\"la\nla\",1999,Bob; Cat,sad\n"
                "Two,Ann, ,2000,,glad\n"
                "Three,Ann,lo,19x9,,\n"
                "Four,Ann\n"
                "One,Ann,li,2001.0,,glad\n");
  static const char *const problems[] = {
      "$/t.csv:6: 2 cells where the header has 6; left out",
      "$/t.csv:4: the song has neither lyrics nor audio; left out",
      "$/t.csv:5: \"19x9\" is not a year; left empty", NULL};
  assert_imports(s, "table", "t.csv", settings,
                 "track_id,title,artist,featured,album,year,mood,lyrics,audio\n"
                 "Ann-One,One,Ann,Bob;Cat,,1999,sad,lyrics/Ann-One.txt,\n"
                 "Ann-Three,Three,Ann,,,,,lyrics/Ann-Three.txt,\n"
                 "Ann-One-2,One,Ann,,,2001,glad,lyrics/Ann-One-2.txt,\n",
                 problems);
  assert_file(s, "out/lyrics/Ann-One.txt", "la\nla");
}

static void json_lines(void **state) {
  scratch *s = *state;
  scratch_write(s, "t.jsonl",
                "{\"id\": 7, \"text\": \"la \\u00e9\", \"artist\": \"Ann\", \"tempo\": 92.5}\n\n"
                "{\"id\": \"b\", \"text\": \"lo\", \"featured\": [\"X\", \"Y\"], \"live\": true,"
                " \"deep\": {\"a\": 1}}\n"
                "{\"id\": \"c\", \"text\": null}\n"
                "[1]\n{\"id\": \"d\", \"te\n"
                "{\"id\": \"b\", \"text\": \"again\"}\n"
                "{\"text\": \"nameless\"}\n");
  static const char *const problems[] = {
      "$/t.jsonl:5: is not a JSON object; left out", "$/t.jsonl:6: is not a JSON object; left out",
      "$/t.jsonl:4: the song has neither lyrics nor audio; left out",
      "$/t.jsonl:7: the song has the id of an earlier row; left out", NULL};
  assert_imports(s, "table", "t.jsonl", NULL,
                 "track_id,title,artist,featured,album,year,tempo,live,deep,lyrics,audio\n"
                 "7,,Ann,,,,92.5,,,lyrics/7.txt,\n"
                 "b,,,X;Y,,,,true,,lyrics/b.txt,\n"
                 "row-5,,,,,,,,,lyrics/row-5.txt,\n",
                 problems);
  assert_file(s, "out/lyrics/7.txt", "la \u00e9");
}

static void paths_and_audio(void **state) {
  scratch *s = *state;
  char manifest[512];
  static const char *const problems[] = {
      "$/d/t.csv: the column \"lyrics\" is not used, and cannot be kept under a name that every "
      "manifest has; left out",
      NULL};
  static const char *const settings[] = {"lyrics", "none", NULL};
  scratch_write(s, "d/t.csv", "id,path,audio,lyrics\na,a.txt,a.mp3,x\n");
  scratch_write(s, "d/a.txt", "la");
  scratch_write(s, "d/a.mp3", "");
  snprintf(manifest, sizeof manifest,
           "track_id,title,artist,featured,album,year,lyrics,audio\n"
           "a,,,,,,lyrics/a.txt,%s/d/a.mp3\n",
           s->folder);
  assert_imports(s, "table", "d/t.csv", settings, manifest, problems);
}

static void files_that_are_not_there(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_import_report report = {0};
  scratch_write(s, "t.csv", "id,path,audio,text\na,none.txt,none.mp3,\nb,,,la\n");
  assert_ok(run_import(s, "table", "t.csv", NULL, &report, &err));
  assert_int_equal(report.n_tracks, 1);
  assert_int_equal(report.n_problems, 3);
  assert_non_null(strstr(report.problems[0], "none.txt"));
  assert_non_null(strstr(report.problems[1], "t.csv:2: audio: there is no file"));
  assert_non_null(strstr(report.problems[2], "t.csv:2: the song has neither"));
  hn_import_report_free(&report);
}

static void a_column_that_is_not_there(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_import_report report = {0};
  char expected[512];
  static const char *const settings[] = {"title", "name", NULL};
  scratch_write(s, "t.csv", "id,text\na,la\n");
  snprintf(expected, sizeof expected,
           "%s/t.csv: title: there is no column \"name\" (columns: id, text)", s->folder);
  assert_fails(run_import(s, "table", "t.csv", settings, &report, &err), HN_INVALID, expected);
  scratch_write(s, "t.csv", "{}\n");
  assert_int_equal(run_import(s, "table", "t.csv", NULL, &report, &err), HN_FORMAT);
}

static void running_out_of_memory(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_import_report report = {0};
  scratch_write(s, "t.jsonl",
                "{\"text\": \"la\", \"artist\": \"A\", \"featured\": [\"B\"], \"x\": 1}\n[]\n");
  assert_survives_no_memory(run_import(s, "table", "t.jsonl", NULL, &report, &err));
  assert_int_equal(report.n_tracks, 1);
  hn_import_report_free(&report);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(csv_with_its_own_names, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(json_lines, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(paths_and_audio, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(files_that_are_not_there, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(a_column_that_is_not_there, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(running_out_of_memory, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
