#include "corpora/bags.h"

#include "importing.h"

#define HEADER "track_id,title,artist,featured,album,year,genre,lyrics,audio\n"

static void write_dataset(scratch *s) {
  scratch_write(s, "d/mxm_dataset_train.txt",
                "# a comment\n%i,the,you\nTRA,123,1:6,3:2\nTRB,124,2:1\nTRC,125,9:1\nTRD,126,1-2\n"
                "TRE,127,1:1,1:2\n");
  scratch_write(s, "d/mxm_dataset_test.txt", "%i,the,you\nTRF,128,3:1\nTRA,129,1:1\n");
  scratch_write(
      s, "d/unique_tracks.txt",
      "TRA<SEP>SOA<SEP>Ann<SEP>One, \"two\"\nTRB<SEP>SOB<SEP>Bob\nTRX<SEP>SOX<SEP>X<SEP>X\n"
      "TRF<SEP>SOF<SEP>\xE9<SEP>F\n");
  scratch_write(s, "d/mxm_779k_matches.txt",
                "# comment\nTRB<SEP>Bob<SEP>Two<SEP>124<SEP>Bob<SEP>Two (live)\n");
  scratch_write(s, "d/tracks_per_year.txt",
                "1999<SEP>TRA<SEP>Ann<SEP>One\n0<SEP>TRB<SEP>Bob<SEP>Two\n"
                "19x9<SEP>TRF<SEP>F<SEP>F\n");
  scratch_write(s, "d/msd_tagtraum_cd2c.cls", "# genres\nTRA\tRap\nTRB\tRock\n");
}

static void bags_and_their_metadata(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_bags bags = {0};
  static const char *const problems[] = {
      "$/d/mxm_dataset_train.txt:5: \"9\" is no word number; the vocabulary has words 1 to 3; left "
      "out",
      "$/d/mxm_dataset_train.txt:6: \"1-2\" is no word:count pair; left out",
      "$/d/mxm_dataset_train.txt:7: word 1 stands twice in this bag; a bag names each word once; "
      "left out",
      "$/d: a second bag of the track TRA; left out",
      "$/d/unique_tracks.txt:2: has too few fields; line left out",
      "$/d/unique_tracks.txt:4: is not UTF-8 text; line left out",
      "$/d/tracks_per_year.txt:3: \"19x9\" is not a year; left empty",
      NULL};
  write_dataset(s);
  assert_imports(s, "mxm", "d", NULL,
                 HEADER "TRA,\"One, \"\"two\"\"\",Ann,,,1999,Rap,,\n"
                        "TRB,Two,Bob,,,,Rock,,\nTRF,F,F,,,,,,\n",
                 problems);
  assert_file(s, "out/bags.txt", "%i,the,you\nTRA,1:6,3:2\nTRB,2:1\nTRF,3:1\n");
  assert_ok(hn_bags_read(scratch_path(s, "out/bags.txt"), &bags, &err));
  assert_int_equal(bags.n_rows, 3);
  hn_bags_free(&bags);
}

static void another_vocabulary(void **state) {
  scratch *s = *state;
  static const char *const problems[] = {
      "$/d/mxm_dataset_test.txt: has another vocabulary than the file before it; left out", NULL};
  scratch_write(s, "d/mxm_dataset_train.txt", "%i,the\nTRA,1:6\n");
  scratch_write(s, "d/mxm_dataset_test.txt", "%the,i\nTRB,1:6\n");
  assert_imports(s, "mxm", "d", NULL, HEADER "TRA,,,,,,,,\n", problems);
}

static void one_file_by_its_name(void **state) {
  scratch *s = *state;
  static const char *const none[] = {NULL};
  scratch_write(s, "d/own.txt", "%i,the\nTRA,1:6\n");
  scratch_write(s, "d/tracks_per_year.txt", "1999<SEP>TRA<SEP>Ann<SEP>One\n");
  assert_imports(s, "mxm", "d/own.txt", NULL, HEADER "TRA,One,Ann,,,1999,,,\n", none);
}

static void running_out_of_memory(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_import_report report = {0};
  write_dataset(s);
  assert_survives_no_memory(run_import(s, "mxm", "d", NULL, &report, &err));
  assert_int_equal(report.n_tracks, 3);
  hn_import_report_free(&report);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(bags_and_their_metadata, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(another_vocabulary, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(one_file_by_its_name, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(running_out_of_memory, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
