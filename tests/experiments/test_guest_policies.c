/* Policies for guests side by side: what the comparison says, and that nothing else makes a
 * difference. */
#include "experiments/guest_policies.h"

#include "base/json.h"
#include "base/threads.h"
#include "experiments/runner.h"

#include "tests/experiments/corpus.h"

static hn_error err;
static char *scratch;

#define SIMULATED                                                                                  \
  "name: g\nseed: 3\ntarget: region\nsplit: {folds: 2}\n"                                          \
  "corpus: {simulated: {seed: 1, n_artists: 6, n_songs: 8, duration: 1}}\n"                        \
  "models:\n"                                                                                      \
  "  lyrics: {features: tfidf, classifier: forest, n_estimators: 10}\n"                            \
  "  style: {features: style, n_estimators: 5}\n"                                                  \
  "slices: {guests: {column: guests}}\n"

static void run_into(const char *folder, const char *text, json_t **metrics_out) {
  hn_study *study = NULL;
  assert_ok(hn_study_parse("g.yaml", text, strlen(text), NULL, 0, &study, &err));
  assert_ok(hn_run_study(study, folder, NULL, NULL, metrics_out, NULL, &err));
  hn_study_destroy(study);
}

static void check_same_file(const char *a, const char *b) {
  char hash_a[33], hash_b[33];
  assert_ok(hn_hash_file(a, hash_a, &err));
  assert_ok(hn_hash_file(b, hash_b, &err));
  if (strcmp(hash_a, hash_b) != 0) fail_msg("%s and %s differ", a, b);
}

static const char *text_of(const json_t *object, const char *key) {
  return json_string_value(json_object_get(object, key));
}

static double number_of(const json_t *object, const char *key) {
  return json_number_value(json_object_get(object, key));
}

static const json_t *find_row(const json_t *guests, const char *model, const char *policy,
                              const char *songs) {
  size_t i;
  json_t *row;
  json_array_foreach(json_object_get(guests, "rows"), i, row) {
    if (strcmp(text_of(row, "model"), model) == 0 && strcmp(text_of(row, "policy"), policy) == 0 &&
        strcmp(text_of(row, "songs"), songs) == 0)
      return row;
  }
  return NULL;
}

#define COMPARED SIMULATED "filters: {compare_featured: [drop, lead-only]}\n"

static void test_rows(void **state) {
  (void)state;
  json_t *metrics = NULL;
  run_into("whole", COMPARED, &metrics);
  const json_t *guests = json_object_get(metrics, "guests");
  assert_string_equal(text_of(guests, "baseline"), "keep");
  const json_t *policies = json_object_get(guests, "policies");
  assert_int_equal(json_array_size(policies), 3);
  assert_true(number_of(json_array_get(policies, 1), "songs_left_out") > 0);
  assert_true(number_of(json_array_get(policies, 2), "sections") > 0);
  assert_true(number_of(json_array_get(policies, 2), "songs_left_out") == 0);

  const json_t *all = find_row(guests, "lyrics", "lead-only", "all"),
               *with = find_row(guests, "lyrics", "lead-only", "with guests"),
               *without = find_row(guests, "lyrics", "lead-only", "without guests");
  const json_t *model = json_array_get(json_object_get(metrics, "models"), 0);
  assert_non_null(all);
  assert_non_null(with);
  assert_non_null(without);
  assert_true(number_of(all, "n") == number_of(model, "n"));
  assert_near(number_of(all, "baseline_accuracy"), number_of(model, "accuracy"), 1e-12);
  assert_near(number_of(all, "difference"),
              number_of(all, "accuracy") - number_of(all, "baseline_accuracy"), 1e-12);
  assert_true(number_of(with, "n") + number_of(without, "n") == number_of(all, "n"));
  assert_near(number_of(with, "n") * number_of(with, "accuracy") +
                  number_of(without, "n") * number_of(without, "accuracy"),
              number_of(all, "n") * number_of(all, "accuracy"), 1e-9);
  assert_true(number_of(all, "p_holm") >= number_of(all, "p_mcnemar"));

  /* Without guests' songs there is one part only: those that both policies have. */
  assert_non_null(find_row(guests, "style", "drop", "all"));
  assert_null(find_row(guests, "style", "drop", "with guests"));
  assert_null(find_row(guests, "style", "drop", "without guests"));
  const json_t *slice = json_array_get(json_object_get(metrics, "slices"), 0);
  assert_string_equal(text_of(json_array_get(json_object_get(slice, "values"), 0), "value"),
                      "none");
  json_decref(metrics);
}

static const char *const files[] = {"metrics.json", "predictions/lyrics.csv",
                                    "guests/lead-only/predictions/lyrics.csv",
                                    "guests/drop/predictions/style.csv"};

static void check_same_runs(const char *a, const char *b) {
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    char *of_a = hn_path_join(a, files[i]), *of_b = hn_path_join(b, files[i]);
    check_same_file(of_a, of_b);
    hn_free(of_a);
    hn_free(of_b);
  }
}

/* As after a kill while the last policy was trained. */
static void test_resume(void **state) {
  (void)state;
  run_into("cut", COMPARED, NULL);
  assert_int_equal(unlink("cut/guests/lead-only/folds/lyrics.fold1.safetensors"), 0);
  assert_int_equal(unlink("cut/guests/lead-only/predictions/lyrics.csv"), 0);
  assert_int_equal(unlink("cut/metrics.json"), 0);
  assert_ok(hn_file_write("cut/guests/lead-only/folds/x.tmp-1", "x", 1, &err));
  assert_ok(hn_run_resume("cut", NULL, NULL, NULL, &err));
  check_same_runs("whole", "cut");
  assert_false(hn_file_exists("cut/guests/lead-only/folds/x.tmp-1"));
}

static void test_threads(void **state) {
  (void)state;
  hn_threads_set(4);
  run_into("threads", COMPARED, NULL);
  hn_threads_set(0);
  check_same_runs("whole", "threads");
}

/* To compare policies changes nothing else of a run; and policies that cut the same sections, as
 * these two do in the simulated corpus, make no difference at all. */
static void test_nothing_else_differs(void **state) {
  (void)state;
  json_t *metrics = NULL;
  run_into("alone", SIMULATED, NULL);
  check_same_file("whole/predictions/lyrics.csv", "alone/predictions/lyrics.csv");
  run_into("equal", SIMULATED "filters: {featured: remove-verses, compare_featured: lead-only}\n",
           &metrics);
  check_same_file("equal/predictions/lyrics.csv", "equal/guests/lead-only/predictions/lyrics.csv");
  check_same_file("equal/predictions/style.csv", "equal/guests/lead-only/predictions/style.csv");
  const json_t *row = find_row(json_object_get(metrics, "guests"), "lyrics", "lead-only", "all");
  assert_true(number_of(row, "difference") == 0);
  assert_true(number_of(row, "p_bootstrap") == 1);
  json_decref(metrics);
}

/* Headings without performers, and too few songs with guests. */
static void test_notes(void **state) {
  (void)state;
  json_t *metrics = NULL;
  hn_study *study = read_corpus_study("split: {folds: 2}\n"
                                      "filters: {compare_featured: [lead-only, remove-verses]}\n");
  for (int i = 0; i < N_CORPUS_SONGS - 1; i++) {
    char name[32], text[64];
    snprintf(name, sizeof name, "t%d.txt", i);
    int n =
        snprintf(text, sizeof text, "[Verse 1%s]\nsome words of song %d\n", i == 2 ? ": D" : "", i);
    assert_ok(hn_file_write(name, text, (size_t)n, &err));
  }
  assert_ok(hn_run_study(study, "notes", NULL, NULL, &metrics, NULL, &err));
  const json_t *guests = json_object_get(metrics, "guests");
  assert_true(has_note(guests, "lyrics, lead-only, songs all: 9 are scored under both policies"));
  assert_null(find_row(guests, "lyrics", "lead-only", "all"));
  json_decref(metrics);

  assert_ok(hn_file_write("t2.txt", "plain\n", 6, &err));
  assert_ok(hn_run_study(study, "no-headings", NULL, NULL, &metrics, NULL, &err));
  guests = json_object_get(metrics, "guests");
  assert_true(has_note(guests, "remove-verses cuts nothing out of these lyrics"));
  assert_true(number_of(find_row(guests, "lyrics", "lead-only", "all"), "difference") == 0);
  json_decref(metrics);
  hn_study_destroy(study);
  write_corpus(scratch);
}

static void test_errors(void **state) {
  (void)state;
  static const char rows[] = "track_id,artist,featured,mood,lyrics\n"
                             "a,A,B,x,t0.txt\nb,B,,y,t1.txt\n";
  static const char text[] = "name: s\ntarget: mood\ncorpus: {manifest: moods.csv}\n"
                             "models: {lyrics: {features: tfidf, classifier: forest}}\n"
                             "filters: {compare_featured: [drop-other-region]}\n";
  hn_study *study = NULL;
  hn_songs songs = {0};
  hn_guest_policies guests = {0};
  assert_ok(hn_file_write("moods.csv", rows, strlen(rows), &err));
  assert_ok(hn_study_parse("s.yaml", text, strlen(text), NULL, 0, &study, &err));
  assert_ok(hn_songs_load(study, scratch, NULL, &songs, &err));
  assert_fails(hn_guest_policies_load(study, &songs, NULL, &guests, &err), HN_INVALID,
               "compare_featured: drop-other-region: featured: drop-other-region: moods.csv has no "
               "column \"region\"");
  assert_null(guests.policies);
  hn_songs_free(&songs);
  hn_study_destroy(study);
}

static hn_status load_and_free(const hn_study *study, const hn_songs *songs) {
  hn_guest_policies guests = {0};
  hn_status status = hn_guest_policies_load(study, songs, NULL, &guests, NULL);
  hn_guest_policies_free(&guests);
  return status;
}

static void test_no_memory(void **state) {
  (void)state;
  hn_study *study = read_corpus_study("filters: {compare_featured: [drop, lead-only]}\n");
  hn_songs songs = {0};
  assert_ok(hn_songs_load(study, scratch, NULL, &songs, &err));
  assert_survives_no_memory(load_and_free(study, &songs));
  hn_songs_free(&songs);
  hn_study_destroy(study);
}

static int begin(void **state) {
  (void)state;
  scratch = make_scratch();
  write_corpus(scratch);
  return setenv("XDG_CACHE_HOME", scratch, 1);
}

static int end(void **state) {
  (void)state;
  drop_scratch(scratch);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rows),     cmocka_unit_test(test_resume),
      cmocka_unit_test(test_threads),  cmocka_unit_test(test_nothing_else_differs),
      cmocka_unit_test(test_notes),    cmocka_unit_test(test_errors),
      cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, begin, end);
}
