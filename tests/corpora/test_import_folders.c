#include "corpora/registry.h"

#include "check.h"
#include "scratch.h"

#include <string.h>

static hn_status import(scratch *s, const char *out, const hn_options *options,
                        hn_import_report *report, hn_error *err) {
  const hn_importer *folders = NULL;
  char in[256], folder[256];
  strcpy(in, scratch_path(s, "in"));
  strcpy(folder, scratch_path(s, out));
  hn_status status = hn_importer_find("folders", &folders, err);
  if (status != HN_OK) return status;
  return hn_import_run(folders, in, folder, options, NULL, report, err);
}

/* text with every $ replaced by the folder; free it. */
static char *expand(const scratch *s, const char *text) {
  char *expanded = calloc(1, 4096), *to = expanded;
  for (; *text; text++)
    if (*text == '$')
      to = stpcpy(to, s->folder);
    else
      *to++ = *text;
  return expanded;
}

/* What an import gives: its manifest, and its problems, each with a line end behind. */
static void imports(scratch *s, const hn_options *options, const char *manifest,
                    const char *problems) {
  hn_error err;
  hn_import_report report = {0};
  char found[4096] = "";
  assert_ok(import(s, "out", options, &report, &err));
  for (size_t i = 0; i < report.n_problems; i++) strcat(strcat(found, report.problems[i]), "\n");
  char *expected = expand(s, problems);
  assert_string_equal(found, expected);
  free(expected);
  char *text = scratch_read(s, "out/manifest.csv");
  expected = expand(s, manifest);
  assert_string_equal(text, expected);
  free(expected);
  free(text);
  hn_import_report_free(&report);
}

static void audio_and_lyrics_pair_up(void **state) {
  scratch *s = *state;
  scratch_write(s, "in/rap/01 - Ann - One.mp3", "x");
  scratch_write(s, "in/rap/01 - Ann - One.txt", "\xEF\xBB\xBFla\n");
  scratch_write(s, "in/rap/Two.FLAC", "x");
  scratch_write(s, "in/rock n roll/Bob - Three, too.txt", "lo");
  scratch_write(s, "in/rock n roll/.DS_Store", "x");
  imports(s, NULL,
          "track_id,title,artist,featured,album,year,label,lyrics,audio\n"
          "rap-01-Ann-One,One,Ann,,,,rap,lyrics/rap-01-Ann-One.txt,$/in/rap/01 - Ann - One.mp3\n"
          "rap-Two,Two,,,,,rap,,$/in/rap/Two.FLAC\n"
          "rock-n-roll-Bob-Three-too,\"Three, too\",Bob,,,,rock n "
          "roll,lyrics/rock-n-roll-Bob-Three-too.txt,\n",
          "");
  char *lyrics = scratch_read(s, "out/lyrics/rap-01-Ann-One.txt");
  assert_string_equal(lyrics, "la\n");
  free(lyrics);

  hn_error err;
  hn_manifest *m = NULL;
  assert_ok(hn_manifest_read(scratch_path(s, "out/manifest.csv"), NULL, &m, &err));
  assert_int_equal(hn_manifest_n_tracks(m), 3);
  assert_non_null(hn_manifest_track(m, 0)->audio);
  hn_manifest_destroy(m);
}

static void options_name_the_column_and_the_files(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_options *options = NULL;
  const hn_importer *folders = NULL;
  scratch_write(s, "in/a/Ann - One.txt", "la");
  assert_ok(hn_importer_find("folders", &folders, &err));
  assert_ok(hn_options_create(folders->options, &options, &err));
  assert_ok(hn_options_set(options, "label", "genre", &err));
  assert_ok(hn_options_set(options, "names", "title", &err));
  imports(s, options,
          "track_id,title,artist,featured,album,year,genre,lyrics,audio\n"
          "a-Ann-One,Ann - One,,,,,a,lyrics/a-Ann-One.txt,\n",
          "");
  assert_ok(hn_options_set(options, "label", "title", &err));
  hn_import_report report = {0};
  assert_fails(import(s, "out", options, &report, &err), HN_INVALID,
               "a further column cannot be called \"title\": every manifest has one");
  hn_options_destroy(options);
}

static void wrong_files_cost_themselves(void **state) {
  scratch *s = *state;
  scratch_write(s, "in/loose.mp3", "x");
  scratch_write(s, "in/a/cover.jpg", "x");
  scratch_write(s, "in/a/deep/x.mp3", "x");
  scratch_write(s, "in/a/latin.txt", "caf\xe9");
  scratch_write(s, "in/a/both.txt", "\xe9");
  scratch_write(s, "in/a/both.wav", "x");
  scratch_write(s, "in/a/both.mp3", "x");
  scratch_write(s, "in/a/blank.txt", " \n");
  scratch_write_bytes(s, "in/a/zero.txt", "a\0b", 3);
  scratch_write(s, "in/a/\xe9.mp3", "x");
  scratch_write(s, "in/empty/.hidden", "x");
  imports(s, NULL,
          "track_id,title,artist,featured,album,year,label,lyrics,audio\n"
          "a-both,both,,,,,a,,$/in/a/both.mp3\n",
          "$/in/a/cover.jpg: is neither audio nor .txt lyrics; left out\n"
          "$/in/a/deep: is a folder inside a label's folder; left out\n"
          "$/in/a/\xe9.mp3: has a name that is not UTF-8; left out\n"
          "$/in/a/blank.txt: the lyrics are empty; left out\n"
          "$/in/a/both.txt: the lyrics are not UTF-8 text (byte 1); left out: convert them, for "
          "example with iconv -f latin1 -t utf-8\n"
          "$/in/a/both.wav: another file of this name and kind was taken; left out\n"
          "$/in/a/latin.txt: the lyrics are not UTF-8 text (byte 4); left out: convert them, for "
          "example with iconv -f latin1 -t utf-8\n"
          "$/in/a/zero.txt: the lyrics are not UTF-8 text (byte 2); left out: convert them, for "
          "example with iconv -f latin1 -t utf-8\n"
          "$/in/empty: no audio and no lyrics in this folder\n"
          "$/in/loose.mp3: is in no label's folder; left out\n");
}

static void ids_are_safe_and_unique(void **state) {
  scratch *s = *state;
  char name[300] = "in/a/";
  for (int i = 0; i < 60; i++) strcat(name, "é");
  scratch_write(s, strcat(name, ".txt"), "la");
  scratch_write(s, "in/a/b c.txt", "la");
  scratch_write(s, "in/a/b_c.txt", "la");
  scratch_write(s, "in/a/b+c.txt", "la");
  scratch_write(s, "in/a/b-c.txt", "la");
  hn_error err;
  hn_import_report report = {0};
  hn_manifest *m = NULL;
  assert_ok(import(s, "out", NULL, &report, &err));
  assert_int_equal(report.n_tracks, 5);
  assert_int_equal(report.n_lyrics, 5);
  assert_int_equal(report.n_audio, 0);
  hn_import_report_free(&report);
  assert_ok(hn_manifest_read(scratch_path(s, "out/manifest.csv"), NULL, &m, &err));
  static const char *const ids[] = {"a-b-c", "a-b-c-2", "a-b-c-3", "a-b_c"};
  for (size_t i = 0; i < 4; i++) assert_string_equal(hn_manifest_track(m, i)->id, ids[i]);
  const char *cut = hn_manifest_track(m, 4)->id;
  assert_int_equal(strlen(cut), 99);
  assert_memory_equal(cut, "a-éé", 6);
  hn_manifest_destroy(m);
}

static void audio_below_the_output_is_relative(void **state) {
  scratch *s = *state;
  scratch_write(s, "in/a/One.wav", "x");
  hn_error err;
  hn_import_report report = {0};
  assert_ok(import(s, ".", NULL, &report, &err));
  hn_import_report_free(&report);
  char *text = scratch_read(s, "manifest.csv");
  assert_non_null(strstr(text, ",in/a/One.wav\n"));
  free(text);
}

static void an_output_inside_the_source_is_passed_over(void **state) {
  scratch *s = *state;
  scratch_write(s, "in/a/One.txt", "la");
  hn_error err;
  hn_import_report report = {0};
  for (int time = 0; time < 2; time++) {
    assert_ok(import(s, "in/out", NULL, &report, &err));
    assert_int_equal(report.n_tracks, 1);
    assert_int_equal(report.n_problems, 0);
    hn_import_report_free(&report);
  }
  assert_int_equal(import(s, "in", NULL, &report, &err), HN_INVALID);
  assert_non_null(strstr(err.message, ": the output folder is the folder to read; choose another"));
}

static void running_out_of_memory(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_import_report report = {0};
  scratch_write(s, "in/a/Ann - One.txt", "la");
  scratch_write(s, "in/a/Ann - One.mp3", "x");
  scratch_write(s, "in/a/x.jpg", "x");
  assert_survives_no_memory(import(s, "out", NULL, &report, &err));
  assert_int_equal(report.n_tracks, 1);
  hn_import_report_free(&report);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(audio_and_lyrics_pair_up, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(options_name_the_column_and_the_files, scratch_make,
                                      scratch_remove),
      cmocka_unit_test_setup_teardown(wrong_files_cost_themselves, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(ids_are_safe_and_unique, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(audio_below_the_output_is_relative, scratch_make,
                                      scratch_remove),
      cmocka_unit_test_setup_teardown(an_output_inside_the_source_is_passed_over, scratch_make,
                                      scratch_remove),
      cmocka_unit_test_setup_teardown(running_out_of_memory, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
