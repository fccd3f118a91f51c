#include "importing.h"

#define HEADER "track_id,title,artist,featured,album,year,genre,language,lyrics,audio\n"
static const char *const none[] = {NULL};

static void a_song(void **state) {
  scratch *s = *state;
  char manifest[512];
  scratch_write(s, "d/Ann - One/song.txt",
                "#TITLE:One\r\n#Artist: Ann\r\n#MP3:a.ogg\r\n#BPM:300,5\r\n#YEAR:1998\r\n"
                "#GENRE:Pop\r\n#LANGUAGE:English\r\n\r\n: 0 4 60 Hel\r\n* 4 4 62 lo\r\n"
                ": 8 2 60 ~ \r\nF 10 2 0 dear\r\n- 20 22\r\nR 24 1 0 wor\r\n: 25 1 0 ld\r\n"
                ": 26 1 0  you\r\nB 27 100\r\nE\r\n: 30 1 0 behind\r\n");
  scratch_write(s, "d/Ann - One/a.ogg", "");
  snprintf(manifest, sizeof manifest,
           HEADER "ultrastar-song,One,Ann,,,1998,Pop,English,lyrics/ultrastar-song.txt,%s/d/Ann - "
                  "One/a.ogg\n",
           s->folder);
  assert_imports(s, "ultrastar", "d", NULL, manifest, none);
  assert_file(s, "out/lyrics/ultrastar-song.txt", "Hello dear\nworld you\n");
}

static void duets_are_merged(void **state) {
  scratch *s = *state;
  scratch_write(s, "A - B.txt",
                "#MP3:none.mp3\nP1\n: 0 1 0 I \n- 2\n: 20 1 0 To\n: 21 1 0 gether\n- 30\n"
                "P 2\n: 10 1 0 You\n- 12\n: 20 1 0 To\n: 22 1 0 gether\n- 30\nE");
  assert_imports(s, "ultrastar", "A - B.txt", NULL,
                 HEADER "ultrastar-A-B,B,A,,,,,,lyrics/ultrastar-A-B.txt,\n", none);
  assert_file(s, "out/lyrics/ultrastar-A-B.txt", "I\nYou\nTogether\n");
}

/* Relative beats begin at 0 in each line; the order of the file must not be lost. */
static void relative_beats(void **state) {
  scratch *s = *state;
  scratch_write(s, "r.txt",
                "#TITLE:R\n#RELATIVE:YES\n: 5 1 0 one\n- 10 12\n: 0 1 0 two\n- 4 4\n"
                ": 0 1 0 three\nE\n");
  assert_imports(s, "ultrastar", "r.txt", NULL,
                 HEADER "ultrastar-r,R,,,,,,,lyrics/ultrastar-r.txt,\n", none);
  assert_file(s, "out/lyrics/ultrastar-r.txt", "one\ntwo\nthree\n");
}

static void encodings_are_named_in_the_file(void **state) {
  scratch *s = *state;
  static const char *const latin2[] = {"encoding", "CP1250", NULL};
  scratch_write(s, "d/a.txt", "#TITLE:A\n#ENCODING:CP1252\n: 0 1 0 caf\xE9\nE\n");
  scratch_write(s, "d/b.txt", "#TITLE:B\n#ENCODING:auto\n: 0 1 0 \xE8\nE\n");
  assert_imports(s, "ultrastar", "d", latin2,
                 HEADER "ultrastar-a,A,,,,,,,lyrics/ultrastar-a.txt,\n"
                        "ultrastar-b,B,,,,,,,lyrics/ultrastar-b.txt,\n",
                 none);
  assert_file(s, "out/lyrics/ultrastar-a.txt", "caf\u00e9\n");
  assert_file(s, "out/lyrics/ultrastar-b.txt", "\u010d\n");
}

static void a_wrong_file_costs_that_song(void **state) {
  scratch *s = *state;
  static const char *const problems[] = {
      "$/d/a.txt: #YEAR:19x8 is not a year; left empty",
      "$/d/b.txt:2: \": 4 x 60 la\" is no line of a song; expected \": beat length pitch text\" or "
      "\"- beat\"; left out",
      "$/d/c.txt: has no words; left out",
      "$/d/license.txt: is no UltraStar song (it does not begin with #); left out", NULL};
  scratch_write(s, "d/a.txt", "#TITLE:A\n#YEAR:19x8\n: 0 1 0 la\nE\n");
  scratch_write(s, "d/b.txt", "#TITLE:B\n: 4 x 60 la\nE\n");
  scratch_write(s, "d/c.txt", "#TITLE:C\n- 3\nE\n");
  scratch_write(s, "d/license.txt", "Do as you like\n");
  assert_imports(s, "ultrastar", "d", NULL, HEADER "ultrastar-a,A,,,,,,,lyrics/ultrastar-a.txt,\n",
                 problems);
}

static void running_out_of_memory(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_import_report report = {0};
  scratch_write(s, "d/a.txt", "#TITLE:A\n#MP3:a.mp3\n: 0 1 0 la\n- 2\n: 4 1 0 li\nE\n");
  scratch_write(s, "d/b.txt", "x");
  assert_survives_no_memory(run_import(s, "ultrastar", "d", NULL, &report, &err));
  assert_int_equal(report.n_tracks, 1);
  hn_import_report_free(&report);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_song, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(duets_are_merged, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(relative_beats, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(encodings_are_named_in_the_file, scratch_make,
                                      scratch_remove),
      cmocka_unit_test_setup_teardown(a_wrong_file_costs_that_song, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(running_out_of_memory, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
