#include "corpora/detect.h"

#include "check.h"
#include "scratch.h"

#include <string.h>

static void formats_are_told_by_content(void **state) {
  (void)state;
  static const struct {
    const char *text;
    hn_corpus_format format;
  } cases[] = {
      {"track_id,title\na,b\n", HN_CORPUS_MANIFEST},
      {"title, track_id\r\n", HN_CORPUS_MANIFEST},
      {"\xEF\xBB\xBF\"title\",\"track_id\"", HN_CORPUS_MANIFEST},
      {"%a,b\n", HN_CORPUS_BAGS},
      {"# note\n%a,b\n", HN_CORPUS_BAGS},
      {"\n {\"id\": 1}\n", HN_CORPUS_JSON_LINES},
  };
  hn_error err;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hn_corpus_format format;
    assert_ok(hn_corpus_detect_bytes("f", cases[i].text, strlen(cases[i].text), &format, &err));
    assert_int_equal(format, cases[i].format);
  }
}

static void other_files_are_refused(void **state) {
  (void)state;
  static const char *const texts[] = {"", " \n", "id,title\n", "my_track_id\ntrack_id\n", "[1]"};
  hn_error err;
  hn_corpus_format format;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    assert_fails(hn_corpus_detect_bytes("f", texts[i], strlen(texts[i]), &format, &err),
                 HN_UNSUPPORTED,
                 "f is none of the corpus files that headnod reads: a manifest (CSV with a column "
                 "track_id), a bag of words (musiXmatch layout, with a line of words that begins "
                 "with %), JSON Lines (an object a line)");
}

static void files_and_gzip(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_corpus_format format;
  assert_ok(hn_corpus_detect(HN_SOURCE_DIR "/corpora/data/rapcast/bow.txt.gz", &format, &err));
  assert_int_equal(format, HN_CORPUS_BAGS);
  assert_ok(hn_corpus_detect(scratch_write(s, "x", "track_id\na\n"), &format, &err));
  assert_int_equal(format, HN_CORPUS_MANIFEST);
  assert_int_equal(hn_corpus_detect(scratch_path(s, "none"), &format, &err), HN_IO);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(formats_are_told_by_content),
      cmocka_unit_test(other_files_are_refused),
      cmocka_unit_test_setup_teardown(files_and_gzip, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
