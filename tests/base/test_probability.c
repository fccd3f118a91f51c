#include "tests/support.h"

#include <math.h>

#include "base/labels.h"
#include "base/probability.h"

#define CORPUS HN_TEST_DIR "/corpus_probability/"

static hn_error err;

static void test_init(void **state) {
  (void)state;
  const char *const ids[] = {"t1", "t2"}, *const classes[] = {"East", "West"};
  hn_probability table;
  assert_ok(hn_probability_init(&table, 2, ids, 2, classes, &err));
  assert_string_equal(table.ids[1], "t2");
  assert_string_equal(table.classes[0], "East");
  assert_int_equal(table.fold[0], -1);
  assert_int_equal(table.truth[1], HN_LABEL_MISSING);
  assert_false(hn_probability_has(&table, 0));
  assert_int_equal(hn_probability_argmax(&table, 0), HN_LABEL_MISSING);
  table.p[2] = table.p[3] = 0.5f;
  assert_true(hn_probability_has(&table, 1));
  assert_int_equal(hn_probability_argmax(&table, 1), 0); /* a tie */
  table.p[3] = 0.6f;
  assert_int_equal(hn_probability_argmax(&table, 1), 1);
  hn_probability_free(&table);
  assert_survives_no_memory(hn_probability_init(&table, 2, ids, 2, classes, &err));
  hn_probability_free(&table);
  hn_probability_free(NULL);
}

static void test_read(void **state) {
  (void)state;
  hn_probability table;
  assert_ok(hn_probability_read(CORPUS "plain.csv", &table, &err));
  assert_int_equal(table.n_rows, 3);
  assert_int_equal(table.n_classes, 2);
  assert_string_equal(table.ids[2], "t3");
  assert_true(table.fold[0] == 0 && table.fold[1] == 1 && table.fold[2] == -1);
  assert_true(table.truth[0] == 0 && table.truth[1] == HN_LABEL_MISSING && table.truth[2] == 1);
  assert_true(table.p[0] == 0.75f && table.p[1] == 0.25f);
  assert_false(hn_probability_has(&table, 1));
  assert_int_equal(hn_probability_argmax(&table, 2), 1);
  hn_probability_free(&table);

  assert_ok(hn_probability_read(CORPUS "unsorted.csv", &table, &err));
  assert_string_equal(table.classes[0], "2");
  assert_string_equal(table.classes[2], "10");
  assert_int_equal(table.truth[0], 1);
  assert_true(table.p[0] == 0.25f && table.p[2] == 0.5f);
  hn_probability_free(&table);
}

static void test_refusals(void **state) {
  (void)state;
  static const struct {
    const char *path;
    hn_status status;
    const char *message;
  } cases[] = {
      {CORPUS "none.csv", HN_IO, "none.csv: cannot open"},
      {CORPUS "bad_columns.csv", HN_FORMAT, ":1: column 2 must be \"fold\""},
      {CORPUS "bad_no_class.csv", HN_FORMAT, ":1: no class columns"},
      {CORPUS "bad_truth.csv", HN_FORMAT, ":2: truth \"North\" is none of the 2"},
      {CORPUS "bad_fold.csv", HN_FORMAT, ":2: fold \"-1\""},
      {CORPUS "bad_range.csv", HN_FORMAT, ":2: column \"East\": \"1.5\""},
      {CORPUS "bad_word.csv", HN_FORMAT, ":2: column \"East\": \"nan\""},
      {CORPUS "bad_sum.csv", HN_FORMAT, ":2: the probabilities sum to 1.1"},
      {CORPUS "bad_part.csv", HN_FORMAT, ":2: 1 of 2 probabilities are empty"},
      {CORPUS "bad_id.csv", HN_FORMAT, ":2: track_id is empty"},
      {CORPUS "bad_twice.csv", HN_FORMAT, ":4: track_id \"t1\" stands in line 2 already"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hn_probability table = {.n_rows = 42};
    assert_fails(hn_probability_read(cases[i].path, &table, &err), cases[i].status,
                 cases[i].message);
    assert_int_equal(table.n_rows, 42);
  }
}

/* Probabilities come back bit for bit, ids and classes with their commas and quotes. */
static void test_write(void **state) {
  (void)state;
  enum { N = 50 };
  const char *const classes[] = {"a,b", "say \"hi\"", "é"};
  char names[N][16], *folder = make_scratch(), *path = hn_path_join(folder, "p.csv");
  const char *ids[N];
  hn_probability table, back;
  for (int i = 0; i < N; i++) {
    snprintf(names[i], sizeof names[i], "\"%d\",", i);
    ids[i] = names[i];
  }
  assert_ok(hn_probability_init(&table, N, ids, 3, classes, &err));
  for (size_t i = 0; i < N; i++) {
    float *p = table.p + 3 * i;
    table.fold[i] = (int32_t)i - 1;
    table.truth[i] = (int32_t)(i % 4) - 1;
    if (i % 5 == 0) continue;
    p[0] = 1 / (float)(i + 3);
    p[1] = p[0] * 1e-7f;
    p[2] = 1 - p[0] - p[1];
  }
  assert_ok(hn_probability_write(path, &table, &err));
  assert_ok(hn_probability_read(path, &back, &err));
  assert_int_equal(back.n_rows, N);
  for (size_t i = 0; i < N; i++) {
    assert_string_equal(back.ids[i], ids[i]);
    assert_int_equal(back.fold[i], table.fold[i]);
    assert_int_equal(back.truth[i], table.truth[i]);
    for (size_t k = 0; k < 3; k++) {
      float x = table.p[3 * i + k], y = back.p[3 * i + k];
      assert_true(x == y || (isnan(x) && isnan(y)));
    }
  }
  for (size_t k = 0; k < 3; k++) assert_string_equal(back.classes[k], classes[k]);
  hn_probability_free(&back);
  assert_survives_no_memory(hn_probability_write(path, &table, &err));
  assert_survives_no_memory(hn_probability_read(path, &back, &err));
  hn_probability_free(&back);
  hn_probability_free(&table);

  assert_ok(hn_probability_init(&table, 0, NULL, 3, classes, &err));
  assert_ok(hn_probability_write(path, &table, &err));
  assert_ok(hn_probability_read(path, &back, &err));
  assert_true(back.n_rows == 0 && back.n_classes == 3);
  hn_probability_free(&back);
  hn_probability_free(&table);
  hn_free(path);
  drop_scratch(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_init),
      cmocka_unit_test(test_read),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_write),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
