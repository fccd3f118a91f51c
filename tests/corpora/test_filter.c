#include "corpora/filter.h"

#include "check.h"
#include "scratch.h"

#include <string.h>

static hn_manifest *manifest(const char *csv) {
  hn_error err;
  hn_manifest *m = NULL;
  assert_ok(hn_manifest_parse("m.csv", csv, strlen(csv), NULL, &m, &err));
  return m;
}

/* Which tracks stay ('1') and why the others do not, each reason behind a '|'. */
static void filtered(const hn_manifest *m, const hn_filter_options *options, const char *keep,
                     const char *reasons) {
  hn_error err;
  hn_filter f = {0};
  char found[1024] = "";
  assert_survives_no_memory(hn_manifest_filter(m, options, &f, &err));
  size_t n_kept = 0;
  assert_int_equal(f.n_tracks, strlen(keep));
  for (size_t i = 0; i < f.n_tracks; i++) {
    assert_int_equal(f.keep[i], keep[i] - '0');
    n_kept += f.keep[i];
  }
  for (size_t i = 0; i < f.n_drops; i++) {
    assert_false(f.keep[f.drops[i].track]);
    strcat(strcat(found, "|"), f.drops[i].reason);
  }
  assert_string_equal(found, reasons);
  assert_int_equal(f.n_kept, n_kept);
  hn_filter_free(&f);
}

static void nothing_is_dropped_unasked(void **state) {
  (void)state;
  hn_manifest *m = manifest("track_id,title,artist\na,Intro (feat. Bob),Ann\nb,Skit,Bob\n");
  filtered(m, &(hn_filter_options){0}, "11", "");
  hn_manifest_destroy(m);
}

static void kinds_by_column_and_by_title(void **state) {
  (void)state;
  static const char *const kinds[] = {"intro", "skit"};
  hn_filter_options options = {.drop_kinds = kinds, .n_drop_kinds = 2};
  hn_manifest *m = manifest("track_id,title,kind\n"
                            "a,Album Intro,\n"
                            "b,Introduction,song\n"
                            "c,The Call,Skit\n"
                            "d,SKIT: the phone call,song\n"
                            "e,Outro,\n"
                            "f,,\n");
  filtered(m, &options, "010011",
           "|the title \"Album Intro\" has the word intro"
           "|the kind \"Skit\" has the word skit"
           "|the title \"SKIT: the phone call\" has the word skit");
  hn_manifest_destroy(m);
}

static void required_parts(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_manifest *m = NULL;
  scratch_write(s, "x.txt", "la");
  const char *path = scratch_write(s, "m.csv",
                                   "track_id,lyrics,audio,spectrogram,mood\n"
                                   "a,x.txt,x.txt,,glad\n"
                                   "b,,x.txt,,glad\n"
                                   "c,x.txt,,x.txt,glad\n"
                                   "d,x.txt,,,glad\n"
                                   "e,x.txt,x.txt,,NA\n");
  assert_ok(hn_manifest_read(path, NULL, &m, &err));
  static const char *const require[] = {"lyrics", "audio", "mood"};
  hn_filter_options options = {.require = require, .n_require = 3};
  filtered(m, &options, "10100", "|no lyrics|no audio|no mood");
  static const uint8_t has_bag[] = {0, 1, 0, 0, 0};
  options.has_bag = has_bag;
  filtered(m, &options, "11100", "|no audio|no mood");
  hn_manifest_destroy(m);
}

static const char guests_csv[] = "track_id,title,artist,featured,region\n"
                                 "a,One,Ann,,West\n"
                                 "b,Two,Bob,,East\n"
                                 "c,Three,Ann,Bob,West\n" /* an East guest */
                                 "d,Four,Ann,Zoe,West\n"  /* an unknown guest */
                                 "e,Five,Cat,ANN,West\n"  /* a guest of the same region */
                                 "f,Six,Bob,Zoe;Ann,NA\n" /* region from the lead's tracks */
                                 "g,Seven,Dee,Ann,\n"     /* no region to be had */
                                 "h,Eight,Eve,,West\n"    /* Eve leads in two regions */
                                 "i,Nine,Eve,,East\n"
                                 "j,Ten,Ann,Eve,West\n";

static void guests_and_regions(void **state) {
  (void)state;
  hn_manifest *m = manifest(guests_csv);
  filtered(m, &(hn_filter_options){.featured = HN_FEATURED_DROP}, "1100000110",
           "|features \"Bob\"|features \"Zoe\"|features \"ANN\"|features \"Zoe\"|features \"Ann\""
           "|features \"Eve\"");
  filtered(m, &(hn_filter_options){.featured = HN_FEATURED_DROP_OTHER_REGION}, "1101101111",
           "|features \"Bob\" of East, the track is of West"
           "|features \"Ann\" of West, the track is of East");
  hn_manifest_destroy(m);
}

static void most_of_a_leads_regions_count(void **state) {
  (void)state;
  hn_manifest *m = manifest("track_id,artist,featured,area\n"
                            "a,Ann,,N\nb,Ann,,S\nc,Ann,,S\nd,Bob,Ann,N\n");
  hn_filter_options options = {.featured = HN_FEATURED_DROP_OTHER_REGION, .region_column = "area"};
  filtered(m, &options, "1110", "|features \"Ann\" of S, the track is of N");
  hn_manifest_destroy(m);
}

static void guests_are_listed_for_the_cut(void **state) {
  (void)state;
  hn_error err;
  hn_filter f = {0};
  hn_manifest *m = manifest(guests_csv);
  hn_filter_options options = {.featured = HN_FEATURED_REMOVE_VERSES};
  assert_survives_no_memory(hn_manifest_filter(m, &options, &f, &err));
  assert_int_equal(f.n_kept, 10);
  assert_int_equal(f.n_guests, 7);
  assert_int_equal(f.guests[0].track, 2);
  assert_string_equal(f.guests[0].name, "Bob");
  assert_string_equal(f.guests[0].region, "East");
  assert_true(f.guests[0].other_region);
  assert_null(f.guests[1].region);
  assert_false(f.guests[1].other_region);
  assert_string_equal(f.guests[2].name, "ANN");
  assert_false(f.guests[2].other_region);
  assert_string_equal(f.guests[4].name, "Ann");
  assert_true(f.guests[4].other_region);
  hn_filter_free(&f);
  hn_filter_free(&f);
  hn_manifest_destroy(m);

  m = manifest("track_id,artist,featured\na,Ann,Bob\n");
  assert_survives_no_memory(hn_manifest_filter(m, &options, &f, &err));
  assert_int_equal(f.n_guests, 1);
  assert_null(f.guests[0].region);
  hn_filter_free(&f);
  hn_manifest_destroy(m);
}

static void only_guests_of_other_regions_are_listed(void **state) {
  (void)state;
  hn_error err;
  hn_filter f = {0};
  hn_manifest *m = manifest(guests_csv);
  hn_filter_options options = {.featured = HN_FEATURED_REMOVE_VERSES_OTHER_REGION};
  assert_ok(hn_manifest_filter(m, &options, &f, &err));
  assert_int_equal(f.n_kept, 10);
  assert_int_equal(f.n_guests, 2);
  assert_string_equal(f.guests[0].name, "Bob");
  assert_string_equal(f.guests[1].name, "Ann");
  assert_int_equal(f.featured, HN_FEATURED_REMOVE_VERSES_OTHER_REGION);
  hn_filter_free(&f);

  options.featured = HN_FEATURED_LEAD_ONLY;
  assert_ok(hn_manifest_filter(m, &options, &f, &err));
  assert_int_equal(f.n_kept, 10);
  assert_int_equal(f.n_guests, 0);
  hn_filter_free(&f);
  hn_manifest_destroy(m);
}

static void guests_are_described(void **state) {
  (void)state;
  hn_error err;
  static const char *const expected[] = {
      "none",         "none",           "other region", "unknown region", "same region",
      "other region", "unknown region", "none",         "none",           "unknown region"};
  const char *guests[10];
  hn_manifest *m = manifest(guests_csv);
  assert_survives_no_memory(hn_manifest_guests(m, guests, &err));
  for (size_t i = 0; i < 10; i++) assert_string_equal(guests[i], expected[i]);
  hn_manifest_destroy(m);

  m = manifest("track_id,artist,featured\na,Ann,Bob\nb,Bob,\n");
  assert_ok(hn_manifest_guests(m, guests, &err));
  assert_string_equal(guests[0], "unknown region");
  assert_string_equal(guests[1], "none");
  hn_manifest_destroy(m);
}

static void wrong_options_are_refused(void **state) {
  (void)state;
  hn_error err;
  hn_filter f = {0};
  hn_featured_policy policy;
  hn_manifest *m = manifest("track_id,title\na,One\n");
  static const char *const kinds[] = {"intro", "intros"};
  static const char *const require[] = {"lyrics", "mood"};
  assert_fails(
      hn_manifest_filter(m, &(hn_filter_options){.drop_kinds = kinds, .n_drop_kinds = 2}, &f, &err),
      HN_INVALID,
      "drop_kinds: \"intros\" is not allowed; expected intro, outro, interlude, skit or mixtape");
  assert_fails(
      hn_manifest_filter(m, &(hn_filter_options){.require = require, .n_require = 2}, &f, &err),
      HN_INVALID, "require: m.csv has no column \"mood\" (its columns: track_id, title)");
  assert_fails(
      hn_manifest_filter(m, &(hn_filter_options){.featured = HN_FEATURED_DROP_OTHER_REGION}, &f,
                         &err),
      HN_INVALID,
      "featured: drop-other-region: m.csv has no column \"region\" (its columns: track_id, title)");
  assert_null(f.keep);
  assert_ok(hn_featured_policy_parse("drop-other-region", &policy, &err));
  assert_int_equal(policy, HN_FEATURED_DROP_OTHER_REGION);
  assert_fails(hn_featured_policy_parse("remove", &policy, &err), HN_INVALID,
               "featured: \"remove\" is not allowed; expected keep, drop, lead-only, "
               "drop-other-region, remove-verses or remove-verses-other-region");
  hn_manifest_destroy(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_is_dropped_unasked),
      cmocka_unit_test(kinds_by_column_and_by_title),
      cmocka_unit_test_setup_teardown(required_parts, scratch_make, scratch_remove),
      cmocka_unit_test(guests_and_regions),
      cmocka_unit_test(most_of_a_leads_regions_count),
      cmocka_unit_test(guests_are_listed_for_the_cut),
      cmocka_unit_test(only_guests_of_other_regions_are_listed),
      cmocka_unit_test(guests_are_described),
      cmocka_unit_test(wrong_options_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
