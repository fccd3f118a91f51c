#include "importing.h"

#define HEADER "track_id,title,artist,featured,album,year,lyrics,audio\n"
static const char *const none[] = {NULL};

static void headers_and_audio(void **state) {
  scratch *s = *state;
  char manifest[512];
  scratch_write(s, "d/Ann - One.lrc",
                "\xEF\xBB\xBF[ti:The One]\r\n[ar: Ann B.]\r\n[al:LP]\r\n[by:x]\r\n\r\n"
                "[00:10.00]One\r\n");
  scratch_write(s, "d/Ann - One.mp3", "");
  snprintf(manifest, sizeof manifest,
           HEADER "lrc-Ann-One,The One,Ann B.,,LP,,lyrics/lrc-Ann-One.txt,%s/d/Ann - One.mp3\n",
           s->folder);
  assert_imports(s, "lrc", "d", NULL, manifest, none);
  assert_file(s, "out/lyrics/lrc-Ann-One.txt", "One\n");
}

static void lines_come_in_the_order_of_their_times(void **state) {
  scratch *s = *state;
  scratch_write(s, "02 - Ann - One.lrc",
                "[offset:+100]\n[00:10.00]One\n[00:30.00][00:20.5]Again, again\n"
                "[00:25.00]Two <00:26.00> three<00:27.00> four\n[00:40.00]\n[00:41.00]\n"
                "[ 00:45.00 ] [Chorus]\n[00:46.00]M: he: so\n");
  assert_imports(s, "lrc", "02 - Ann - One.lrc", NULL,
                 HEADER "lrc-02-Ann-One,One,Ann,,,,lyrics/lrc-02-Ann-One.txt,\n", none);
  assert_file(s, "out/lyrics/lrc-02-Ann-One.txt",
              "One\nAgain, again\nTwo three four\nAgain, again\n\n[Chorus]\nhe: so\n");
}

/* Times that a program wrapped onto lines of their own, and a text without any time. */
static void wrapped_and_untimed_lines(void **state) {
  scratch *s = *state;
  scratch_write(s, "d/a.lrc", "[00:01.00]\nOne\nmore\n[00:05.00][00:02.00]\nTwo\n");
  scratch_write(s, "d/b.LRC", "Just a\ntext\n");
  assert_imports(s, "lrc", "d", NULL,
                 HEADER "lrc-a,a,,,,,lyrics/lrc-a.txt,\nlrc-b,b,,,,,lyrics/lrc-b.txt,\n", none);
  assert_file(s, "out/lyrics/lrc-a.txt", "One\nmore\nTwo\nTwo\n");
  assert_file(s, "out/lyrics/lrc-b.txt", "Just a\ntext\n");
}

static void a_wrong_file_costs_that_song(void **state) {
  scratch *s = *state;
  static const char *const problems[] = {
      "$/d/a.lrc:2: [00:1x.50] is no time; expected [minutes:seconds.hundredths]; the line keeps "
      "the time before it",
      "$/d/b.lrc: has no line of lyrics; left out",
      "$/d/b2.lrc: has no line of lyrics; left out",
      "$/d/c.lrc: the lyrics are empty; left out",
      "$/d/d.lrc: the lyrics are not UTF-8 text (byte 14); left out: convert them, for example "
      "with iconv -f latin1 -t utf-8",
      NULL};
  scratch_write(s, "d/a.lrc", "[00:10.00]One\n[00:1x.50]Two\n[00:12.00]Three\n");
  scratch_write(s, "d/b.lrc", "[ti:B]\n[00:01.00]\n");
  scratch_write(s, "d/b2.lrc", "[ti:B]\n");
  scratch_write(s, "d/c.lrc", " \n");
  scratch_write(s, "d/d.lrc", "[00:01.00]caf\xE9\n");
  scratch_write(s, "d/e.txt", "no LRC\n");
  assert_imports(s, "lrc", "d", NULL, HEADER "lrc-a,a,,,,,lyrics/lrc-a.txt,\n", problems);
  assert_file(s, "out/lyrics/lrc-a.txt", "One\nTwo\nThree\n");
}

static void other_encodings(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_import_report report = {0};
  static const char *const latin[] = {"encoding", "CP1252", NULL};
  static const char *const unknown[] = {"encoding", "klingon", NULL};
  static const char *const problems[] = {"$/d/c.lrc: the lyrics are not UTF-16 text; left out",
                                         NULL};
  scratch_write(s, "d/a.lrc", "[00:01.00]caf\xE9 \x93x\x94\n");
  scratch_write_bytes(s, "d/b.lrc", "\xFF\xFE\xE9\0t\0\xE9\0", 8);
  scratch_write_bytes(s, "d/c.lrc", "\xFF\xFE\xE9", 3);
  assert_imports(s, "lrc", "d", latin,
                 HEADER "lrc-a,a,,,,,lyrics/lrc-a.txt,\nlrc-b,b,,,,,lyrics/lrc-b.txt,\n", problems);
  assert_file(s, "out/lyrics/lrc-a.txt", "caf\u00e9 \u201cx\u201d\n");
  assert_file(s, "out/lyrics/lrc-b.txt", "\u00e9t\u00e9\n");
  assert_fails(run_import(s, "lrc", "d", unknown, &report, &err), HN_INVALID,
               "encoding: \"klingon\" is not known to iconv; \"iconv -l\" lists what is");
}

static void running_out_of_memory(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_import_report report = {0};
  scratch_write(s, "d/a.lrc", "[ti:A]\n[00:1x.00]x\n[00:02.00][00:01.00]a\n");
  scratch_write(s, "d/a.mp3", "");
  assert_survives_no_memory(run_import(s, "lrc", "d", NULL, &report, &err));
  assert_int_equal(report.n_audio, 1);
  hn_import_report_free(&report);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(headers_and_audio, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(lines_come_in_the_order_of_their_times, scratch_make,
                                      scratch_remove),
      cmocka_unit_test_setup_teardown(wrapped_and_untimed_lines, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(a_wrong_file_costs_that_song, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(other_encodings, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(running_out_of_memory, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
