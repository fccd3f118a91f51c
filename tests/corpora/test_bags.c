#include "corpora/bags.h"

#include "check.h"
#include "scratch.h"

#include <string.h>
#include <zlib.h>

static hn_status parse(const char *text, hn_bags *bags, hn_error *err) {
  return hn_bags_parse("b.txt", text, strlen(text), bags, err);
}

static void a_usual_file(void **state) {
  (void)state;
  hn_error err;
  hn_bags bags = {0};
  assert_survives_no_memory(parse("# made by hand\r\n%the,i,you\r\n"
                                  "TR1,3:2,1:6\r\n"
                                  "\r\n"
                                  "# between\r\n"
                                  "TR2,4623710,2:16777216\r\n"
                                  "TR3\r\n"
                                  "TR4,99",
                                  &bags, &err));
  assert_int_equal(bags.n_rows, 4);
  assert_int_equal(bags.n_terms, 3);
  assert_string_equal(bags.ids[1], "TR2");
  assert_string_equal(bags.terms[2], "you");
  static const int64_t indptr[] = {0, 2, 3, 3, 3};
  static const int32_t indices[] = {0, 2, 1};
  static const float values[] = {6, 2, 16777216};
  assert_memory_equal(bags.counts.indptr, indptr, sizeof indptr);
  assert_memory_equal(bags.counts.indices, indices, sizeof indices);
  assert_memory_equal(bags.counts.values, values, sizeof values);
  assert_ok(hn_csr_check(&bags.counts, &err));
  hn_bags_free(&bags);
  hn_bags_free(&bags);
}

static void a_vocabulary_alone(void **state) {
  (void)state;
  hn_error err;
  hn_bags bags = {0};
  assert_ok(parse("\xEF\xBB\xBF%a\n", &bags, &err));
  assert_int_equal(bags.n_rows, 0);
  assert_int_equal(bags.n_terms, 1);
  hn_bags_free(&bags);
}

static void every_error_is_told(void **state) {
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"", "b.txt: no vocabulary; expected a line of words that begins with %"},
      {"# only\n", "b.txt: no vocabulary; expected a line of words that begins with %"},
      {"TR1,1:1\n%a\n",
       "b.txt:1: a bag before the vocabulary; expected a line of words that begins with %"},
      {"%a\n%b\n", "b.txt:2: a second vocabulary; a file has one % line, before its first bag"},
      {"%\n", "b.txt:1: word 1 of the vocabulary is empty"},
      {"%a,,b\n", "b.txt:1: word 2 of the vocabulary is empty"},
      {"%a,b,a\n", "b.txt:1: words 1 and 3 of the vocabulary are both \"a\""},
      {"%a\n,1:1\n", "b.txt:2: a bag without a track id"},
      {"%a\nT,1:1\nU,1:1\nT,1:1\n",
       "b.txt:4: the id \"T\" stands in line 2 already; each track has one bag"},
      {"%a,b\nT,0:1\n", "b.txt:2: \"0\" is no word number; the vocabulary has words 1 to 2"},
      {"%a,b\n#\nT,1:1,3:1\n", "b.txt:3: \"3\" is no word number; the vocabulary has words 1 to 2"},
      {"%a,b\nT,x:1\n", "b.txt:2: \"x\" is no word number; the vocabulary has words 1 to 2"},
      {"%a,b\nT,99999999999999999999999:1\n",
       "b.txt:2: \"99999999999999999999999\" is no word number; the vocabulary has words 1 to 2"},
      {"%a,b\nT,-1:1\n", "b.txt:2: \"-1\" is no word number; the vocabulary has words 1 to 2"},
      {"%a,b\nT,1:0\n", "b.txt:2: \"0\" is no count; expected a whole number from 1 to 16777216"},
      {"%a,b\nT,1:-2\n", "b.txt:2: \"-2\" is no count; expected a whole number from 1 to 16777216"},
      {"%a,b\nT,1:1.5\n",
       "b.txt:2: \"1.5\" is no count; expected a whole number from 1 to 16777216"},
      {"%a,b\nT,1:16777217\n",
       "b.txt:2: \"16777217\" is no count; expected a whole number from 1 to 16777216"},
      {"%a,b\nT,1:\n", "b.txt:2: \"\" is no count; expected a whole number from 1 to 16777216"},
      {"%a,b\nT,1:1,\n", "b.txt:2: \"\" is no word:count pair"},
      {"%a,b\nT,17,18,1:1\n", "b.txt:2: \"18\" is no word:count pair"},
      {"%a,b\nT,2:1,1:1,2:1\n",
       "b.txt:2: word 2 stands twice in this bag; a bag names each word once"},
      {"%a\nT,1:1\nU\xff,1:1\n", "b.txt:3: the line is not UTF-8 text"},
  };
  hn_error err;
  hn_bags bags = {0};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_fails(parse(cases[i].text, &bags, &err), HN_FORMAT, cases[i].message);
    assert_null(bags.ids);
  }
  assert_fails(hn_bags_parse("b.txt", "%a\nT\0,1:1\n", 10, &bags, &err), HN_FORMAT,
               "b.txt:2: the line is not UTF-8 text");
  assert_survives_no_memory(parse("%a\nT,0:1\n", &bags, &err) == HN_FORMAT ? HN_OK : HN_NO_MEMORY);
}

static void plain_and_gzip_files(void **state) {
  scratch *s = *state;
  hn_error err;
  hn_bags bags = {0};
  const char *text = "%a,b\nT,2:1\n";
  assert_ok(hn_bags_read(scratch_write(s, "plain.txt", text), &bags, &err));
  assert_int_equal(bags.n_rows, 1);
  hn_bags_free(&bags);
  gzFile file = gzopen(scratch_path(s, "bags.txt.gz"), "wb");
  assert_int_equal(gzwrite(file, text, (unsigned)strlen(text)), strlen(text));
  gzclose(file);
  assert_ok(hn_bags_read(s->path, &bags, &err));
  assert_int_equal(bags.n_rows, 1);
  hn_bags_free(&bags);
  assert_int_equal(hn_bags_read(scratch_path(s, "none.txt"), &bags, &err), HN_IO);
}

static void bags_are_put_in_the_manifests_order(void **state) {
  (void)state;
  hn_error err;
  hn_bags bags = {0};
  hn_bags_alignment aligned = {0};
  hn_manifest *m = NULL;
  const char *csv = "track_id\nC\nX\nA\nE\n";
  assert_ok(hn_manifest_parse("m.csv", csv, strlen(csv), NULL, &m, &err));
  assert_ok(parse("%a,b,c\nA,1:1,3:2\nB,2:9\nC,2:5\nE\nF,1:1\n", &bags, &err));
  assert_survives_no_memory(hn_bags_align(&bags, m, &aligned, &err));
  static const int64_t indptr[] = {0, 1, 1, 3, 3};
  static const int32_t indices[] = {1, 0, 2};
  static const float values[] = {5, 1, 2};
  static const uint8_t has_bag[] = {1, 0, 1, 1};
  assert_int_equal(aligned.counts.n_rows, 4);
  assert_int_equal(aligned.counts.n_cols, 3);
  assert_memory_equal(aligned.counts.indptr, indptr, sizeof indptr);
  assert_memory_equal(aligned.counts.indices, indices, sizeof indices);
  assert_memory_equal(aligned.counts.values, values, sizeof values);
  assert_memory_equal(aligned.has_bag, has_bag, sizeof has_bag);
  assert_int_equal(aligned.n_without, 1);
  assert_int_equal(aligned.n_ignored, 2);
  hn_bags_alignment_free(&aligned);
  hn_bags_free(&bags);
  hn_manifest_destroy(m);
}

static void the_shipped_corpus(void **state) {
  (void)state;
  hn_error err;
  hn_bags bags = {0};
  hn_bags_alignment aligned = {0};
  hn_manifest *m = NULL;
  hn_labels region = {0};
  assert_ok(hn_manifest_read(HN_SOURCE_DIR "/corpora/data/rapcast/manifest.csv", NULL, &m, &err));
  assert_ok(hn_bags_read(HN_SOURCE_DIR "/corpora/data/rapcast/bow.txt.gz", &bags, &err));
  assert_ok(hn_bags_align(&bags, m, &aligned, &err));
  assert_ok(hn_manifest_labels(m, "region", &region, &err));
  assert_int_equal(hn_manifest_n_tracks(m), 4000);
  assert_int_equal(bags.n_rows, 4000);
  assert_int_equal(bags.n_terms, 5000);
  assert_int_equal(hn_csr_n_entries(&aligned.counts), 791619);
  assert_int_equal(aligned.n_without + aligned.n_ignored, 0);
  assert_int_equal(region.n_classes, 4);
  double words = 0;
  for (size_t k = 0; k < 791619; k++) words += aligned.counts.values[k];
  assert_true(words == 1994292);
  assert_ok(hn_csr_check(&aligned.counts, &err));
  hn_labels_free(&region);
  hn_bags_alignment_free(&aligned);
  hn_bags_free(&bags);
  hn_manifest_destroy(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_usual_file),
      cmocka_unit_test(a_vocabulary_alone),
      cmocka_unit_test(every_error_is_told),
      cmocka_unit_test_setup_teardown(plain_and_gzip_files, scratch_make, scratch_remove),
      cmocka_unit_test(bags_are_put_in_the_manifests_order),
      cmocka_unit_test(the_shipped_corpus),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
