#include "importing.h"

#define LIST "URL,Filepath,Artist,Title,Genre,LicenseType,Language,LyricOverlap\n"
#define HEADER "track_id,title,artist,featured,album,year,genre,language,license,url,lyrics,audio\n"

static void write_dataset(scratch *s) {
  scratch_write(s, "d/JamendoLyrics.csv",
                LIST "u1,A_-_One.mp3,A,One,Pop,BY,English,false\n"
                     "u2,B_-_Two.mp3,B,\"Two, too\",Rock,BY-SA,German,true\n"
                     "u3,C.mp3,C,Three,Pop,BY,French\n"
                     "u4,D.mp3,D,Four,Pop,BY,French,true\n"
                     "u5,../e.mp3,E,Five,Pop,BY,French,true\n");
  scratch_write(s, "d/lyrics/A_-_One.txt", "la\n");
  scratch_write(s, "d/lyrics/A_-_One.words.txt", "la\n");
  scratch_write(s, "d/mp3/A_-_One.mp3", "");
  scratch_write(s, "d/lyrics/B_-_Two.txt", "lo\n");
}

static void a_copy_with_faults(void **state) {
  scratch *s = *state;
  char manifest[512];
  static const char *const problems[] = {
      "$/d/JamendoLyrics.csv:4: 7 cells where the header has 8; left out",
      "$/d/lyrics/D.txt: is not there",
      "$/d/JamendoLyrics.csv:5: the song has neither lyrics nor audio; left out",
      "$/d/JamendoLyrics.csv:6: the song has no file name under Filepath; left out", NULL};
  write_dataset(s);
  snprintf(manifest, sizeof manifest,
           HEADER "jamendo-A_-_One,One,A,,,,Pop,English,BY,u1,lyrics/jamendo-A_-_One.txt,"
                  "%s/d/mp3/A_-_One.mp3\n"
                  "jamendo-B_-_Two,\"Two, too\",B,,,,Rock,German,BY-SA,u2,"
                  "lyrics/jamendo-B_-_Two.txt,\n",
           s->folder);
  assert_imports(s, "jamendo", "d", NULL, manifest, problems);
  assert_file(s, "out/lyrics/jamendo-A_-_One.txt", "la\n");
  assert_imports(s, "jamendo", "d/JamendoLyrics.csv", NULL, manifest, problems);
}

static void another_table(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_import_report report = {0};
  scratch_write(s, "d/JamendoLyrics.csv", "a,b\n1,2\n");
  assert_int_equal(run_import(s, "jamendo", "d", NULL, &report, &err), HN_FORMAT);
  assert_non_null(strstr(err.message, "has no column Filepath"));
}

static void running_out_of_memory(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_import_report report = {0};
  write_dataset(s);
  assert_survives_no_memory(run_import(s, "jamendo", "d", NULL, &report, &err));
  assert_int_equal(report.n_tracks, 2);
  hn_import_report_free(&report);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_copy_with_faults, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(another_table, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(running_out_of_memory, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
