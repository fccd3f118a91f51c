#include "tests/support.h"

#include "base/table.h"

#define CORPUS HN_TEST_DIR "/corpus_csv/"

static hn_error err;

/* The table's cells (rows by columns, row by row) and the line of each row. */
static void assert_table(const hn_table *t, size_t n_columns, const char *const *names,
                         size_t n_rows, const char *const *cells, const size_t *lines) {
  assert_int_equal(hn_table_n_columns(t), n_columns);
  assert_int_equal(hn_table_n_rows(t), n_rows);
  for (size_t j = 0; j < n_columns; j++) {
    assert_string_equal(hn_table_column_name(t, j), names[j]);
    assert_int_equal(hn_table_find(t, names[j]), j);
  }
  for (size_t i = 0; i < n_rows; i++) {
    assert_int_equal(hn_table_line(t, i), lines[i]);
    for (size_t j = 0; j < n_columns; j++)
      assert_string_equal(hn_table_cell(t, i, j), cells[i * n_columns + j]);
  }
}

#define TEXTS(...) ((const char *const[]){__VA_ARGS__})
#define LINES(...) ((const size_t[]){__VA_ARGS__})

static void test_good_files(void **state) {
  (void)state;
  static const struct {
    const char *path, *names[2];
    size_t n_rows;
    const char *cells[6];
    size_t lines[3];
  } cases[] = {
      {CORPUS "plain.csv", {"track_id", "title"}, 2, {"1", "One", "2", "Two"}, {2, 3}},
      {CORPUS "quotes.csv",
       {"a", "b"},
       3,
       {"x, y", "say \"hi\"", "line\r\nbreak", "z", " last ", " cell "},
       {2, 3, 6}},
      {CORPUS "old_mac.csv", {"a", "b"}, 2, {"1", "2", "3", "4"}, {2, 3}},
      {CORPUS "mark.csv", {"id", "Größe"}, 1, {"1", "中"}, {2}},
      {CORPUS "packed.csv.gz", {"a", "b"}, 1, {"1", "2"}, {2}},
      {CORPUS "header_only.csv", {"a", "b"}, 0, {NULL}, {0}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int strict = 0; strict < 2; strict++) {
      hn_table *t;
      assert_ok(hn_table_read(cases[i].path, strict, &t, &err));
      assert_table(t, 2, cases[i].names, cases[i].n_rows, cases[i].cells, cases[i].lines);
      assert_int_equal(hn_table_n_bad_rows(t), 0);
      assert_string_equal(hn_table_path(t), cases[i].path);
      assert_int_equal(hn_table_find(t, "none"), (size_t)-1);
      hn_table_destroy(t);
    }
}

static void test_bad_rows(void **state) {
  (void)state;
  static const char *const reasons[] = {
      "bad_rows.csv:3: 1 cells where the header has 2", "bad_rows.csv:4: 3 cells",
      "bad_rows.csv:5: a quote inside a cell", "bad_rows.csv:7: a quote inside a cell"};
  hn_table *t = NULL;
  assert_fails(hn_table_read(CORPUS "bad_rows.csv", 1, &t, &err), HN_FORMAT, reasons[0]);
  assert_null(t);
  assert_ok(hn_table_read(CORPUS "bad_rows.csv", 0, &t, &err));
  assert_table(t, 2, TEXTS("a", "b"), 3, TEXTS("1", "2", "8", "9", "k", "l"), LINES(2, 6, 9));
  assert_int_equal(hn_table_n_bad_rows(t), 4);
  for (size_t i = 0; i < 4; i++) assert_non_null(strstr(hn_table_bad_row_reason(t, i), reasons[i]));
  hn_table_destroy(t);

  assert_fails(hn_table_read(CORPUS "bad_bytes.csv", 1, &t, &err), HN_FORMAT, ":2: text that is");
  assert_ok(hn_table_read(CORPUS "bad_bytes.csv", 0, &t, &err));
  assert_table(t, 2, TEXTS("a", "b"), 1, TEXTS("3", "fine"), LINES(4));
  assert_non_null(strstr(hn_table_bad_row_reason(t, 1), "bad_bytes.csv:3: a zero byte"));
  hn_table_destroy(t);
}

static void test_bad_files(void **state) {
  (void)state;
  static const struct {
    const char *path;
    hn_status status;
    const char *message;
  } cases[] = {
      {CORPUS "none.csv", HN_IO, "none.csv: cannot open"},
      {CORPUS "bad_open.csv", HN_FORMAT, "bad_open.csv:3: a quote is opened and never closed"},
      {CORPUS "bad_twice.csv", HN_FORMAT, "bad_twice.csv:1: two columns are called \"a\""},
      {CORPUS "bad_unnamed.csv", HN_FORMAT, "bad_unnamed.csv:1: column 2 of the header"},
      {CORPUS "empty.csv", HN_FORMAT, "empty.csv: empty"},
      {CORPUS "blank.csv", HN_FORMAT, "blank.csv: empty"},
  };
  hn_table *t = NULL;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int strict = 0; strict < 2; strict++)
      assert_fails(hn_table_read(cases[i].path, strict, &t, &err), cases[i].status,
                   cases[i].message);
  assert_fails(hn_table_parse("x", "\"a\"b,c\n", 7, 0, &t, &err), HN_FORMAT, "x:1: a quote");
  assert_fails(hn_table_parse("x", "a\xff,c\n", 5, 0, &t, &err), HN_FORMAT, "x:1: text that");
  assert_null(t);
}

/* The line numbers hold over many bad rows of every kind of line end. */
static void test_lines_after_bad_quotes(void **state) {
  (void)state;
  static const char text[] = "a,b\r\n\"1\"x,2\r\n3,4\r\n\r\n\"5\n\n\"y,6\n7,8\n\"9\"z,1";
  hn_table *t;
  assert_ok(hn_table_parse("x", text, sizeof text - 1, 0, &t, &err));
  assert_table(t, 2, TEXTS("a", "b"), 2, TEXTS("3", "4", "7", "8"), LINES(3, 8));
  assert_int_equal(hn_table_n_bad_rows(t), 3);
  assert_memory_equal(hn_table_bad_row_reason(t, 0), "x:2:", 4);
  assert_memory_equal(hn_table_bad_row_reason(t, 1), "x:5:", 4);
  assert_memory_equal(hn_table_bad_row_reason(t, 2), "x:9:", 4);
  hn_table_destroy(t);
}

static void test_no_memory(void **state) {
  (void)state;
  static const char *const files[] = {CORPUS "quotes.csv", CORPUS "bad_rows.csv",
                                      CORPUS "packed.csv.gz"};
  for (size_t f = 0; f < 3; f++) {
    hn_table *t;
    assert_survives_no_memory(hn_table_read(files[f], 0, &t, &err));
    hn_table_destroy(t);
  }
  hn_table_destroy(NULL);
}

static void test_write_cells(void **state) {
  (void)state;
  static const char *const cells[] = {"plain", "", "a,b", "say \"hi\"", "two\nlines", " space "};
  hn_buffer out = {0};
  for (size_t i = 0; i < 6; i++) hn_csv_cell(&out, cells[i], i == 0);
  assert_string_equal(out.data, "plain,,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\", space ");
  hn_buffer_clear(&out);
  hn_csv_cell(&out, "", 1);
  assert_string_equal(out.data, "\"\"");
  hn_buffer_free(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_good_files), cmocka_unit_test(test_bad_rows),
      cmocka_unit_test(test_bad_files),  cmocka_unit_test(test_lines_after_bad_quotes),
      cmocka_unit_test(test_no_memory),  cmocka_unit_test(test_write_cells),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
