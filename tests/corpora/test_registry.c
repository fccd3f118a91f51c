/* What holds for every importer. */
#include "corpora/registry.h"

#include "check.h"
#include "scratch.h"

#include <string.h>
#include <unistd.h>

static void importers_have_names_of_their_own(void **state) {
  (void)state;
  hn_error err;
  assert_true(hn_importer_count() >= 2);
  for (size_t i = 0; i < hn_importer_count(); i++) {
    const hn_importer *found = NULL, *importer = hn_importer_at(i);
    assert_ok(hn_importer_find(importer->name, &found, &err));
    assert_ptr_equal(found, importer);
    assert_true(strlen(importer->help) > 20);
  }
}

static void an_unknown_name_lists_the_known(void **state) {
  (void)state;
  hn_error err;
  const hn_importer *found = NULL;
  assert_fails(hn_importer_find("napster", &found, &err), HN_INVALID,
               "\"napster\" is not a known source to import (known: genius, folders, table, lrc, "
               "ultrastar, jamendo, mxm)");
  assert_null(found);
}

static void defaults_are_allowed_values(void **state) {
  (void)state;
  hn_error err;
  for (size_t i = 0; i < hn_importer_count(); i++) {
    hn_options *options = NULL;
    assert_ok(hn_options_create(hn_importer_at(i)->options, &options, &err));
    assert_int_equal(hn_options_set(options, "no_such_option", "1", &err), HN_INVALID);
    hn_options_destroy(options);
  }
}

static void no_source_and_no_song_are_errors(void **state) {
  scratch *s = *state;
  hn_error err;
  char out[256], none[256];
  strcpy(out, scratch_path(s, "out"));
  strcpy(none, scratch_path(s, "none"));
  mkdir(scratch_path(s, "empty"), 0777);
  for (size_t i = 0; i < hn_importer_count(); i++) {
    hn_import_report report = {0};
    const hn_importer *importer = hn_importer_at(i);
    assert_int_equal(hn_import_run(importer, none, out, NULL, NULL, &report, &err), HN_IO);
    assert_non_null(strstr(err.message, none));
    assert_int_equal(
        hn_import_run(importer, scratch_path(s, "empty"), out, NULL, NULL, &report, &err),
        HN_FORMAT);
    assert_non_null(strstr(err.message, "/empty: no song found"));
    assert_int_not_equal(access(out, F_OK), 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(importers_have_names_of_their_own),
      cmocka_unit_test(an_unknown_name_lists_the_known),
      cmocka_unit_test(defaults_are_allowed_values),
      cmocka_unit_test_setup_teardown(no_source_and_no_song_are_errors, scratch_make,
                                      scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
