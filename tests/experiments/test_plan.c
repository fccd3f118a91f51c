/* The roles of songs in folds: nobody who is tested is learned from. */
#include "experiments/plan.h"

#include "tests/experiments/corpus.h"

static hn_error err;
static char *scratch;

#define FUSION                                                                                     \
  "models: {lyrics: {features: tfidf, classifier: forest},\n"                                      \
  "         more: {features: tfidf, classifier: logistic}}\n"                                      \
  "fusion: {of: [lyrics, more], validation_fraction: 0.4}\n"

static hn_study *study;
static hn_songs songs;

static hn_plan make_plan(const char *more) {
  hn_plan plan = {0};
  char text[1000];
  snprintf(text, sizeof text, "name: s\ntarget: region\ncorpus: {manifest: m.csv}\n" FUSION "%s",
           more);
  assert_ok(hn_study_parse("s.yaml", text, strlen(text), NULL, 0, &study, &err));
  assert_ok(hn_songs_load(study, scratch, NULL, &songs, &err));
  assert_ok(hn_plan_make(study, &songs, &plan, &err));
  return plan;
}

static void drop_plan(hn_plan *plan) {
  hn_plan_free(plan);
  hn_songs_free(&songs);
  hn_study_destroy(study);
}

static int share_an_artist(size_t a, size_t b) {
  for (size_t i = songs.credit_starts[a]; i < songs.credit_starts[a + 1]; i++)
    for (size_t j = songs.credit_starts[b]; j < songs.credit_starts[b + 1]; j++)
      if (songs.credits[i] == songs.credits[j]) return 1;
  return 0;
}

static void test_artist_disjoint(void **state) {
  (void)state;
  hn_plan plan = make_plan("split: {folds: 2}\n");
  size_t n_roles[HN_ROLE_UNLABELLED + 1] = {0};
  for (size_t f = 0; f < plan.n_folds; f++) {
    for (size_t a = 0; a < plan.n; a++) {
      hn_role role = hn_plan_role(&plan, f, a);
      n_roles[role]++;
      assert_int_equal(role == HN_ROLE_TEST, plan.fold[a] == (int32_t)f);
      if (role != HN_ROLE_TRAIN) continue;
      for (size_t b = 0; b < plan.n; b++) {
        hn_role other = hn_plan_role(&plan, f, b);
        if (other == HN_ROLE_TEST || other == HN_ROLE_VALIDATION)
          assert_false(share_an_artist(a, b));
      }
    }
  }
  assert_int_equal(n_roles[HN_ROLE_TEST], 11);
  assert_int_equal(n_roles[HN_ROLE_UNLABELLED], 2); /* t9 in both folds */
  assert_true(n_roles[HN_ROLE_TRAIN] > 0 && n_roles[HN_ROLE_VALIDATION] > 0);
  assert_true(json_is_false(json_object_get(plan.account, "leaks")));
  assert_int_equal(json_integer_value(json_object_get(plan.account, "tested_with_known_artist")),
                   0);
  assert_int_equal(json_integer_value(json_object_get(plan.account, "left_out")),
                   n_roles[HN_ROLE_LEFT_OUT]);
  drop_plan(&plan);
}

static void test_random_leaks(void **state) {
  (void)state;
  hn_plan plan = make_plan("split: {method: random, folds: 2}\n");
  assert_true(json_is_true(json_object_get(plan.account, "leaks")));
  assert_true(has_note(plan.account, "the split (random) leaks: "));
  drop_plan(&plan);
}

/* t4 has no year and no fold; the songs of the first block are never tested. */
static void test_time(void **state) {
  (void)state;
  hn_plan plan = make_plan("split: {method: time, folds: 2}\n");
  assert_int_equal(plan.fold[4], HN_FOLD_NONE);
  assert_false(hn_plan_has(&plan, 4));
  assert_int_equal(plan.fold[0], HN_FOLD_TRAIN_ONLY);
  assert_true(hn_plan_has(&plan, 0));
  for (size_t f = 0; f < 2; f++)
    for (size_t i = 0; i < plan.n; i++)
      for (size_t j = 0; j < i; j++)
        assert_false(hn_plan_role(&plan, f, i) == HN_ROLE_TRAIN &&
                     hn_plan_role(&plan, f, j) == HN_ROLE_TEST);
  assert_true(has_note(plan.account, "1 labelled tracks have no year"));
  assert_true(has_note(plan.account, "earliest tracks are learned from, but not tested"));
  drop_plan(&plan);
}

static void test_same_seed(void **state) {
  (void)state;
  hn_plan a = make_plan("split: {folds: 2}\n"), b = {0};
  assert_ok(hn_plan_make(study, &songs, &b, &err));
  assert_memory_equal(a.roles, b.roles, a.n * a.n_folds);
  hn_plan_free(&b);
  drop_plan(&a);
}

static hn_status plan_and_free(void) {
  hn_plan plan = {0};
  hn_status status = hn_plan_make(study, &songs, &plan, NULL);
  hn_plan_free(&plan);
  return status;
}

static void test_no_memory(void **state) {
  (void)state;
  hn_plan plan = make_plan("split: {method: random, folds: 2}\n");
  assert_survives_no_memory(plan_and_free());
  drop_plan(&plan);
}

static int begin(void **state) {
  (void)state;
  scratch = make_scratch();
  write_corpus(scratch);
  return 0;
}

static int end(void **state) {
  (void)state;
  drop_scratch(scratch);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_artist_disjoint),
                                     cmocka_unit_test(test_random_leaks),
                                     cmocka_unit_test(test_time), cmocka_unit_test(test_same_seed),
                                     cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, begin, end);
}
