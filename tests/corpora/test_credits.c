#include "corpora/credits.h"

#include "check.h"

#include <string.h>

static hn_manifest *manifest(const char *csv) {
  hn_error err;
  hn_manifest *m = NULL;
  assert_ok(hn_manifest_parse("m.csv", csv, strlen(csv), NULL, &m, &err));
  return m;
}

static void artists_are_numbered_by_folded_names(void **state) {
  (void)state;
  hn_error err;
  hn_credits c = {0};
  hn_manifest *m = manifest("track_id,title,artist,featured\n"
                            "a,One,Nas,AZ;nas\n"
                            "b,Two (feat. NAS),az,\n"
                            "c,Three,,Nas\n"
                            "d,Four,,\n"
                            "e,Five,\u200bNAS,\n");
  assert_survives_no_memory(hn_manifest_credits(m, &c, &err));
  assert_int_equal(c.n_tracks, 5);
  assert_int_equal(c.n_artists, 2);
  assert_string_equal(c.names[0], "az");
  assert_string_equal(c.names[1], "nas");
  static const int32_t groups[] = {1, 0, 2, 3, 1};
  static const size_t starts[] = {0, 2, 4, 5, 5, 6};
  static const int32_t artists[] = {0, 1, 0, 1, 1, 1};
  assert_int_equal(c.n_groups, 4);
  assert_memory_equal(c.groups, groups, sizeof groups);
  assert_memory_equal(c.starts, starts, sizeof starts);
  assert_memory_equal(c.artists, artists, sizeof artists);
  hn_credits_free(&c);
  hn_manifest_destroy(m);
}

static void without_any_artist(void **state) {
  (void)state;
  hn_error err;
  hn_credits c = {0};
  hn_manifest *m = manifest("track_id\na\nb\n");
  assert_ok(hn_manifest_credits(m, &c, &err));
  assert_int_equal(c.n_artists, 0);
  assert_int_equal(c.n_groups, 2);
  assert_int_equal(c.groups[1], 1);
  assert_int_equal(c.starts[2], 0);
  hn_credits_free(&c);
  hn_credits_free(&c);
  hn_manifest_destroy(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(artists_are_numbered_by_folded_names),
      cmocka_unit_test(without_any_artist),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
