#include "corpora/manifest.h"

#include "check.h"
#include "scratch.h"

#include "corpora/manifest_writer.h"

#include <math.h>
#include <string.h>

static const hn_manifest_options skip = {.skip_errors = 1};

static hn_status parse(const char *csv, const hn_manifest_options *options, hn_manifest **m,
                       hn_error *err) {
  return hn_manifest_parse("m.csv", csv, strlen(csv), options, m, err);
}

/* The one problem of a manifest: refused as it is, and costing what it should with skip. */
static void one_problem(const char *csv, const char *text, size_t line, const char *column,
                        const char *value, int drops_track) {
  hn_error err;
  hn_manifest *m = NULL;
  char message[600];
  snprintf(message, sizeof message,
           "m.csv: 1 problem; correct it, or set on_error: skip to go on without what is "
           "wrong:\n  %s",
           text);
  assert_fails(parse(csv, NULL, &m, &err), HN_FORMAT, message);
  assert_null(m);
  assert_ok(parse(csv, &skip, &m, &err));
  assert_int_equal(hn_manifest_n_problems(m), 1);
  const hn_manifest_problem *problem = hn_manifest_problem_at(m, 0);
  assert_string_equal(problem->text, text);
  assert_int_equal(problem->line, line);
  if (column) {
    assert_string_equal(problem->column, column);
    assert_string_equal(problem->value, value);
  } else {
    assert_null(problem->column);
  }
  assert_int_equal(problem->drops_track, drops_track);
  assert_int_equal(hn_manifest_n_skipped(m), drops_track);
  hn_manifest_destroy(m);
}

static void a_whole_manifest(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_manifest *m = NULL;
  scratch_write(s, "lyrics/a.txt", "la");
  scratch_write(s, "audio/a.flac", "fLaC");
  const char *path = scratch_write(
      s, "manifest.csv",
      "track_id,title,artist,featured,album,kind,year,lat,lon,lyrics,audio,region,tempo\r\n"
      "a,\"Song, One\", Ann ,Bob;Cat,LP,song,1994,40.5,-74,lyrics/a.txt,audio/a.flac,West ,120\r\n"
      "b,Two (feat. Dee),Eve,,,,1999.0,,12,,,NA,\r\n"
      "c,nan,None,null,NULL,N/A,NaN,,,,,,-1e2\r\n");
  assert_ok(hn_manifest_read(path, NULL, &m, &err));
  assert_int_equal(hn_manifest_n_tracks(m), 3);
  assert_int_equal(hn_manifest_n_problems(m), 0);
  assert_int_equal(hn_manifest_n_columns(m), 13);
  assert_string_equal(hn_manifest_path(m), path);

  const hn_track *a = hn_manifest_track(m, 0);
  assert_string_equal(a->id, "a");
  assert_string_equal(a->title, "Song, One");
  assert_string_equal(a->artist, "Ann");
  assert_string_equal(a->album, "LP");
  assert_string_equal(a->kind, "song");
  assert_int_equal(a->n_featured, 2);
  assert_string_equal(a->featured[1], "Cat");
  assert_false(a->featured_from_title);
  assert_int_equal(a->year, 1994);
  assert_true(a->lat == 40.5 && a->lon == -74);
  assert_int_equal(a->line, 2);
  assert_string_equal(a->lyrics, scratch_path(s, "lyrics/a.txt"));
  assert_string_equal(a->audio, scratch_path(s, "audio/a.flac"));
  assert_null(a->spectrogram);

  const hn_track *b = hn_manifest_track(m, 1);
  assert_int_equal(b->n_featured, 1);
  assert_string_equal(b->featured[0], "Dee");
  assert_true(b->featured_from_title);
  assert_int_equal(b->year, 1999);
  assert_true(isnan(b->lat) && isnan(b->lon));

  const hn_track *c = hn_manifest_track(m, 2);
  assert_null(c->title);
  assert_null(c->artist);
  assert_null(c->album);
  assert_null(c->kind);
  assert_null(c->lyrics);
  assert_int_equal(c->n_featured, 0);
  assert_int_equal(c->year, HN_YEAR_MISSING);

  assert_int_equal(hn_manifest_find(m, "c"), 2);
  assert_int_equal(hn_manifest_find(m, "d"), (size_t)-1);
  assert_int_equal(hn_manifest_find(m, ""), (size_t)-1);

  size_t region = hn_manifest_find_column(m, "region");
  assert_string_equal(hn_manifest_column_name(m, region), "region");
  assert_string_equal(hn_manifest_cell(m, 0, region), "West");
  assert_null(hn_manifest_cell(m, 1, region));
  assert_int_equal(hn_manifest_find_column(m, "mood"), (size_t)-1);
  hn_manifest_destroy(m);
}

static void columns_as_labels_and_numbers(void **state) {
  (void)state;
  hn_error err;
  hn_manifest *m = NULL;
  hn_labels labels = {0};
  double numbers[3];
  assert_ok(parse("track_id,region,tempo\na,W,120\nb,NA,\nc,E,fast\n", NULL, &m, &err));
  assert_ok(hn_manifest_labels(m, "region", &labels, &err));
  assert_int_equal(labels.n_classes, 2);
  assert_int_equal(labels.values[0], 1);
  assert_int_equal(labels.values[1], HN_LABEL_MISSING);
  hn_labels_free(&labels);
  assert_survives_no_memory(hn_manifest_labels(m, "region", &labels, &err));
  hn_labels_free(&labels);
  assert_fails(hn_manifest_labels(m, "mood", &labels, &err), HN_INVALID,
               "m.csv has no column \"mood\" (its columns: track_id, region, tempo)");
  assert_fails(hn_manifest_numbers(m, "tempo", numbers, &err), HN_FORMAT,
               "m.csv:4: tempo: \"fast\" is not a number; correct the cell or leave it empty");
  hn_manifest_destroy(m);
  assert_ok(parse("track_id,tempo\na,120\nb,\nc,-1.5e1\n", NULL, &m, &err));
  assert_survives_no_memory(hn_manifest_numbers(m, "tempo", numbers, &err));
  assert_true(numbers[0] == 120 && isnan(numbers[1]) && numbers[2] == -15);
  hn_manifest_destroy(m);
}

static void missing_words_can_be_changed(void **state) {
  (void)state;
  hn_error err;
  hn_manifest *m = NULL;
  const char *words[] = {"-"};
  hn_manifest_options options = {.missing = words, .n_missing = 1};
  assert_ok(parse("track_id,region,x\na,-,\nb,NA,1\n", &options, &m, &err));
  assert_null(hn_manifest_cell(m, 0, 1));
  assert_null(hn_manifest_cell(m, 0, 2));
  assert_string_equal(hn_manifest_cell(m, 1, 1), "NA");
  hn_manifest_destroy(m);
}

static void every_problem_is_told(void **state) {
  (void)state;
  one_problem("track_id,x\na,1\nb,2\na,3\n",
              "m.csv:4: track_id: \"a\" is the id of line 2 too; give each track an id of its own",
              4, "track_id", "a", 1);
  one_problem("track_id,x\na,1\n,2\n",
              "m.csv:3: track_id: is missing; give the track an id of its own", 3, "track_id", "",
              1);
  one_problem("track_id,x\na,1\nNA,2\n",
              "m.csv:3: track_id: \"NA\" is missing; give the track an id of its own", 3,
              "track_id", "NA", 1);
  one_problem("track_id,x\na,1\nb\n",
              "m.csv:3: 1 cells where the header has 2; correct the row or remove it", 3, NULL,
              NULL, 1);
  one_problem("track_id,x\na,1\nb,\xff\n",
              "m.csv:3: text that is not UTF-8; correct the row or remove it", 3, NULL, NULL, 1);
  one_problem("track_id,year\na,19x4\n",
              "m.csv:2: year: \"19x4\" is not a year; write a whole number from 1000 to 2100, or "
              "leave the cell empty",
              2, "year", "19x4", 0);
  one_problem("track_id,lat,lon\na,north,1\n",
              "m.csv:2: lat: \"north\" is not a number; write degrees north from -90 to 90, or "
              "leave the cell empty",
              2, "lat", "north", 0);
  one_problem("track_id,lat,lon\na,-90.5,1\n",
              "m.csv:2: lat: \"-90.5\" is out of range; write degrees north from -90 to 90, or "
              "leave the cell empty",
              2, "lat", "-90.5", 0);
  one_problem("track_id,lat,lon\na,1,181\n",
              "m.csv:2: lon: \"181\" is out of range; write degrees east from -180 to 180, or "
              "leave the cell empty",
              2, "lon", "181", 0);
  one_problem("track_id,lyrics\na,no/such.txt\n",
              "m.csv:2: lyrics: \"no/such.txt\" leads nowhere (no file no/such.txt); write a path "
              "relative to the manifest, or leave the cell empty",
              2, "lyrics", "no/such.txt", 0);
  one_problem("track_id,audio\na,/tmp\n",
              "m.csv:2: audio: \"/tmp\" leads to a folder (/tmp); write a path relative to the "
              "manifest, or leave the cell empty",
              2, "audio", "/tmp", 0);
  one_problem(
      "track_id,spectrogram\na,x.npy\n",
      "m.csv:2: spectrogram: \"x.npy\" leads nowhere (no file x.npy); write a path relative "
      "to the manifest, or leave the cell empty",
      2, "spectrogram", "x.npy", 0);
}

static void odd_years_are_refused(void **state) {
  (void)state;
  static const char *const bad[] = {"999", "2101", "94",  "1994.5",     "+1994", "-1994",
                                    "1e3", "0",    "inf", "1994-05-01", "0x7ca"};
  hn_error err;
  hn_manifest *m = NULL;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char csv[64];
    snprintf(csv, sizeof csv, "track_id,year\na,%s\n", bad[i]);
    assert_ok(parse(csv, &skip, &m, &err));
    assert_int_equal(hn_manifest_n_problems(m), 1);
    assert_int_equal(hn_manifest_track(m, 0)->year, HN_YEAR_MISSING);
    assert_null(hn_manifest_cell(m, 0, 1));
    hn_manifest_destroy(m);
  }
}

static void many_problems_are_counted(void **state) {
  (void)state;
  hn_error err;
  hn_manifest *m = NULL;
  const char *csv = "track_id,year,lat,lon\n"
                    "a,1990,1,2\n"
                    "b,x,99,2\n"
                    "c\n"
                    "a,1990,,\n"
                    "d,1991,3,4\n";
  assert_fails(parse(csv, NULL, &m, &err), HN_FORMAT,
               "m.csv: 4 problems; correct them, or set on_error: skip to go on without what is "
               "wrong; the first three:\n"
               "  m.csv:3: lat: \"99\" is out of range; write degrees north from -90 to 90, or "
               "leave the cell empty\n"
               "  m.csv:3: year: \"x\" is not a year; write a whole number from 1000 to 2100, or "
               "leave the cell empty\n"
               "  m.csv:4: 1 cells where the header has 4; correct the row or remove it");
  assert_ok(parse(csv, &skip, &m, &err));
  assert_int_equal(hn_manifest_n_problems(m), 4);
  assert_int_equal(hn_manifest_n_skipped(m), 2);
  assert_int_equal(hn_manifest_n_tracks(m), 3);
  assert_string_equal(hn_manifest_track(m, 2)->id, "d");
  assert_true(hn_manifest_track(m, 2)->lat == 3);
  assert_string_equal(hn_manifest_cell(m, 2, 1), "1991");
  assert_int_equal(hn_manifest_find(m, "a"), 0);
  assert_int_equal(hn_manifest_find(m, "d"), 2);
  assert_true(isnan(hn_manifest_track(m, 1)->lon));
  hn_manifest_destroy(m);
}

static void what_no_reading_can_mend(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_manifest *m = NULL;
  assert_fails(parse("", &skip, &m, &err), HN_FORMAT,
               "m.csv: empty; a header row with column names is needed");
  assert_fails(parse("id,x\na,1\n", &skip, &m, &err), HN_FORMAT,
               "m.csv: no column track_id in the header; a manifest needs one id a track");
  assert_fails(parse("track_id,x,x\na,1,2\n", &skip, &m, &err), HN_FORMAT,
               "m.csv:1: two columns are called \"x\"");
  assert_fails(parse("track_id\n", &skip, &m, &err), HN_FORMAT,
               "m.csv: no track (rows: 0, left out as wrong: 0)");
  assert_fails(parse("track_id,x\na\n,1\n", &skip, &m, &err), HN_FORMAT,
               "m.csv: no track (rows: 2, left out as wrong: 2)");
  assert_int_equal(hn_manifest_read(scratch_path(s, "none.csv"), &skip, &m, &err), HN_IO);
  assert_null(m);
}

static void long_values_are_cut(void **state) {
  (void)state;
  hn_error err;
  hn_manifest *m = NULL;
  char csv[256] = "track_id,year\na,";
  for (int i = 0; i < 40; i++) strcat(csv, "é");
  strcat(csv, "\n");
  assert_ok(parse(csv, &skip, &m, &err));
  const char *text = hn_manifest_problem_at(m, 0)->text;
  assert_non_null(strstr(text, "é…\" is not a year"));
  assert_null(strstr(text, "\xc3\xe2"));
  hn_manifest_destroy(m);
}

static void running_out_of_memory(void **state) {
  (void)state;
  hn_error err;
  hn_manifest *m = NULL;
  assert_survives_no_memory(parse("track_id,title,artist,featured,year,lyrics\n"
                                  "a,One (feat. Bob), Ann ,,19x4,none.txt\n"
                                  "a,Two,Ann,Bob;Cat,1990,\n"
                                  "b,Three,Ann\n"
                                  "c,Four,Ann,,1990,\n",
                                  &skip, &m, &err));
  assert_int_equal(hn_manifest_n_problems(m), 4);
  hn_manifest_destroy(m);
  assert_survives_no_memory(parse("track_id,year\na,19x4\nb,1990\n", &skip, &m, &err));
  hn_manifest_destroy(m);
}

static void what_is_written_is_read(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_manifest *m = NULL;
  static const char *const columns[] = {"track_id", "title", "region"};
  static const char *const rows[][3] = {
      {"a", "He said \"no\", twice", "West"}, {"b", "two\nlines", NULL}, {"c", "ñ", "East"}};
  hn_status status = HN_NO_MEMORY;
  for (long n = 0; status != HN_OK; n++) {
    hn_manifest_writer writer;
    hn_memory_fail_after(n);
    hn_manifest_writer_init(&writer, columns, 3);
    for (size_t i = 0; i < 3; i++) hn_manifest_writer_add(&writer, rows[i]);
    status = hn_manifest_writer_save(&writer, scratch_path(s, "out.csv"), &err);
    hn_memory_fail_after(-1);
    hn_manifest_writer_free(&writer);
    assert_true(status == HN_OK || status == HN_NO_MEMORY);
  }
  char *text = scratch_read(s, "out.csv");
  assert_string_equal(text, "track_id,title,region\n"
                            "a,\"He said \"\"no\"\", twice\",West\n"
                            "b,\"two\nlines\",\n"
                            "c,ñ,East\n");
  free(text);
  assert_ok(hn_manifest_read(scratch_path(s, "out.csv"), NULL, &m, &err));
  assert_string_equal(hn_manifest_track(m, 1)->title, "two\nlines");
  assert_int_equal(hn_manifest_track(m, 2)->line, 5);
  assert_null(hn_manifest_cell(m, 1, 2));
  hn_manifest_destroy(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_whole_manifest, scratch_make, scratch_remove),
      cmocka_unit_test(columns_as_labels_and_numbers),
      cmocka_unit_test(missing_words_can_be_changed),
      cmocka_unit_test(every_problem_is_told),
      cmocka_unit_test(odd_years_are_refused),
      cmocka_unit_test(many_problems_are_counted),
      cmocka_unit_test_setup_teardown(what_no_reading_can_mend, scratch_make, scratch_remove),
      cmocka_unit_test(long_values_are_cut),
      cmocka_unit_test(running_out_of_memory),
      cmocka_unit_test_setup_teardown(what_is_written_is_read, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
